"""Where settings come from: the environment, and files for secrets. Knows names, never what they mean."""

import difflib
import os
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qs, quote, urlsplit

from worker.settings.addresses import with_brackets

PREFIX = "SALESPLAN_"

# Each may instead be the content of the file that <NAME>_FILE names.
SECRETS = ("DATABASE_URL", "KAFKA_SASL_PASSWORD", "KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET", "PGPASSWORD")

# Read elsewhere: by the embedded servers, by the tests, by the failpoints.
OTHERS = ("SALESPLAN_CACHE_DIR", "SALESPLAN_TEST_SERVERS", "SALESPLAN_FAILPOINT")

# Files of the connection to Postgres, each also as a parameter of DATABASE_URL.
POSTGRES_FILES = {"sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY"}

NAMING_A_DATABASE = ("PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE")

# What Kubernetes sets for a service whose name starts like ours.
_SERVICE_LINK = re.compile(r"_(SERVICE_(HOST|PORT(_\w+)?)|PORT_\d+_(TCP|UDP|SCTP)(_\w+)?)$")

Names = Mapping[tuple[str, ...], str]


class Fault(NamedTuple):
    """One thing to mend: the variable as it is spelt, and what it must be."""

    name: str
    text: str


class ConfigError(Exception):
    """The configuration can't be used; names every fault there is, and no value."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(f"{fault.name}: {fault.text}" for fault in faults))
        self.faults = tuple(faults)


def values(names: Names) -> dict[str, Any]:
    """What is set, nested as the settings are. A variable set to nothing counts as not set."""
    found: dict[str, Any] = {}
    for place, name in names.items():
        if (value := _value(name)) is not None:
            *groups, field = place
            target = found
            for group in groups:
                target = target.setdefault(group, {})
            target[field] = value
    if (url := _with_brackets(found.get("database_url"))) is not None:
        found["database_url"] = url
    if (password := _from_file("PGPASSWORD")) is not None:
        found["database_url"] = _with_password(found.get("database_url", "postgresql://"), password)
    return found


def faults(names: Names) -> list[Fault]:
    """What is wrong with names and files, whatever the values."""
    return [*_misspelt(frozenset(names.values())), *_file_faults(), *_port_faults(), *_postgres_file_faults()]


def _value(name: str) -> str | None:
    return os.environ.get(name) or (_from_file(name) if name in SECRETS else None)


def _from_file(name: str) -> str | None:
    path = os.environ.get(f"{name}_FILE")
    if not path:
        return None
    try:
        with open(path, encoding="utf-8") as file:
            return file.read().rstrip("\r\n") or None
    except (OSError, ValueError):
        return None  # told by _file_faults


def is_postgres(url: str) -> bool:
    """Whether ``url`` can be an address of Postgres: one that asyncpg does not trip over."""
    try:
        parts = urlsplit(url)
        ports = parse_qs(parts.query).get("port", [])
    except ValueError:
        return False
    hosts = parts.netloc.rpartition("@")[2].split(",")
    ports += [port for host in hosts if (port := host.rpartition("]")[2].partition(":")[2])]
    return parts.scheme in ("postgres", "postgresql") and "://" in url and all(map(_is_port, ports))


def _is_port(text: str) -> bool:
    return all(re.fullmatch("[0-9]{1,5}", port) and int(port) < 65536 for port in text.split(","))


def _with_brackets(url: str | None) -> str | None:
    """``url`` with its hosts, or those of PGHOST, as the client wants them."""
    return url if url and not is_postgres(url) else with_brackets(url, os.environ.get("PGHOST"))


def _with_password(url: str, password: str) -> str:
    """``url``, with the password where it has none: what asyncpg does with ``PGPASSWORD``."""
    if not is_postgres(url):
        return url
    parts = urlsplit(url)
    query = "&".join(filter(None, (parts.query, f"password={quote(password, safe='')}")))
    return f"{parts.scheme}://{parts.netloc}{parts.path}?{query}"


def _file_faults() -> Iterator[Fault]:
    for name in SECRETS:
        file = f"{name}_FILE"
        if not (path := os.environ.get(file)):
            continue
        if os.environ.get(name):
            yield Fault(file, f"is set and so is {name}: leave one of them out")
        elif not os.access(path, os.R_OK) or not os.path.isfile(path):
            yield Fault(file, "is no file that can be read")
        elif _from_file(name) is None:
            yield Fault(file, "is an empty file, or no UTF-8 text")


def _port_faults() -> Iterator[Fault]:
    if (port := os.environ.get("PGPORT")) and not _is_port(port):
        yield Fault("PGPORT", "must be a port, 1 to 65535")


def _postgres_file_faults() -> Iterator[Fault]:
    """The client would only say that some file is missing."""
    url = _value("DATABASE_URL") or ""
    asked = parse_qs(urlsplit(url).query) if is_postgres(url) else {}
    for parameter, variable in POSTGRES_FILES.items():
        paths = [("DATABASE_URL", path) for path in asked.get(parameter, [])]
        if not paths and (path := os.environ.get(variable)):
            paths = [(variable, path)]
        for name, path in paths:
            if not os.path.isfile(path) or not os.access(path, os.R_OK):
                yield Fault(name, f"{parameter} is no file that can be read")


def _misspelt(known: frozenset[str]) -> Iterator[Fault]:
    for name in sorted(os.environ):
        if not name.upper().startswith(PREFIX) or name in known or name in OTHERS or _set_by_kubernetes(name):
            continue
        nearest = difflib.get_close_matches(name.upper(), known, n=1, cutoff=0.6)
        yield Fault(name, f"is no setting; did you mean {nearest[0]}?" if nearest else "is no setting: leave it out")


def _set_by_kubernetes(name: str) -> bool:
    return _SERVICE_LINK.search(name) is not None or ("://" in os.environ[name] and name.endswith("_PORT"))
