"""Which refusals of the database a record can be to blame for."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import asyncpg
import pytest

from tests.support.make import lead, paused, plan, poison
from tests.support.office import Office
from worker import postgres
from worker.failures import Fate, fate_of
from worker.intake.brake import Brake
from worker.ledger import read, transaction
from worker.postgres import NobodysFaultError
from worker.rules.batch import Wake
from worker.run.blame import suspect
from worker.run.health import Health
from worker.run.measurements import Measurements
from worker.run.pipeline import Pipeline
from worker.settings import Settings

AGAIN = "insert into salesplan.{0} select * from salesplan.{0}"
# What the tables hold are numbers, keys and words that the worker has made: by state and constraint.
OURS = {
    "(23505, assignment_pkey)": AGAIN.format("assignment"),
    "(23505, assignment_lead_id_plan_no_key)": "update salesplan.assignment set lead_id = 'lead-1', plan_no = 1",
    "(23505, waiting_lead_pkey)": AGAIN.format("waiting_lead"),
    "(23505, outbox_pkey)": AGAIN.format("outbox"),
    "(23514, plan_counter_waiting_check)": "update salesplan.plan_counter set waiting = -1",
    "(23514, assignment_plan_seq_check)": "update salesplan.assignment set plan_seq = 0 where plan_seq = 1",
    "(23502)": "update salesplan.assignment set manager_id = null",
    "(22003)": "update salesplan.plan_counter set waiting = waiting + 2147483648",
    "(2200H)": "select setval('salesplan.arrival', 9223372036854775807), nextval('salesplan.arrival')",
}
# What a value can bring about that the contract has let through.
RECORDS = {
    "22021": "select convert_from('\\xff', 'UTF8')",
    "22P05": "select jsonb '\"\\u0000\"' ->> 0",
    "22001": "create temporary table t (a varchar(2)); insert into t values ('lead')",
    "22008": "select timestamptz '2026-01-01' + interval '9999999 years'",
}

REFUSE = """
create function public.refuse() returns trigger language plpgsql as $$
begin
    raise exception using errcode = '22021', message = 'refused by the test';
end $$;
create trigger refuse before insert on salesplan.assignment
for each row when (new.lead_id = 'lead-5') execute function public.refuse();
"""


@pytest.fixture
async def office(office: Office) -> Office:
    """A batch has left its row in each table."""
    await office.edit(plan("alpha", "anna"), plan("closed", paused("anna")))
    await office.write(lead("lead-1", "alpha"), lead("lead-2", "alpha"), lead("lead-3", "closed"))
    return office


@pytest.mark.parametrize("violation", OURS)
async def test_no_record_is_to_blame_for_what_we_have_made(office: Office, violation: str) -> None:
    """It ends the worker with state and constraint, and never with the row."""
    error = await refused(office, OURS[violation])
    with pytest.raises(NobodysFaultError) as nobodys:
        suspect(error, await office.batch(lead("lead-4", "alpha")))
    assert violation in str(nobodys.value)
    assert "lead-" not in str(nobodys.value)
    assert (nobodys.value.__cause__, nobodys.value.__suppress_context__) == (None, True)


@pytest.mark.parametrize("state", RECORDS)
async def test_a_record_may_be_to_blame(office: Office, state: str) -> None:
    """Unless all records of the batch are dead letters already."""
    error = await refused(office, RECORDS[state])
    assert error.sqlstate == state
    batch = await office.batch(lead("lead-4", "alpha"), poison())
    assert suspect(error, batch) is batch
    for work in (Wake([]), await office.batch(poison())):
        with pytest.raises(NobodysFaultError):
            suspect(error, work)


# A statement of the batch's transaction, where it stands, and its text by mistake.
BUGS = {
    "too few arguments": (transaction, "READ_START", "select $1::int", asyncpg.InterfaceError),
    "too many arguments": (read, "FIND_ASSIGNED", "select 1", asyncpg.InterfaceError),
    "an argument that can't be encoded": (
        read,
        "FIND_ASSIGNED",
        "select 0, '' where $1::text is null and $2::int is null",
        asyncpg.DataError,
    ),
}


@pytest.mark.parametrize("bug", BUGS)
async def test_no_record_is_to_blame_for_a_wrong_call(
    office: Office, bug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error passes as it is, and nothing of the batch is written."""
    module, name, text, kind = BUGS[bug]
    batch = await office.batch(lead("lead-4", "alpha"), lead("lead-5", "alpha"))
    before = await office.everything()
    monkeypatch.setattr(module, name, text)
    with pytest.raises(kind) as raised:
        await pipeline(office)._write_work(batch)
    assert fate_of(raised.value) is Fate.BUG
    assert await office.everything() == before


async def test_one_record_is_to_blame_for_what_the_server_refuses(office: Office) -> None:
    await office.connection.execute(REFUSE)
    await pipeline(office)._write_work(await office.batch(*(lead(f"lead-{n}", "alpha") for n in (4, 5, 6, 7))))
    assert [given.lead_id for given in await office.given()] == ["lead-1", "lead-2", "lead-4", "lead-6", "lead-7"]
    assert await office.rows("select sum(assigned), sum(dead_lettered) from salesplan.position") == [(5, 1)]


def pipeline(office: Office) -> Pipeline:
    """The stage that writes, over the office's connection; what it has written is published by nobody."""
    settings = Settings()
    return Pipeline(
        settings=settings,
        intake=cast(Any, SimpleNamespace(generation=0, move=lambda _: None)),
        pool=cast(Any, None),
        book=cast(Any, office),
        ledger=office.ledger,
        slot=office.slot,
        publisher=cast(Any, None),
        brake=Brake(1000, 1.0, 1000),
        health=Health(),
        measurements=Measurements(settings),
    )


async def refused(office: Office, statement: str) -> postgres.RefusedError:
    with pytest.raises(postgres.REFUSED) as refusal:
        await office.connection.execute(statement)
    assert isinstance(refusal.value, postgres.REFUSED)
    return refusal.value
