"""The server's own errors end a session and are told in a line; faults of this program end the process."""

from __future__ import annotations

import pytest

from tests.stage.environment import dice
from tests.stage.stage import Stage
from tests.stage.upstream import event

SECRET = "l-secret"  # noqa: S105 -- stands for a lead in the server's text

RAISE = """
create or replace function public.trouble() returns trigger language plpgsql as $$
begin
    raise exception using errcode = '{state}', message = 'no block 7 of lead l-secret', detail = 'l-secret';
end $$;
create or replace trigger trouble before insert on salesplan.assignment execute function public.trouble();
"""
# By SQLSTATE, what is told.
LINES = {
    "58030": (
        "the server can't read or write its own files (58030): see its log, its disk, and programs that lock its files"
    ),
    "XX000": "the server finds its own data or program broken (XX000): see its log, and check its disk and its backups",
    "XX001": "the server finds its own data or program broken (XX001): see its log, and check its disk and its backups",
    "0A000": (
        "the server does not support a request (0A000); after a migration this passes by itself: else see its log"
    ),
    "55000": "an object in the database is not in the needed state (55000): see the server's log",
    "54000": "a limit of the server's program is exceeded (54000): see its log",
    "40003": "the server undoes transactions (40003): see its log",
    "25P02": "the server refuses the state of a transaction (25P02): see its log, and any pooler before it",
    "P0001": (
        "a function or trigger in the database refuses (P0001), and none of ours does: see the server's log, "
        "and `\\d salesplan.*` for triggers"
    ),
    "AB123": "the server refuses with AB123: its log says more",
}


async def execute(stage: Stage, statements: str) -> None:
    async with stage.database() as connection:
        await connection.execute(statements)


async def test_p34_whatever_the_server_refuses_with_ends_a_session_and_not_the_process(stage: Stage) -> None:
    """Also states that nobody has heard of. The server's text is told nowhere, and no record becomes a dead letter."""
    random = dice(341)
    (worker,) = await stage.start_ready(1)
    for state, line in LINES.items():
        await execute(stage, RAISE.format(state=state))
        await stage.send([event(random, "subscription", f"{state}-{number}") for number in range(20)])

        async def told(line: str = line) -> bool:
            return line in {said["why"] for said in worker.logged("postgres_refuses")}

        await stage.until(f"the worker tells of {state}", told)
        assert await worker.probe("/readyz") == 503
        await execute(stage, "drop trigger trouble on salesplan.assignment")
        await stage.until_handled()
    await stage.finish()
    assert SECRET not in worker.tail(10_000)
    assert await stage.number("select sum(dead_lettered) from salesplan.position") == 0


@pytest.mark.parametrize("state", ["42601", "42804"])
async def test_p34_a_statement_that_is_wrong_ends_the_process_in_a_line(stage: Stage, state: str) -> None:
    """No session would help. The line holds the error's type and the way it came, and none of its words."""
    (worker,) = await stage.start_ready(1)
    await execute(stage, RAISE.format(state=state))
    await stage.send([event(dice(342), "subscription", f"lead-{number}") for number in range(20)])
    assert await worker.ends() == 1
    (fault,) = worker.logged("fault_of_this_program")
    assert worker.tail(1).startswith("{")
    assert fault["exception"] in ("PostgresSyntaxError", "DatatypeMismatchError")
    assert any("ledger/transaction.py" in frame for frame in fault["way"])
    assert SECRET not in worker.tail(10_000)
