"""The tests' servers as containers, where a Docker engine answers and their images can be had."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from worker.embedded.ports import free_port

POSTGRES_IMAGE = "postgres:18"
KAFKA_IMAGE = "apache/kafka:4.3.1"
LOCALHOST = "127.0.0.1"
ENGINE_SECONDS = 5

WATCHDOG = """
import sys, docker
sys.stdin.read() or docker.from_env().containers.get(sys.argv[1]).remove(force=True, v=True)
"""


class NoContainerError(Exception):
    """No engine answers, or it cannot get the image."""


def run_postgres(own: Callable[[Callable[[], None]], None]) -> str:
    """Starts PostgreSQL, hands what stops it to `own`, returns its address."""
    port, password = free_port(), "for-this-machine-only"
    _run(own, POSTGRES_IMAGE, {"POSTGRES_PASSWORD": password}, {5432: port}, "postgres -c max_connections=200")
    return f"postgresql://postgres:{password}@{LOCALHOST}:{port}/postgres"


def run_kafka(own: Callable[[Callable[[], None]], None]) -> str:
    """Starts Kafka, hands what stops it to `own`, returns its address."""
    port = free_port()
    settings = {
        "NODE_ID": "1",
        "PROCESS_ROLES": "broker,controller",
        "CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        # The broker connects to itself as well, and the port on the host means nothing inside the container.
        "LISTENERS": "PLAINTEXT://:9092,CONTROLLER://:9093,INTERNAL://:9094",
        "ADVERTISED_LISTENERS": f"PLAINTEXT://{LOCALHOST}:{port},INTERNAL://localhost:9094",
        "LISTENER_SECURITY_PROTOCOL_MAP": "CONTROLLER:PLAINTEXT,INTERNAL:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        "INTER_BROKER_LISTENER_NAME": "INTERNAL",
        "CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "AUTO_CREATE_TOPICS_ENABLE": "false",
        "GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        "OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "OFFSETS_TOPIC_NUM_PARTITIONS": "4",
        "TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "TRANSACTION_STATE_LOG_NUM_PARTITIONS": "4",
    }
    _run(own, KAFKA_IMAGE, {f"KAFKA_{name}": value for name, value in settings.items()}, {9092: port})
    return f"{LOCALHOST}:{port}"


def _run(
    own: Callable[[Callable[[], None]], None],
    image: str,
    environment: dict[str, str],
    ports: Mapping[int, int],
    command: str | None = None,
) -> None:
    _find_engine()
    from docker.errors import DockerException  # noqa: PLC0415 - slow to import, and not always needed
    from testcontainers.core.config import testcontainers_config  # noqa: PLC0415
    from testcontainers.core.container import DockerContainer  # noqa: PLC0415

    testcontainers_config.ryuk_disabled = True  # it needs one more image; _remove_when_orphaned does its work
    published = {str(inner): (LOCALHOST, outer) for inner, outer in ports.items()}
    try:
        container = DockerContainer(image, command=command, env=environment)
        container.ports.update(published)  # type: ignore[arg-type] # docker takes such pairs
        own(container.stop)
        container.start()
    except DockerException as error:
        raise NoContainerError(" ".join(str(error).split())[:200]) from error
    own(_remove_when_orphaned(container.get_container_id()))


def _find_engine() -> None:
    """Looks before the library does, which leaves its socket open where nobody answers."""
    address = urlsplit(os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock")
    try:
        if address.scheme == "unix":
            with socket.socket(socket.AF_UNIX) as probe:
                probe.connect(address.path)
        else:
            socket.create_connection((address.hostname or "", address.port or 0), ENGINE_SECONDS).close()
    except OSError as error:
        raise NoContainerError(f"no engine at {address.geturl()}: {error.strerror}") from error


def _remove_when_orphaned(container_id: str) -> Callable[[], None]:
    """Removes the container once this process is gone, whatever killed it; returns how to call that off."""
    watchdog = subprocess.Popen(
        [sys.executable, "-c", WATCHDOG, container_id],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )

    def call_off() -> None:
        watchdog.communicate(b"stopped")

    return call_off
