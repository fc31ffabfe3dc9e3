"""The address of Postgres, from DATABASE_URL, a service file and the ``PG*`` variables.

People copy addresses from the pages of hosting companies, with parameters for other clients. The client here, asyncpg,
would send each unknown parameter to the server as a session setting. It also ignores services, ``hostaddr`` and some of
the variables.
"""

import configparser
import difflib
import os
import re
import ssl
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote

from worker.settings.addresses import bracketed
from worker.settings.environment import Fault
from worker.settings.libpq import PARAMETERS

ADDRESS = "DATABASE_URL"
MALFORMED = (
    "must be an address like postgresql://user@host:5432/database; in a password # / ? [ ] @ and % are written "
    "%23 %2F %3F %5B %5D %40 and %25, or PGPASSWORD or PGPASSWORD_FILE contains it unchanged"
)
UNNAMED = "contains a part that is no parameter; in a password & and ? are written %26 and %3F"

PORT = "PGPORT"
NAMING_A_DATABASE = ("PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE")

# The client's own error would not name the file.
FILES = ("sslrootcert", "sslcert", "sslkey", "sslcrl")
SYSTEMS = "system"  # a value of sslrootcert: the authorities that this machine trusts
AUTHORITIES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")

# Parameters that the client does not understand. This module translates them.
TRANSLATED = {"service": "PGSERVICE", "servicefile": "PGSERVICEFILE", "hostaddr": "PGHOSTADDR", "ssl": ""}

_SHAPE = re.compile(
    r"(?P<where>postgres(ql)?://((?P<user>[^@/?#\[\]]*)@)?(?P<hosts>[^@/?#]*)(/[^@?#]*)?)(\?(?P<query>[^#]*))?"
)
_HOST = re.compile(r"(\[[0-9A-Fa-f:.%]+\]|[^\[\]:]*)(:(?P<port>.*))?")
_NO_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})|%00")
_NAME = re.compile(r"[A-Za-z_][A-Za-z_.]*")


class Given(NamedTuple):
    """A parameter's value, and the variable with it."""

    source: str
    value: str


class Resolved(NamedTuple):
    """The address for the client (None: it reads the variables itself), faults, and notes about unused parameters."""

    url: str | None
    faults: tuple[Fault, ...]
    notes: tuple[str, ...]


def resolve(url: str | None, password: str | None = None) -> Resolved:
    """Join address, service and variables. As with libpq, the first of them that has a parameter counts.

    ``password`` is the content of the password's file.
    """
    shape = _SHAPE.fullmatch(url or "postgresql://")
    if shape is None or not _is_sound(shape):
        return Resolved(url, (Fault(ADDRESS, MALFORMED), *_faults(_variables(), {}, "")), ())
    asked = {name: value for name, value in _fields(shape["query"]) if value and name}
    service, service_faults = _service(asked)
    given = {**service, **{name: Given(ADDRESS, value) for name, value in asked.items()}}
    known = {**_variables(), **given}
    sent = _in_the_clients_words(given, known, shape, password)
    faults = (*_unknown(shape["query"]), *service_faults, *_faults(known, sent, shape["hosts"]))
    if sent != asked:
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in sent.items())
        url = f"{shape['where']}?{query}" if query else shape["where"]
    return Resolved(url, faults, tuple(_notes(known)))


def is_port(text: str) -> bool:
    """True for ports, separated by commas."""
    return all(re.fullmatch("[0-9]{1,5}", port) and 0 < int(port) < 65536 for port in text.split(","))


def _is_sound(shape: re.Match[str]) -> bool:
    if _NO_ESCAPE.search(shape.string):
        return False
    hosts = [_HOST.fullmatch(host) for host in shape["hosts"].split(",")]
    named = len(hosts) == 1 or all(shape["hosts"].split(","))
    return named and all(host and (not host["port"] or is_port(host["port"])) for host in hosts)


def _fields(query: str | None) -> Iterator[tuple[str, str]]:
    """Yield each parameter of an address; without its name if it may be a piece of a password."""
    fields = (query or "").split("&") if query else []
    for index, field in enumerate(fields):
        name, equals, value = field.partition("=")
        behind_password = any(before.startswith("password=") for before in fields[:index])
        within_password = "@" in "".join(fields[index:])
        if _is_known(name) and equals:
            yield name, unquote(value)
        elif not equals or not _NAME.fullmatch(name) or behind_password or within_password:
            yield "", field
        else:
            yield name, ""


def _is_known(name: str) -> bool:
    return name in PARAMETERS or name in TRANSLATED


def _unknown(query: str | None) -> Iterator[Fault]:
    for name, _ in _fields(query):
        if not name:
            yield Fault(ADDRESS, UNNAMED)
        elif not _is_known(name):
            yield Fault(ADDRESS, _is_no_parameter(name))


def _is_no_parameter(name: str) -> str:
    near = difflib.get_close_matches(name, PARAMETERS, n=1, cutoff=0.75)
    if near:
        return f"{name} is no parameter; did you mean {near[0]}?"
    return f"{name} is no parameter: leave it out (a setting of the session goes into options)"


def _variables() -> dict[str, Given]:
    variables = {name: parameter.variable for name, parameter in PARAMETERS.items()}
    variables |= TRANSLATED
    return {
        name: Given(variable, value)
        for name, variable in variables.items()
        if variable and (value := os.environ.get(variable))
    }


def _service(asked: Mapping[str, str]) -> tuple[dict[str, Given], list[Fault]]:
    """Read the parameters of the chosen service, and their faults."""
    source = ADDRESS if "service" in asked else "PGSERVICE"
    service = asked.get("service") or os.environ.get("PGSERVICE")
    if not service:
        return {}, []
    for path in _service_files(asked):
        file = configparser.ConfigParser(interpolation=None, delimiters="=", strict=False)
        try:
            file.read(path, encoding="utf-8")
        except (configparser.Error, UnicodeError):
            return {}, [Fault(source, f"the service file {path} can't be read: it has [service] and name=value lines")]
        if file.has_section(service):
            found = {name: Given(source, value) for name, value in file.items(service)}
            strangers = [Fault(source, f"in {path}: {_is_no_parameter(name)}") for name in found if not _is_known(name)]
            return {name: it for name, it in found.items() if _is_known(name)}, strangers
    return {}, [Fault(source, "the service is in no service file: see PGSERVICEFILE and ~/.pg_service.conf")]


def _service_files(asked: Mapping[str, str]) -> Iterator[Path]:
    if named := asked.get("servicefile") or os.environ.get("PGSERVICEFILE"):
        yield Path(named)
    else:
        yield Path(os.path.expanduser("~/.pg_service.conf"))
    if folder := os.environ.get("PGSYSCONFDIR"):
        yield Path(folder) / "pg_service.conf"


def _in_the_clients_words(
    given: Mapping[str, Given], known: Mapping[str, Given], shape: re.Match[str], password: str | None
) -> dict[str, str]:
    sent = {name: it.value for name, it in given.items() if name in PARAMETERS and PARAMETERS[name].note is None}
    if "options" in known:
        sent.setdefault("options", known["options"].value)
    if "hostaddr" in known and not (shape["hosts"] or "host" in known):
        sent["host"] = known["hostaddr"].value
    host = sent.get("host") or (known["host"].value if "host" in known and not shape["hosts"] else "")
    if bracketed(host) != host:
        sent["host"] = bracketed(host)
    if "ssl" in given:
        sent.setdefault("sslmode", "require")
    if "sslrootcert" in known and known["sslrootcert"].value == SYSTEMS:
        sent["sslrootcert"] = _systems_authorities() or ""
        sent["sslmode"] = known["sslmode"].value if "sslmode" in known else "verify-full"
    if password is not None and ":" not in (shape["user"] or ""):
        sent.setdefault("password", password)
    return sent


def _systems_authorities() -> str | None:
    paths = (ssl.get_default_verify_paths().cafile, *AUTHORITIES)
    return next((path for path in paths if path and os.path.isfile(path)), None)


def _notes(known: Mapping[str, Given]) -> Iterator[str]:
    for name, (source, _) in known.items():
        if name in PARAMETERS and (note := PARAMETERS[name].note):
            yield f"{source}: {name} is left out: {note}"


def _faults(known: Mapping[str, Given], sent: Mapping[str, str], hosts: str) -> Iterator[Fault]:
    """Yield values that can't be used, each as a fault of its variable."""
    for name, (source, value) in known.items():
        if name in PARAMETERS and not re.fullmatch(PARAMETERS[name].fits, value):
            yield Fault(source, f"{name} {PARAMETERS[name].otherwise}")
        elif name in FILES and not _is_file(sent.get(name, value)):
            yield Fault(source, f"{name} is no file that can be read")
        elif name == "port" and source != PORT and not is_port(value):
            yield Fault(source, "port must be 1 to 65535")
        elif name == "ssl" and value != "true":
            yield Fault(source, "ssl must be left out: sslmode says it")
    if (port := os.environ.get(PORT)) and not is_port(port):  # the client reads it even if the address has a port
        yield Fault(PORT, "must be a port, 1 to 65535")
    yield from _disagreements(known, sent, hosts)


def _disagreements(known: Mapping[str, Given], sent: Mapping[str, str], hosts: str) -> Iterator[Fault]:
    host, port, mode = (known.get(name, Given("", "")) for name in ("host", "port", "sslmode"))
    if "hostaddr" in known and (host.value or hosts) and known["hostaddr"].source in (host.source, ADDRESS):
        yield Fault(known["hostaddr"].source, "hostaddr must be left out: the address is given as the host")
    if "," in port.value and len(port.value.split(",")) != len((hosts or host.value).split(",")):
        yield Fault(port.source, "port must be one port, or one for each host")
    if "sslrootcert" in sent and known["sslrootcert"].value == SYSTEMS and sent["sslmode"] != "verify-full":
        yield Fault(mode.source, "sslmode must be verify-full with sslrootcert=system")
    negotiation = known.get("sslnegotiation", Given("", ""))
    if negotiation.value == "direct" and mode.value not in ("require", "verify-ca", "verify-full"):
        yield Fault(negotiation.source, "sslnegotiation=direct needs sslmode=verify-full, or require")


def _is_file(path: str) -> bool:
    return os.path.isfile(path) and os.access(path, os.R_OK)
