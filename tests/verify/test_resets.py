"""The checker after `offsets reset`: records read twice, skipped, or of a topic that was made anew."""

from __future__ import annotations

from aiokafka.admin import AIOKafkaAdminClient

from tests.support.make import contact
from tests.support.shop import POISON, Shop, lead, order
from tests.verify.clone import reported
from worker import offsets
from worker.cluster.topics import create
from worker.kafka.admin import administration
from worker.offsets import End
from worker.verify import verify

PAST = "update salesplan.position_past set {} where topic = $1 and partition = 0"
NOW = PAST.replace("position_past", "position")


async def reset(shop: Shop, to: End, *topics: str) -> None:
    """Reset the position, as `salesplan offsets reset` does."""
    view = await offsets.read_state(shop.settings, shop.connection)
    moves = await offsets.plan_reset(shop.settings, view, to, topics or list(shop.settings.topics.inputs))
    await offsets.reset(shop.settings, shop.connection, view, moves, to=to, by="test")


async def broken(shop: Shop, statement: str, topic: str) -> set[str]:
    await shop.connection.execute(statement, topic)
    return reported(await verify(shop.settings))


async def test_records_read_twice_are_no_violation(shop: Shop) -> None:
    """Before anything was read again, half-way and after; each poison record has two dead letters then."""
    first = await verify(shop.settings)
    await reset(shop, End.EARLIEST)
    report = await verify(shop.settings)
    assert (report.violations, report.events) == ((), first.events)
    assert "read more than once" in report.notes[0]

    await shop.apply(MORE)
    await shop.read_on()
    assert (await verify(shop.settings)).violations == ()
    await shop.publish()
    await shop.write(lead("after"), order("after"), POISON)
    await shop.publish()
    report = await verify(shop.settings)
    assert report.violations == ()
    assert report.events == 2 * first.events + 3
    assert report.assignments > first.assignments + 2  # the new plan has leads of old records


MORE = """
account: acme
plans:
  - {id: more, name: More, conversion_percent: 1, average_sale: "1.00", managers: [anna],
     offers: {ordered: [offer], payment_failed: [], paid: []}}
"""


async def test_what_is_broken_after_a_reset_is_reported_all_the_same(shop: Shop) -> None:
    """In either reading."""
    topics = shop.settings.topics
    await reset(shop, End.EARLIEST)
    await shop.read_on()
    await shop.publish()
    await shop.write(lead("after"), lead("later"), POISON)
    assert (await verify(shop.settings)).violations == ()

    skipped = "skipped = skipped + {0}, already_assigned = already_assigned - {0}"
    past = await broken(shop, PAST.format(skipped.format(1)), topics.subscription)
    assert past == {"records"}
    assert await broken(shop, PAST.format(skipped.format(-1)), topics.subscription) == set()
    now = await broken(shop, NOW.format(skipped.format(1)), topics.subscription)
    assert now == {"records"}
    assert await broken(shop, NOW.format(skipped.format(-1)), topics.subscription) == set()
    assert await broken(
        shop, NOW.format("already_assigned = already_assigned + dead_lettered, dead_lettered = 0"), topics.order
    ) == {"input_outcomes"}


async def test_a_dead_letter_of_a_record_that_was_good_the_second_time_is_no_violation(shop: Shop) -> None:
    """A release that took it for poison was mended, and the positions were set back."""
    await shop.refuse(order("odd"), "ValueError")
    await shop.publish()
    assert reported(await verify(shop.settings)) == {"letter_origins", "input_outcomes", "lead_missing"}
    await reset(shop, End.EARLIEST)
    await shop.read_on()
    report = await verify(shop.settings)
    assert report.violations == ()
    assert await shop.connection.fetchval("select count(*) from salesplan.assignment where lead_id = 'odd'") == 1


async def test_records_that_a_reset_skipped_are_not_missed(shop: Shop) -> None:
    """They were never read."""
    topics = shop.settings.topics
    unread = [{"value": b"{", "partition": partition} for partition in range(2)]
    await shop.send(topics.subscription, *unread)
    await shop.send(topics.manager_contact, *unread)
    await reset(shop, End.LATEST)
    assert (await verify(shop.settings)).violations == ()
    await shop.send(topics.subscription, *unread)
    await shop.read_on()
    assert (await verify(shop.settings)).violations == ()


async def test_a_topic_made_anew_is_another_log(shop: Shop) -> None:
    """Its offsets mean other records; leads and dead letters of the old ones stay as they are."""
    topics = shop.settings.topics
    await shop.publish()
    admin = AIOKafkaAdminClient(bootstrap_servers=shop.settings.kafka.bootstrap_servers)
    await admin.start()
    await admin.delete_topics([topics.order, topics.subscription])
    await admin.close()
    async with administration(shop.settings.kafka) as ours:
        await create(ours, shop.settings)
    await reset(shop, End.EARLIEST, topics.order, topics.subscription)
    assert (await verify(shop.settings)).violations == ()
    await shop.write(order("n1"), order("n2"), lead("n3"), POISON, POISON, lead("n4", "nowhere"), contact("n1", "irma"))
    await shop.publish()
    report = await verify(shop.settings)
    assert report.violations == ()
    assert "in another log" in report.notes[-1]
    assert "records" in await broken(shop, NOW.format("skipped = 1, assigned = 0"), topics.order)
