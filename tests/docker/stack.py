"""docker-compose.yml as a project of the test's own, and what is known of a Docker engine that could run it."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.stage.scraped import Scraped
from worker.embedded.ports import HOST, free_port

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
IMAGES = ("python:3.13-slim", "postgres:18", "apache/kafka:4.3.1")
PROMETHEUS = "prom/prometheus:v3.13.1"
REVISION = "0123abc"  # that the image is said to be built from
COMMAND_SECONDS = 900  # the first build downloads everything
QUICK_SECONDS = 20
LOOK_PAUSE = 0.5
TAIL = 6000  # characters of logs that are told

BUILT = ("migrate", "worker", "demo")
# The build reaches the package index just as this machine does.
BUILD_HERE = "services:\n" + "".join(f"  {name}: {{build: {{network: host}}}}\n" for name in BUILT)


def missing() -> str | None:
    """What a machine lacks for running the stack, or None."""
    if not shutil.which("docker"):
        return "no `docker` command"
    if not _succeeds("docker", "version"):
        return "no Docker engine answers"
    if not _succeeds("docker", "compose", "version"):
        return "no `docker compose`, version 2"
    return next(filter(None, map(missing_image, IMAGES)), None)


def missing_image(image: str) -> str | None:
    """What is missing where the engine neither has the image nor can pull it, or None."""
    here = _succeeds("docker", "image", "inspect", image)
    if here or _succeeds("docker", "pull", image, seconds=COMMAND_SECONDS):
        return None
    return f"no image {image}, and it can't be pulled"


def get(port: int, path: str) -> tuple[int, str]:
    """Status and body, from a port of this machine."""
    asked = http.client.HTTPConnection(HOST, port, timeout=10)
    try:
        asked.request("GET", path)
        answer = asked.getresponse()
        return answer.status, answer.read().decode()
    finally:
        asked.close()


def answers(port: int, path: str) -> bool:
    """Whether somebody listens there already, and all is well."""
    try:
        return get(port, path)[0] == http.client.OK
    except OSError:
        return False


def _succeeds(*command: str, seconds: float = QUICK_SECONDS) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=seconds, check=False).returncode == 0
    except subprocess.TimeoutExpired:
        return False


class Stack:
    """A Compose project. Commands that fail raise AssertionError with what they said."""

    def __init__(self, folder: Path) -> None:
        self.postgres_port, self.kafka_port, self.prometheus_port = free_port(), free_port(), free_port()
        overrides = folder / "build.yml"
        overrides.write_text(BUILD_HERE)
        self._project = f"salesplan-test-{uuid4().hex[:8]}"
        files = ("--file", str(COMPOSE), "--file", str(overrides))
        self._compose = ("docker", "compose", "--project-name", self._project, *files, "--profile", "demo")
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("COMPOSE_")},
            "POSTGRES_PORT": str(self.postgres_port),
            "KAFKA_PORT": str(self.kafka_port),
            "PROMETHEUS_PORT": str(self.prometheus_port),
            "REVISION": REVISION,
        }
        if not _succeeds("docker", "buildx", "version"):
            self._environment["DOCKER_BUILDKIT"] = "0"

    def compose(self, *arguments: str, check: bool = True, **variables: str) -> subprocess.CompletedProcess[str]:
        """``docker compose`` with these arguments."""
        return self._run(*self._compose, *arguments, check=check, **variables)

    def containers(self, service: str) -> list[dict[str, Any]]:
        """What the engine knows of the service's containers."""
        ids = self.compose("ps", "--all", "--quiet", service).stdout.split()
        return list(json.loads(self._run("docker", "inspect", *ids).stdout)) if ids else []

    def scrape(self, container: dict[str, Any]) -> Scraped:
        """What the worker in this container tells Prometheus."""
        (opened,) = container["NetworkSettings"]["Ports"]["8081/tcp"]
        status, text = get(int(opened["HostPort"]), "/metrics")
        assert status == 200
        return Scraped.of(text)

    def docker(self, *arguments: str) -> str:
        """What ``docker`` says."""
        return self._run("docker", *arguments).stdout

    def until(self, what: str, condition: Callable[[], bool], seconds: float) -> None:
        """Wait for a condition; AssertionError with the last of the logs where it does not come."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                states = self.compose("ps", "--all", check=False).stdout
                logs = self.compose("logs", "--no-color", "--tail", "40", check=False).stdout
                raise AssertionError(f"not within {seconds} s: {what}\n{states}\n{logs[-TAIL:]}")
            time.sleep(LOOK_PAUSE)

    def down(self) -> None:
        """Remove containers, volumes, networks and the images that were built."""
        self.compose("--profile", "observability", "down", "--volumes", "--remove-orphans", "--timeout", "30")
        for name in BUILT:  # one by one: Compose removes all names of an image at once, and stumbles
            _succeeds("docker", "image", "rm", f"{self._project}-{name}")

    def _run(self, *command: str, check: bool = True, **variables: str) -> subprocess.CompletedProcess[str]:
        ran = subprocess.run(
            command,
            capture_output=True,
            text=True,
            env=self._environment | variables,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        if check and ran.returncode:
            raise AssertionError(f"{' '.join(command)}: exit {ran.returncode}\n{(ran.stdout + ran.stderr)[-TAIL:]}")
        return ran


@contextmanager
def stack(folder: Path) -> Iterator[Stack]:
    """A project that leaves nothing behind, whatever happens."""
    stack = Stack(folder)
    try:
        yield stack
    finally:
        stack.down()
