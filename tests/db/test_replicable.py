"""Every table lives with logical replication: what is updated or deleted in it is found again in a copy."""

from __future__ import annotations

from worker import postgres
from worker.postgres.sequences import REMEDIES

# Columns of the key that says which row of a copy is meant: null, or made by Postgres and so left out of what is
# published. No row: there is no such key.
IDENTITIES = """
select c.relname as table, c.relkind::text as kind, c.relpersistence::text as persistence, i.indisunique as is_unique,
       i.indpred is null and i.indexprs is null and i.indimmediate as is_whole,
       array_agg(a.attname) filter (where a.attgenerated <> '' or not a.attnotnull) as unusable
from pg_class c
left join pg_index i on i.indrelid = c.oid
    and case c.relreplident when 'd' then i.indisprimary when 'i' then i.indisreplident end
left join pg_attribute a on a.attrelid = c.oid and a.attnum = any (i.indkey)
where c.relnamespace = 'salesplan'::regnamespace and c.relkind in ('r', 'p')
group by c.oid, i.indexrelid
order by c.relname
"""
GENERATED = """
select attrelid::regclass::text, attname from pg_attribute
where attgenerated <> '' and attrelid in (select oid from pg_class where relnamespace = 'salesplan'::regnamespace)
"""
# Of a sequence that a copy leaves behind, a start has to tell; `worker/postgres/sequences.py` knows these.
SEQUENCES = """
select format('%I.%I', n.nspname, c.relname), s.seqcycle
from pg_sequence s join pg_class c on c.oid = s.seqrelid join pg_namespace n on n.oid = c.relnamespace
where n.nspname in ('salesplan', 'salesplan_api')
order by 1
"""
CHANGE = "update {0} set {1} = {1} where false; delete from {0} where false"
COLUMNS = """
select c.oid::regclass::text, min(quote_ident(a.attname))
from pg_class c
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and a.attidentity = '' and a.attgenerated = ''
where c.relnamespace = 'salesplan'::regnamespace and c.relkind in ('r', 'p')
group by c.oid
"""


async def test_every_table_has_a_key_that_can_be_replicated(database_url: str) -> None:
    """A migration that makes a table makes it so: also one that is partitioned, and none that is unlogged."""
    async with postgres.connected(database_url, application_name="test") as connection:
        tables = await connection.fetch(IDENTITIES)
    assert len(tables) > 15
    for table in tables:
        assert (table["persistence"], table["is_unique"], table["is_whole"]) == ("p", True, True), table
        assert table["unusable"] is None, table


async def test_a_publication_for_all_tables_lets_every_change_pass(database_url: str) -> None:
    """Postgres refuses those of a table without a usable key when it plans them, however many rows they change."""
    async with postgres.connected(database_url, application_name="test") as connection:
        await connection.execute("create publication everything for all tables")
        for table, column in await connection.fetch(COLUMNS):
            await connection.execute(CHANGE.format(table, column))


async def test_nothing_is_left_for_a_copy_to_compute(database_url: str) -> None:
    """PostgreSQL publishes generated columns from version 18 on, and only where it is asked to."""
    async with postgres.connected(database_url, application_name="test") as connection:
        assert await connection.fetch(GENERATED) == []


async def test_every_sequence_is_looked_at(database_url: str) -> None:
    """None gives a number twice by itself either."""
    async with postgres.connected(database_url, application_name="test") as connection:
        assert [tuple(row) for row in await connection.fetch(SEQUENCES)] == [(name, False) for name in sorted(REMEDIES)]
