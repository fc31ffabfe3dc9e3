"""The sources of settings: the environment, and files for secrets. It works with names only, without their meanings."""

import difflib
import os
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

PREFIX = "SALESPLAN_"

# Each of these may instead be the content of a file, which <NAME>_FILE names.
SECRETS = ("DATABASE_URL", "KAFKA_SASL_PASSWORD", "KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET", "PGPASSWORD")

# Other code reads these: the embedded servers, the tests, the failpoints.
OTHERS = ("SALESPLAN_CACHE_DIR", "SALESPLAN_TEST_SERVERS", "SALESPLAN_FAILPOINT")

# Variables that Kubernetes sets for a service whose name starts like ours.
_SERVICE_LINK = re.compile(r"_(SERVICE_(HOST|PORT(_\w+)?)|PORT_\d+_(TCP|UDP|SCTP)(_\w+)?)$")

Names = Mapping[tuple[str, ...], str]


class Fault(NamedTuple):
    """One thing to mend: the variable as it is spelt, and the requirement that it breaks."""

    name: str
    text: str


class ConfigError(Exception):
    """The configuration can't be used. The text names every fault, and quotes no value."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(f"{fault.name}: {fault.text}" for fault in faults))
        self.faults = tuple(faults)


def values(names: Names) -> dict[str, Any]:
    """Read all set values, nested like the settings. An empty variable counts as not set."""
    found: dict[str, Any] = {}
    for path, name in names.items():
        if (value := value_of(name)) is not None:
            *groups, field = path
            target = found
            for group in groups:
                target = target.setdefault(group, {})
            target[field] = value
    return found


def faults(names: Names) -> list[Fault]:
    """List misspelt names and unusable files. Values are checked elsewhere."""
    return [*_misspelt(frozenset(names.values())), *_file_faults()]


def value_of(name: str) -> str | None:
    """Read the variable, or its file; None if both are missing or empty."""
    return os.environ.get(name) or (from_file(name) if name in SECRETS else None)


def from_file(name: str) -> str | None:
    """Read the file that <NAME>_FILE names; None if that is impossible."""
    path = os.environ.get(f"{name}_FILE")
    if not path:
        return None
    try:
        with open(path, encoding="utf-8") as file:
            return file.read().rstrip("\r\n") or None
    except (OSError, ValueError):
        return None  # _file_faults reports it


def _file_faults() -> Iterator[Fault]:
    for name in SECRETS:
        file = f"{name}_FILE"
        if not (path := os.environ.get(file)):
            continue
        if os.environ.get(name):
            yield Fault(file, f"is set and so is {name}: leave one of them out")
        elif not os.access(path, os.R_OK) or not os.path.isfile(path):
            yield Fault(file, "is no file that can be read")
        elif from_file(name) is None:
            yield Fault(file, "is an empty file, or no UTF-8 text")


def is_any_file_at_fault() -> bool:
    """True while a secret's file can't be read, or is empty."""
    return any(_file_faults())


def _misspelt(known: frozenset[str]) -> Iterator[Fault]:
    for name in sorted(os.environ):
        if not name.upper().startswith(PREFIX) or name in known or name in OTHERS or _set_by_kubernetes(name):
            continue
        nearest = difflib.get_close_matches(name.upper(), known, n=1, cutoff=0.6)
        yield Fault(name, f"is no setting; did you mean {nearest[0]}?" if nearest else "is no setting: leave it out")


def _set_by_kubernetes(name: str) -> bool:
    return _SERVICE_LINK.search(name) is not None or ("://" in os.environ[name] and name.endswith("_PORT"))
