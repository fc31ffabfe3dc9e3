"""Whoever has the password of a login of the console tries to see, or to change, what is not his.

With a password one can let in each person whose name one knows: the login speaks for all of them. So an attacker here
has been let in as anna, or as the head of acme, and wants boris' rows, or those of globex.
"""

from __future__ import annotations

import asyncpg
import pytest

from tests.db.entering import entered
from tests.support.make import plan
from tests.support.office import Office, spec
from worker.explain.explanation import explain
from worker.plans import store
from worker.plans.file import PlanFile
from worker.postgres import Connection

DENIED = asyncpg.InsufficientPrivilegeError
NOT_POSSIBLE = (
    asyncpg.FeatureNotSupportedError,
    asyncpg.GeneratedAlwaysError,
    asyncpg.ObjectNotInPrerequisiteStateError,
)
GLOBEX = "(select min(plan_no) from salesplan.plan where account_id = 'globex')"
TABLES = (
    *("assignment", "waiting_lead", "contact", "unmatched", "outbox", "position", "position_past", "slot"),
    *("manager_login", "person", "entry_secret", "erasure", "pruned", "plan_book", "alembic_version", "viewer"),
)
OTHERS_FUNCTIONS = (
    "salesplan.entry_seal('manager', 'acme', 'boris')",
    "salesplan.entry_seal('head', 'globex', null)",
    "salesplan.entered()",
    "salesplan.login_role()",
    "salesplan.own_assignments()",
)
BECOME = (
    "set role salesplan_reader",
    "set role salesplan_worker",
    "set role salesplan_manager",
    "set role pg_read_all_data",
    "set session authorization salesplan_reader",
    "alter role salesplan_head bypassrls",
    "grant salesplan_reader to current_user",
    "create table salesplan.mine ()",
    "create function salesplan_api.mine() returns integer language sql return 1",
    "create or replace view salesplan.viewer as select 'acme'::text as account_id, 'boris'::text as manager_id",
    "alter function salesplan.login_role() rename to mine",
    "drop policy heads_plans on salesplan.plan",
    "alter table salesplan.plan disable row level security",
    "alter table salesplan.plan_counter disable trigger all",
    "set session_replication_role = replica",
    "select stavalues1 from pg_statistic",
    "select pg_read_file('postgresql.conf')",
)


@pytest.mark.parametrize("table", TABLES)
async def test_neither_login_reads_what_is_not_granted(head: Connection, console: Connection, table: str) -> None:
    """The ledger itself, the outbox, who is who, and the secret."""
    for connection, who in ((head, "hanna@x"), (console, "anna@x")):
        with pytest.raises(DENIED):
            async with entered(connection, who, isolation="read_committed"):
                await connection.execute(f"table salesplan.{table}")


@pytest.mark.parametrize("statement", [*(f"select {function}" for function in OTHERS_FUNCTIONS), *BECOME])
async def test_neither_login_becomes_more(head: Connection, console: Connection, statement: str) -> None:
    """No seal of one's own making, no other role, no change of what keeps rows apart."""
    for connection, who in ((head, "hanna@x"), (console, "anna@x")):
        with pytest.raises((DENIED, asyncpg.InvalidSchemaNameError)):
            async with entered(connection, who, isolation="read_committed"):
                await connection.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "delete from salesplan.assignment",
        "insert into salesplan.assignment select * from salesplan.account_assignment",
        "update salesplan.account_assignment set manager_id = 'anna'",
        "delete from salesplan.account_waiting_lead",
        "update salesplan.plan_book set revision = 0",
        "update salesplan.plan set account_id = 'globex'",
        "update salesplan.plan set plan_no = plan_no + 1000",
        "delete from salesplan.plan",
        "truncate salesplan.plan_lgt",
        "delete from salesplan.plan_version",
        "update salesplan.plan_version set changed_by = 'nobody'",
        "update salesplan.plan_counter set last_seq = 0",
        "update salesplan.plan_counter set era = 9",
        "delete from salesplan.plan_counter",
        "insert into salesplan.plan_counter (plan_no, assigned, last_seqs, era) values (1, '{}', '{}', 99)",
        "insert into salesplan.plan (plan_no, account_id, plan_id, version, archived, roster, book_revision)"
        " overriding system value values (1000, 'acme', 'x', 1, false, '{}', 1)",
        "insert into salesplan.display_name values ('acme', 'manager', 'anna', 'Somebody')",
        "update salesplan.account set account_id = 'globex'",
        "insert into salesplan.account values ('globex')",
        "insert into salesplan.account values ('a-new-one') on conflict do nothing",
        "insert into salesplan.account values ('globex') on conflict (account_id) do update set account_id = 'acme'",
        "insert into salesplan.plan (account_id, plan_id, version, archived, roster, book_revision)"
        " values ('globex', 'x', 1, false, '{}', 1)",
        "insert into salesplan.plan_lgt (account_id, lgt_id, plan_no) select 'globex', 'x', min(plan_no)"
        " from salesplan.plan",
        "select nextval('salesplan.arrival')",
        "select last_value from salesplan.plan_plan_no_seq",
        "select * from salesplan_api.assignments",
        "select * from salesplan_api.own_overview()",
        "copy salesplan.assignment to stdout",
        "copy salesplan.plan from stdin",
    ],
)
async def test_a_head_changes_nothing_that_is_no_edit(canary: Office, head: Connection, statement: str) -> None:
    """Nor puts her own where another account's is; the answer is the same where there is none."""
    before = await canary.everything()
    with pytest.raises((DENIED, *NOT_POSSIBLE)):
        async with entered(head, "hanna@x", isolation="read_committed"):
            await head.execute(statement)
    assert await canary.everything() == before


@pytest.mark.parametrize(
    "statement",
    [
        "insert into salesplan.plan_version select {}, 9, name, conversion_percent, average_sale, label_text,"
        " label_color, mode, managers, active, lgts, ordered, payment_failed, paid, archived, 'x', changed_at, 0"
        " from salesplan.plan_version limit 1",
        "insert into salesplan.plan_counter (plan_no, assigned, last_seqs) values ({}, '{{}}', '{{}}')",
        "insert into salesplan.plan_lgt values ('acme', 'x', {})",
        "update salesplan.plan_lgt set plan_no = {}",
    ],
)
async def test_a_head_puts_nothing_into_another_account_s_plan(
    canary: Office, head: Connection, statement: str
) -> None:
    """By its number, which she may guess; and she is told the same of a number that no plan has."""
    number = await canary.connection.fetchval(f"select {GLOBEX}")
    before = await canary.everything()
    told = set()
    for plan_no in (number, 1_000_000):
        with pytest.raises(DENIED) as refused:
            async with entered(head, "hanna@x", isolation="read_committed"):
                await head.execute(statement.format(plan_no))
        told.add(str(refused.value))
    assert len(told) == 1, told
    assert await canary.everything() == before


@pytest.mark.parametrize(
    "statement",
    [
        "update salesplan.plan set archived = true, version = 99 where {}",
        "delete from salesplan.plan_lgt where {}",
        "update salesplan.plan_counter set assigned = '{{}}', last_seqs = '{{}}' where {}",
        "select from salesplan.plan_counter where {} for update",
        "select from salesplan.plan where {} for update",
    ],
)
async def test_a_head_s_changes_and_locks_pass_other_accounts_by(
    canary: Office, head: Connection, statement: str
) -> None:
    """Whatever the condition: by its number, or none at all but of those that are not acme's."""
    acmes = [row[0] for row in await canary.rows("select plan_no from salesplan.plan where account_id = 'acme'")]
    before = await canary.everything()
    for condition in (f"plan_no <> all (array{acmes})", "plan_no = (select plan_no + 1 from salesplan.plan limit 0)"):
        async with entered(head, "hanna@x", isolation="read_committed"):
            assert (await head.execute(statement.format(condition))).endswith(" 0")
    assert await canary.everything() == before


async def test_edits_of_another_account_are_refused(canary: Office, head: Connection) -> None:
    """Through the very code of the pages, had they let a wrong account pass."""
    before = await canary.everything()
    file = PlanFile(account="globex", plans=(spec(plan("secret", "hanna")),))
    with pytest.raises(DENIED, match="row-level security policy"):
        async with entered(head, "hanna@x", isolation="read_committed"):
            await store.apply(head, file, changed_by="hanna@x", execute=True)
    with pytest.raises(DENIED):
        async with entered(head, "hanna@x", isolation="read_committed"):
            await store.archive(head, "globex", "secret", changed_by="hanna@x", execute=True)
    assert await canary.everything() == before


async def test_nobody_changes_nothing(canary: Office, head: Connection) -> None:
    before = await canary.everything()
    file = PlanFile(account="acme", plans=(spec(plan("autumn", "hanna")),))
    with pytest.raises(DENIED):
        await store.apply(head, file, changed_by="x", execute=True)
    assert await head.execute("update salesplan.plan set archived = true") == "UPDATE 0"
    assert await head.execute("delete from salesplan.plan_lgt") == "DELETE 0"
    assert await canary.everything() == before


async def test_the_explain_of_a_page_opens_no_other_isolation(head: Connection) -> None:
    """Pages open `repeatable_read`, as `explain` does; within an edit it is refused, and the edit undone."""
    async with entered(head, "hanna@x"):
        assert (await explain(head, "acme", "june-0")).found
    with pytest.raises(asyncpg.InterfaceError, match="different isolation level"):
        async with entered(head, "hanna@x", isolation="read_committed"):
            await explain(head, "acme", "june-0")
    assert not head.is_in_transaction()
    assert await head.fetchval("select count(*) from salesplan.plan") == 0
