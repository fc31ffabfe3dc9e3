"""Where the worker itself refuses: single records, everything, or to go on at all."""

from __future__ import annotations

import dataclasses
from random import Random

from tests.stage.environment import dice
from tests.stage.stage import Stage
from tests.stage.upstream import Event, event

# Stands for whatever a database may refuse that the contract lets through.
REFUSE = """
create function public.refuse() returns trigger language plpgsql as $$
begin
    raise exception using errcode = '22000', message = 'refused by the test';
end $$;
create trigger refuse before insert on salesplan.assignment
for each row when (new.lead_id like 'odd-%') execute function public.refuse();
"""

# As after a cut-over by logical replication, here with nobody starting anew.
ARRIVALS_AGAIN = "select setval('salesplan.arrival', (select min(arrival) from salesplan.waiting_lead), false)"


def orders(random: Random, names: list[str]) -> list[Event]:
    return [event(random, "order", name, account_id="acme", offer_id="offer-1") for name in names]


async def test_p11_a_record_that_the_database_refuses_is_found_among_its_neighbours(stage: Stage) -> None:
    """The batch is halved until it stands alone; it becomes a dead letter, and all others are assigned."""
    async with stage.database() as connection:
        await connection.execute(REFUSE)
    good, odd = orders(dice(81), [f"good-{number}" for number in range(200)]), orders(dice(82), ["odd-1", "odd-2"])
    odd = [dataclasses.replace(refused, poison=True) for refused in odd]
    await stage.send([*good[:70], odd[0], *good[70:150], odd[1], *good[150:]])
    stage.start()
    found = await stage.finish()
    assert sum(row["assigned"] for row in found.positions) == 200
    reasons = [dict(letter.headers)["__dlq.errors.message"] or b"" for letter in found.letters]
    assert reasons == [b"value: refused by the database (22000); see its log"] * 2


async def test_p12_the_brake_stops_before_a_bad_deploy_empties_the_topic(stage: Stage) -> None:
    """Too many bad records in a row: nothing of the batch is written, not ready but alive, and it says so."""
    bad = [Event("order", b"{", b"lead", partition=0, poison=True) for _ in range(300)]
    await stage.send(bad)
    worker = stage.start()

    async def braked() -> bool:
        return bool(worker.logged("stopped_by_brake"))

    await stage.until("the brake has stopped the worker", braked)
    assert await worker.probe("/readyz") == 503
    assert await worker.probe("/livez") == 200
    assert await stage.handled() == 0
    await worker.stop()
    # A restart with what can read them, here with a brake that lets them pass, goes on from there.
    stage.start(SALESPLAN_BRAKE__CONSECUTIVE="1000")
    await stage.finish()


async def test_p12_the_brake_counts_what_the_database_refuses_too(stage: Stage) -> None:
    """A schema that refuses good records is a bad deploy, and no reason to empty the topic."""
    async with stage.database() as connection:
        await connection.execute(REFUSE)
    await stage.send(orders(dice(83), [f"odd-{number}" for number in range(100)]))
    worker = stage.start(SALESPLAN_BRAKE__CONSECUTIVE="10")

    async def braked() -> bool:
        return bool(worker.logged("stopped_by_brake"))

    await stage.until("the brake has stopped the worker", braked)
    await worker.stop()
    assert await stage.handled() < 10
    async with stage.database() as connection:
        await connection.execute("drop trigger refuse on salesplan.assignment")
        lost = await stage.handled()
    stage.start()
    await stage.until_handled()
    assert await stage.assigned() == 2 * (100 - lost)  # the offer is in two plans


async def test_p32_a_number_that_is_given_again_is_no_record_s_fault(stage: Stage) -> None:
    """A lead that waits has it. The worker ends before anything becomes a dead letter, and says why.

    A start finds that the next number is given as well.
    """
    (worker,) = await stage.start_ready(1)
    for name in ("first", "second"):
        await stage.send(waiting(name))
        await stage.until_handled()
    await stage.ask(ARRIVALS_AGAIN)
    await stage.send(waiting("third"))
    assert await worker.ends() == 1
    assert worker.tail(1) == (
        "Postgres: the database refuses a value that comes from no record (23505, waiting_lead_pkey); "
        "its log says more, and `salesplan verify` names rows that do not fit"
    )
    refusing = stage.start()
    assert await refusing.ends() == 78
    assert refusing.tail(1).startswith("Postgres: salesplan.arrival would give numbers a second time")
    await stage.ask(refusing.tail(1).partition("or as the owner: ")[2])
    stage.start()
    await stage.finish()
    assert await stage.ask("select from salesplan.position where dead_lettered > 0") == []
    rows = await stage.ask("select lead_id from salesplan.waiting_lead order by arrival")
    assert [row["lead_id"] for row in rows] == ["first", "second", "third"]


def waiting(name: str) -> list[Event]:
    """A lead of a plan in which nobody is active."""
    return [event(dice(84), "subscription", name, account_id="acme", lgt_id="bot-1")]
