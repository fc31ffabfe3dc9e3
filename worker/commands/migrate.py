"""salesplan migrate."""

import typer

from worker import migrate as migrations
from worker.commands.shell import Exit, RejectedError, UnavailableError, postgres_trouble, say
from worker.schema import SchemaUnfitError
from worker.settings import load_settings


def migrate() -> None:
    """Bring the database up to date; harmless when repeated."""
    settings = load_settings()
    try:
        with postgres_trouble():
            migrated = migrations.migrate(settings.dsn)
    except SchemaUnfitError as error:
        raise RejectedError(f"Postgres: {error}") from error
    except migrations.InTheWayError as error:
        raise UnavailableError(f"Postgres: {error}") from error
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("alembic", "sqlalchemy"):
            raise
        say("salesplan migrate needs its extra: pip install 'salesplan[migrate]'")
        raise typer.Exit(Exit.FAILED) from None
    say(f"The database is up to date: {migrated}.")
