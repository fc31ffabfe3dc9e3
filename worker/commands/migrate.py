"""salesplan migrate."""

import asyncio

from worker.commands.shell import RejectedError, UnavailableError, UnmigratedError, database, postgres_trouble, say
from worker.postgres import migrate as migrations
from worker.postgres import statements
from worker.postgres.schema import SchemaUnfitError, UnknownVersionError
from worker.settings import Settings, load_settings


def migrate() -> None:
    """Bring the database up to date. Running it again, or on a newer release's database, changes nothing."""
    settings = load_settings()
    try:
        with postgres_trouble():
            migrated = migrations.migrate(settings.dsn)
    except SchemaUnfitError as error:
        raise RejectedError(f"Postgres: {error}") from error
    except migrations.InTheWayError as error:
        raise UnavailableError(f"Postgres: {error}") from error
    except UnknownVersionError as error:
        asyncio.run(_leave_alone(settings, error))
        return
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("alembic", "sqlalchemy"):
            raise
        raise RejectedError("salesplan migrate needs its extra: pip install 'salesplan[migrate]'") from None
    say(f"The database is up to date: {migrated}.")


async def _leave_alone(settings: Settings, unknown: UnknownVersionError) -> None:
    """Accepts the database of a newer release if it serves this one. Raises RejectedError if it does not."""
    try:
        async with database(settings) as connection:
            await statements.require(connection)
    except UnmigratedError:
        raise RejectedError(
            f"Postgres: {unknown}, and this release's tables are not there: is the database another program's?"
        ) from None
    say("The database is of a newer release and has all that this one needs; nothing was changed.")
