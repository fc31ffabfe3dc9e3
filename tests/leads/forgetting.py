"""The parts that the tests of erasing share."""

from tests.support.office import Office
from worker.leads import erase as erasing
from worker.leads.erase import LeadCounts

# A table's row as text, of every table there is: a new one is looked into as well.
TABLES = "select relname from pg_class where relnamespace = 'salesplan'::regnamespace and relkind = 'r' order by 1"
HOLDS = "select count(*) from salesplan.{} t where position($1 in t::text) > 0"


async def publish(office: Office) -> None:
    """Publish as if the worker had published all its rows, and noted it."""
    await office.connection.execute("update salesplan.slot set confirmed = sequence; delete from salesplan.outbox")
    office.slot.confirmed = office.slot.sequence


async def erase(office: Office, lead_id: str, account_id: str = "acme") -> LeadCounts:
    """Over a connection of the office."""
    return await erasing.erase(office.connection, account_id, lead_id, "test")


async def holding(office: Office, text: str) -> list[str]:
    """The tables that hold this text anywhere."""
    tables = [name for (name,) in await office.rows(TABLES)]
    found = {table: await office.connection.fetchval(HOLDS.format(table), text) for table in tables}
    return [table for table, rows in found.items() if rows]
