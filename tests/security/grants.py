"""Grants what ``kafka-acls.sh`` would, from the words that are to be typed there; its start takes seconds."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import for_code
from aiokafka.protocol.admin import CreateAclsRequest, DeleteAclsRequest

from tests.security.broker import USER
from tests.stage.stage import Stage
from worker.cluster.rights import Job, needed

# As the protocol numbers them.
KINDS = {"--topic": 2, "--group": 3, "--transactional-id": 5}
PATTERNS = {"literal": 3, "prefixed": 4}
OPERATIONS = {"Read": 3, "Write": 4, "Create": 5, "Describe": 8, "DescribeConfigs": 10}
PRINCIPAL = f"User:{USER}"
ALLOW, ANY_HOST = 3, "*"

Acl = tuple[int, str, int, str, str, int, int]


async def grant(servers: str, commands: Iterable[str]) -> None:
    """Do what these commands say, as the super user."""
    await _send(servers, [CreateAclsRequest(*_acl(command)) for command in commands])


async def revoke(servers: str, commands: Iterable[str]) -> None:
    """Undo what these commands said."""
    await _send(servers, [DeleteAclsRequest(*_acl(command)) for command in commands])


def _acl(command: str) -> Acl:
    program, add, *words = shlex.split(command)
    assert (program, add) == ("kafka-acls.sh", "--add")
    options = dict(zip(words[::2], words[1::2], strict=True))
    (kind,) = options.keys() & KINDS
    pattern = options.pop("--resource-pattern-type", "literal")
    assert options.keys() == {"--allow-principal", "--operation", kind}
    principal, operation = options["--allow-principal"], OPERATIONS[options["--operation"]]
    return KINDS[kind], options[kind], PATTERNS[pattern], principal, ANY_HOST, operation, ALLOW


async def _send(servers: str, requests: Iterable[CreateAclsRequest | DeleteAclsRequest]) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    try:
        await admin.start()
        for request in requests:
            answer = (await admin._send_request(request)).to_object()
            for found in answer.get("creation_responses") or answer["filter_responses"]:
                if found["error_code"]:
                    raise for_code(found["error_code"])(found["error_message"])
    finally:
        await admin.close()


def listed(stage: Stage, job: Job) -> list[str]:
    """The commands that grant a job its rights."""
    return [right.grant(PRINCIPAL) for right in needed(stage.settings, job)]


def servers(stage: Stage) -> str:
    return stage.settings.kafka.bootstrap_servers
