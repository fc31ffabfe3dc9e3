"""Which refusals of the database a record can be to blame for."""

from __future__ import annotations

import asyncpg
import pytest

from tests.ledger.office import Office
from tests.make import lead, paused, plan, poison
from worker import postgres
from worker.ledger.blame import NobodysFaultError, suspect
from worker.rules.batch import Wake

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


async def test_what_the_client_can_not_encode_is_ours(office: Office) -> None:
    """It has the class and the state of the server's, and shows the value."""
    with pytest.raises(asyncpg.DataError) as encoding:
        await office.connection.execute("select $1::integer", "lead-1")
    assert encoding.value.sqlstate == "22000"
    assert not postgres.may_blame_a_record(encoding.value)


async def refused(office: Office, statement: str) -> postgres.RefusedError:
    with pytest.raises(postgres.REFUSED) as refusal:
        await office.connection.execute(statement)
    assert isinstance(refusal.value, postgres.REFUSED)
    return refusal.value
