"""One broker with everything that guards a real one: TLS, SASL by password and by token, and ACLs that deny by default.

Three ways in: by PLAINTEXT as a super user, for the tests themselves; by SASL_SSL as what is tested; and by SASL_SSL
at an address whose certificate is right, and that sends clients on to one whose certificate is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import trustme
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from worker.embedded import Kafka
from worker.embedded.kafka import new_id
from worker.embedded.ports import HOST, free_port

NAME = "localhost"  # the only name in the certificate: the same server is a stranger at 127.0.0.1
USER, PASSWORD = "salesplan", "a-good-password"
MECHANISMS = ("SCRAM-SHA-512", "SCRAM-SHA-256")
AUDIENCE, ISSUER = "kafka", "https://tokens.example"
JAVA_OPTIONS = ("-Xmx256m", "-XX:TieredStopAtLevel=1")

PROPERTIES = """\
listeners=PLAINTEXT://{host}:{open},GUARDED://{name}:{guarded},ASTRAY://{name}:{astray},CONTROLLER://{host}:{controller}
advertised.listeners=PLAINTEXT://{host}:{open},GUARDED://{name}:{guarded},ASTRAY://{host}:{astray}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,GUARDED:SASL_SSL,ASTRAY:SASL_SSL,CONTROLLER:PLAINTEXT
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
sasl.enabled.mechanisms=SCRAM-SHA-512,SCRAM-SHA-256,PLAIN,OAUTHBEARER
ssl.keystore.type=PEM
ssl.keystore.location={keystore}
{scram}
{plain}
{oauth}
"""
LISTENERS = ("guarded", "astray")
SCRAM = """\
listener.name.{listener}.{mechanism}.sasl.jaas.config=\
org.apache.kafka.common.security.scram.ScramLoginModule required;
"""
PLAIN = """\
listener.name.{listener}.plain.sasl.jaas.config=\
org.apache.kafka.common.security.plain.PlainLoginModule required user_{user}="{password}";
"""
OAUTH = """\
listener.name.{listener}.oauthbearer.sasl.jaas.config=\
org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;
listener.name.{listener}.oauthbearer.sasl.server.callback.handler.class=\
org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler
listener.name.{listener}.oauthbearer.sasl.oauthbearer.jwks.endpoint.url={keys}
listener.name.{listener}.oauthbearer.sasl.oauthbearer.expected.audience={audience}
listener.name.{listener}.oauthbearer.sasl.oauthbearer.expected.issuer={issuer}
listener.name.{listener}.oauthbearer.connections.max.reauth.ms=3600000
"""


class Guarded(NamedTuple):
    """The ways into the broker, and the authority that has signed its certificate."""

    open: str
    guarded: str
    astray: str
    authority: Path
    kafka: Kafka

    def change_password(self, password: str) -> None:
        """Of the mechanism PLAIN; in force after a restart."""
        properties = self.kafka.folder / "server.properties"
        properties.write_text(properties.read_text().replace(f'user_{USER}="{PASSWORD}"', f'user_{USER}="{password}"'))

    def change_authority(self, authority: trustme.CA) -> None:
        """The certificate is another one's; in force after a restart."""
        (self.kafka.folder / "server.pem").write_bytes(_keystore(authority.issue_cert(NAME)))


@contextmanager
def guarded_broker(folder: Path, authority: trustme.CA, keys: Path) -> Iterator[Guarded]:
    """The broker for the length of the block; it believes tokens that are signed with ``keys``, a JWKS file."""
    ports = {name: free_port() for name in ("open", "guarded", "astray", "controller")}
    trusted, keystore = folder / "authority.pem", folder / "server.pem"
    authority.cert_pem.write_to_path(str(trusted))
    keystore.write_bytes(_keystore(authority.issue_cert(NAME)))
    kafka = Kafka(
        folder,
        ports["open"],
        ports["controller"],
        [*JAVA_OPTIONS, f"-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls={keys.as_uri()}"],
        _properties(ports, keystore, keys),
    )
    users = [f"{mechanism}=[name={USER},password={PASSWORD}]" for mechanism in MECHANISMS]
    kafka.format(new_id(), *(word for user in users for word in ("--add-scram", user)))
    kafka.restart()
    try:
        yield Guarded(
            kafka.bootstrap_servers, f"{NAME}:{ports['guarded']}", f"{NAME}:{ports['astray']}", trusted, kafka
        )
    finally:
        kafka.kill()


def _keystore(certificate: trustme.LeafCert) -> bytes:
    key = load_pem_private_key(certificate.private_key_pem.bytes(), None)
    # The only form of a key that Java reads.
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return b"".join([pem, *(blob.bytes() for blob in certificate.cert_chain_pems)])


def _properties(ports: dict[str, int], keystore: Path, keys: Path) -> str:
    return PROPERTIES.format(
        host=HOST,
        name=NAME,
        **ports,
        keystore=keystore,
        scram="".join(
            SCRAM.format(listener=listener, mechanism=mechanism.lower())
            for listener in LISTENERS
            for mechanism in MECHANISMS
        ),
        plain="".join(PLAIN.format(listener=listener, user=USER, password=PASSWORD) for listener in LISTENERS),
        oauth="".join(
            OAUTH.format(listener=listener, keys=keys.as_uri(), audience=AUDIENCE, issuer=ISSUER)
            for listener in LISTENERS
        ),
    )
