"""The addresses of databases: the worker's, and those of the console's two logins."""

from collections.abc import Mapping

from pydantic import SecretStr

from worker.settings import environment, postgres

WORKERS = "DATABASE_URL"
MANAGERS = "SALESPLAN_CONSOLE__MANAGERS_DATABASE_URL"
HEADS = "SALESPLAN_CONSOLE__HEADS_DATABASE_URL"

Place = tuple[str, ...]

# By variable, its place in the settings.
_PLACES: Mapping[str, Place] = {
    WORKERS: ("database_url",),
    MANAGERS: ("console", "managers_database_url"),
    HEADS: ("console", "heads_database_url"),
}


def ways() -> dict[Place, postgres.Resolved]:
    """Return the resolved address of each database, with faults and notes, by the address's place in the settings."""
    return {place: _way(name) for name, place in _PLACES.items()}


def fresh(name: str, at_start: SecretStr | None) -> str | None:
    """The present address, if the address or PGPASSWORD comes from a file that can be used now.

    Otherwise the address from the start.
    """
    if any(map(environment.from_file, (name, "PGPASSWORD"))):
        way = _way(name)
        if way.url and not way.faults and not environment.is_any_file_at_fault():
            return way.url
    return at_start.get_secret_value() if at_start else None


def _way(name: str) -> postgres.Resolved:
    """Resolve the address in this variable.

    Without a value, only the worker's address comes from the ``PG*`` variables; a console login's address is None.
    """
    url = environment.value_of(name)
    if url is None and name != WORKERS:
        return postgres.Resolved(None, (), ())
    way = postgres.resolve(url, environment.from_file("PGPASSWORD"))
    faults = (fault._replace(name=name) if fault.name == postgres.ADDRESS else fault for fault in way.faults)
    notes = (note.replace(f"{postgres.ADDRESS}:", f"{name}:", 1) for note in way.notes)
    return way._replace(faults=tuple(faults), notes=tuple(notes))
