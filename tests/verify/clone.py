"""One healthy state, cloned for each test that breaks it; and what the checker reports, by the names of its checks."""
# ruff: noqa: S608 -- statements are put together from words of these tests

from typing import NamedTuple

from pydantic import SecretStr

from tests.support.servers import PostgresServer
from worker.settings import Settings
from worker.verify import Report, verify
from worker.verify.checks import OF_LATER_SNAPSHOT, OF_SNAPSHOT

NAMES = {check.message: check.query.removeprefix("verify/") for check in (*OF_SNAPSHOT, *OF_LATER_SNAPSHOT)} | {
    "an even plan is uneven": "spread",
    "a decision is not what the rules give": "decisions",
}
JUNE = "plan_no = (select plan_no from salesplan.plan where account_id = 'acme' and plan_id = 'june')"
SECOND = JUNE.replace("june", "second")
NIGHT = JUNE.replace("june", "night")
COUNTER = "update salesplan.plan_counter set {} where " + JUNE
POSITION = "update salesplan.position set {} where topic like '%-subscription'"
CONTACTS = "update salesplan.position set {} where topic like '%-manager-contact' and contact_recorded = 1"
FIRST = "update salesplan.assignment set {} where plan_seq = 1 and " + JUNE


class Healthy(NamedTuple):
    """The state that is cloned, and where its poison was read."""

    settings: Settings
    database: str
    poison: list[tuple[str, int, int]]


class Checked:
    """A clone of the healthy state."""

    def __init__(self, healthy: Healthy, server: PostgresServer, database: str) -> None:
        self.poison = healthy.poison
        self._server = server
        self._database = database
        self._settings = healthy.settings.model_copy(update={"database_url": SecretStr(server.dsn(database))})

    async def after(self, statement: str) -> Report:
        """The checker's report on the state after the statement; the clone is gone then."""
        if statement:
            await self._server.execute(statement, self._database)
        try:
            return await verify(self._settings)
        finally:
            await self._server.execute(f'DROP DATABASE "{self._database}" WITH (FORCE)')


def reported(report: Report) -> set[str]:
    """The reported violations, by the names of the checks."""
    return {NAMES[violation.message] for violation in report.violations}
