"""libpq's parameters: those that the client takes, those left out with a note, and those that are refused."""

from collections.abc import Mapping
from typing import NamedTuple

NOTHING = r"(?!)"  # no value fits
KEPT_ALIVE = "the program keeps connections alive itself, after 30 s of silence"
OWN_DEADLINES = "the deadlines of this program are its own"
NOT_DEMANDED = "can't be demanded: leave it out, and have TLS prove who the server is (sslmode=verify-full)"

# Parameters in addresses for other clients. They have no effect here.
ANOTHER_CLIENTS = "it is another client's; the program itself finds out at the start how a pooler works"


class Parameter(NamedTuple):
    """The rules for one parameter: its variable, and the values that it may have.

    ``otherwise`` is the text of the fault for another value. A ``note`` says why the parameter is left out. Parameters
    without a note go to the client.
    """

    variable: str | None = None
    fits: str = r".*"
    otherwise: str = ""
    note: str | None = None


def _left_out(note: str, variable: str | None = None, fits: str = r".*", otherwise: str = "") -> Parameter:
    return Parameter(variable, fits, otherwise, note)


PARAMETERS: Mapping[str, Parameter] = {
    "host": Parameter("PGHOST", "[^,]+(,[^,]+)*", "must be hosts, separated by commas"),
    "port": Parameter("PGPORT"),
    "dbname": Parameter("PGDATABASE"),
    "database": Parameter(),
    "user": Parameter("PGUSER"),
    "password": Parameter("PGPASSWORD"),
    "passfile": Parameter("PGPASSFILE"),
    "options": Parameter("PGOPTIONS"),
    "sslmode": Parameter(
        "PGSSLMODE",
        "disable|allow|prefer|require|verify-ca|verify-full",
        "must be disable, allow, prefer, require, verify-ca or verify-full",
    ),
    "sslrootcert": Parameter("PGSSLROOTCERT"),
    "sslcert": Parameter("PGSSLCERT"),
    "sslkey": Parameter("PGSSLKEY"),
    "sslpassword": Parameter(),
    "sslcrl": Parameter("PGSSLCRL"),
    "sslnegotiation": Parameter("PGSSLNEGOTIATION", "postgres|direct", "must be postgres or direct"),
    "ssl_min_protocol_version": Parameter("PGSSLMINPROTOCOLVERSION", r"TLSv1(\.[123])?", "must be like TLSv1.2"),
    "ssl_max_protocol_version": Parameter("PGSSLMAXPROTOCOLVERSION", r"TLSv1(\.[123])?", "must be like TLSv1.2"),
    "krbsrvname": Parameter("PGKRBSRVNAME"),
    "gsslib": Parameter("PGGSSLIB", "gssapi", "must be gssapi"),
    "target_session_attrs": Parameter(
        "PGTARGETSESSIONATTRS", "any|primary|read-write", "must be read-write, or left out: this program writes"
    ),
    "channel_binding": _left_out(
        "the client can't bind; sslmode=verify-full with sslrootcert=system proves who the server is",
        "PGCHANNELBINDING",
        "disable|prefer|require",
        "must be disable, prefer or require",
    ),
    "connect_timeout": _left_out(OWN_DEADLINES, "PGCONNECT_TIMEOUT"),
    "keepalives": _left_out(KEPT_ALIVE),
    "keepalives_idle": _left_out(KEPT_ALIVE),
    "keepalives_interval": _left_out(KEPT_ALIVE),
    "keepalives_count": _left_out(KEPT_ALIVE),
    "tcp_user_timeout": _left_out(OWN_DEADLINES),
    "application_name": _left_out("this program names its connections itself", "PGAPPNAME"),
    "fallback_application_name": _left_out("this program names its connections itself"),
    "client_encoding": _left_out("texts travel in UTF-8", "PGCLIENTENCODING"),
    "load_balance_hosts": _left_out("the first host that takes writes is used", "PGLOADBALANCEHOSTS"),
    "max_protocol_version": _left_out("the client speaks 3.0", "PGMAXPROTOCOLVERSION"),
    "min_protocol_version": _left_out(
        "the client speaks 3.0", "PGMINPROTOCOLVERSION", r"3\.0", "must be 3.0, or left out"
    ),
    "sslcompression": _left_out("nobody compresses TLS any more", "PGSSLCOMPRESSION"),
    "sslkeylogfile": _left_out("this program writes no session keys"),
    "sslsni": _left_out("the client always sends the host's name", "PGSSLSNI"),
    "sslcertmode": _left_out(
        "a certificate is sent where sslcert names one",
        "PGSSLCERTMODE",
        "allow",
        "must be left out: a certificate is sent where sslcert names one",
    ),
    "gssencmode": _left_out(
        "GSSAPI encrypts nothing here; TLS does",
        "PGGSSENCMODE",
        "disable|prefer",
        "must be disable: encryption is by TLS (sslmode=verify-full)",
    ),
    "gssdelegation": _left_out("nothing is delegated", "PGGSSDELEGATION", "0", "must be 0: nothing is delegated"),
    "replication": _left_out(
        "statements are run", None, "0|off|no|false", "must be left out: a replication connection runs no statements"
    ),
    "require_auth": Parameter("PGREQUIREAUTH", NOTHING, NOT_DEMANDED),
    "requirepeer": Parameter("PGREQUIREPEER", NOTHING, "can't be demanded: leave it out"),
    "requiressl": _left_out("sslmode says it", "PGREQUIRESSL", "0", "must be left out: sslmode=require says it"),
    "sslcrldir": Parameter("PGSSLCRLDIR", NOTHING, "can't be used: sslcrl names one file of revoked certificates"),
    "scram_client_key": Parameter(None, NOTHING, "can't be used: give the password"),
    "scram_server_key": Parameter(None, NOTHING, "can't be used: give the password"),
    **{
        f"oauth_{name}": Parameter(None, NOTHING, "can't be used: log in by password or certificate")
        for name in ("issuer", "client_id", "client_secret", "scope")
    },
    **{name: _left_out(ANOTHER_CLIENTS) for name in ("pgbouncer", "connection_limit", "pool_timeout", "supa")},
}
