"""The least rights on Kafka: with exactly these everything works, and without any one of them it is said which."""

from __future__ import annotations

from itertools import islice

from tests.security.grants import PRINCIPAL, grant, listed, revoke, servers
from tests.stage.environment import dice
from tests.stage.stage import Stage
from tests.stage.upstream import Event, events
from worker.cluster.rights import Job, Kind, Right, needed

SLOW = 5.0


async def test_with_exactly_the_rights_that_are_listed_a_worker_assigns_leads(
    guarded: Stage, by_password: dict[str, str]
) -> None:
    """Poison too; and the check finds nothing lacking."""
    await grant(servers(guarded), listed(guarded, Job.WORKER))
    guarded.start(**by_password)
    await guarded.send(islice(events(dice(1), 300), 600))
    found = await guarded.finish()
    assert sum(row["dead_lettered"] for row in found.positions) > 0
    assert (await guarded.command("acls", "check", **by_password)).code == 0
    result = await guarded.command("acls", "list", "--principal", PRINCIPAL)
    assert (result.code, result.out.splitlines()) == (0, listed(guarded, Job.WORKER))


async def test_without_any_right_all_are_named_at_once(guarded: Stage, by_password: dict[str, str]) -> None:
    """A worker waits for them, not ready, and goes on by itself when it has them."""
    rights = needed(guarded.settings, Job.WORKER)
    worker = guarded.start(**by_password)

    async def all_told() -> bool:
        told = {line["why"] for line in worker.logged("right_lacking")}
        return told >= {str(right) for right in rights if right.kind is Kind.TOPIC}

    await guarded.until("it is told what is lacking", all_told)
    assert await worker.probe("/readyz") != 200
    checked = await guarded.command("acls", "check", **by_password)
    assert checked.code == 1
    assert checked.out.splitlines() == list(map(str, rights))

    await guarded.send(islice(events(dice(2), 100), 200))
    await grant(servers(guarded), listed(guarded, Job.WORKER))
    await guarded.finish()


async def test_a_right_that_is_taken_away_is_named_and_nothing_is_lost(
    guarded: Stage, by_password: dict[str, str]
) -> None:
    """One of each kind after the other, of a worker at work. It goes on when it has the right again."""
    await grant(servers(guarded), listed(guarded, Job.WORKER))
    (worker,) = await guarded.start_ready(1, **by_password)
    story = events(dice(3), 1000)
    for right in one_of_each_kind(guarded):
        before = len(worker.logged("right_lacking"))
        await revoke(servers(guarded), [right.grant(PRINCIPAL)])
        poison = Event("order", b"{", poison=True)
        await guarded.send([poison, *islice(story, 100)])

        async def told(right: Right = right, before: int = before) -> bool:
            return any(line["why"] == str(right) for line in worker.logged("right_lacking")[before:])

        await guarded.until(f"it is told that {right}", told)
        await grant(servers(guarded), [right.grant(PRINCIPAL)])
        await guarded.until_handled()
        await guarded.until_published()
    assert b"Traceback" not in worker.log.read_bytes()
    await guarded.finish()


async def test_each_command_does_with_exactly_its_rights(guarded: Stage, by_password: dict[str, str]) -> None:
    """And says which topic it lacks a right on, where one is missing: it does not take it for empty."""
    await guarded.send(islice(events(dice(5), 100), 600))
    guarded.start()
    await guarded.finish()
    letters = f"dlq.{guarded.topics['order']}"
    commands: dict[Job, list[tuple[str, ...]]] = {
        Job.CREATE: [("topics", "check")],
        Job.AUDIT: [("verify",), ("offsets", "reset", "--to", "earliest", "--execute"), ("dlq", "list")],
        Job.REPLAY: [("dlq", "replay", "--execute", "--with-rejected")],
    }
    for job, lines in commands.items():
        rights = listed(guarded, job)
        await grant(servers(guarded), rights)
        for words in lines:
            result = await guarded.command(*words, **by_password)
            assert result.code == 0, (words, result)
        await revoke(servers(guarded), [right for right in rights if letters in right])
        result = await guarded.command(*lines[-1], **by_password)
        assert letters in result.out + result.err
        assert result.code == (1 if job is Job.CREATE else 75)
        await revoke(servers(guarded), rights)


async def test_a_topic_is_made_with_the_right_to_and_not_without(guarded: Stage, by_password: dict[str, str]) -> None:
    """The user asks for the rights on a topic that is missing."""
    topic = f"{guarded.topics['order']}-new"
    renamed = {**by_password, "SALESPLAN_TOPICS__ORDER": topic}
    result = await guarded.command("topics", "create", **renamed)
    assert result.code == 75
    assert "lacks a right on topic" in result.err
    listing = await guarded.command("acls", "list", "--for", Job.CREATE, "--principal", PRINCIPAL, **renamed)
    await grant(servers(guarded), listing.out.splitlines())
    result = await guarded.command("topics", "create", **renamed)
    assert (result.code, len(result.out.splitlines())) == (0, 2)


def one_of_each_kind(stage: Stage) -> list[Right]:
    """Whose lack shows by itself. That of DescribeConfigs shows when a session begins, as it does for the last."""
    order, output, group = stage.topics["order"], stage.settings.topics.lead_assigned, stage.settings.kafka.group_id
    return [
        Right("Read", Kind.TOPIC, order),
        Right("Write", Kind.TOPIC, output),
        Right("Read", Kind.TOPIC, output),
        Right("Write", Kind.TOPIC, f"dlq.{order}"),
        Right("Read", Kind.GROUP, group),
        Right("Read", Kind.GROUP, f"{group}-slot-", prefixed=True),
        Right("Write", Kind.TRANSACTIONAL_ID, f"{group}-slot-", prefixed=True),
    ]
