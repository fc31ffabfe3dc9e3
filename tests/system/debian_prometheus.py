"""Prometheus out of Debian's package, which is taken apart and not installed: that would start a server."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import yaml

from worker.embedded.ports import HOST, free_port
from worker.embedded.process import ServerProcess

ROOT = Path(__file__).parents[2]
ALERTS = ROOT / "deploy/prometheus/alerts.yml"
CACHE = ROOT / ".cache/prometheus"
START_SECONDS = 30
ANSWER_SECONDS = 5


def program(name: str) -> str:
    """The path of ``prometheus`` or ``promtool``."""
    if found := shutil.which(name):
        return found
    tool = CACHE / "usr/bin" / name
    if not tool.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        for command in (["apt-get", "update", "-qq"], ["apt-get", "download", "-qq", "prometheus"]):
            subprocess.run(command, cwd=CACHE, check=True)
        (package,) = CACHE.glob("prometheus_*.deb")
        subprocess.run(["dpkg", "-x", package, CACHE], check=True)  # noqa: S607 -- wherever the system has it
    return str(tool)


class Prometheus:
    """A server that looks every second, with our alerts as they are but for how long they wait."""

    def __init__(self, port: int) -> None:
        self._port = port

    def firing(self) -> set[tuple[str, str]]:
        """The alerts that fire: name, and what it is about where the alert says so."""
        with urlopen(f"http://{HOST}:{self._port}/api/v1/alerts", timeout=ANSWER_SECONDS) as answer:
            alerts = json.load(answer)["data"]["alerts"]
        return {
            (alert["labels"]["alertname"], alert["labels"].get("check", ""))
            for alert in alerts
            if alert["state"] == "firing"
        }


@contextmanager
def prometheus(folder: Path, ports: Sequence[int], *, waits: str) -> Iterator[Prometheus]:
    """Looks at the workers on these ports; each alert's ``for`` is ``waits``."""
    rules = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))
    for group in rules["groups"]:
        group["rules"] = [rule | {"for": waits} for rule in group["rules"]]
    targets = [f"{HOST}:{port}" for port in ports]
    settings = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": ["alerts.yml"],
        "scrape_configs": [{"job_name": "salesplan", "static_configs": [{"targets": targets}]}],
    }
    (folder / "alerts.yml").write_text(yaml.safe_dump(rules))
    (folder / "prometheus.yml").write_text(yaml.safe_dump(settings))
    port = free_port()
    process = ServerProcess(
        [
            program("prometheus"),
            f"--config.file={folder}/prometheus.yml",
            f"--storage.tsdb.path={folder}/data",
            f"--web.listen-address={HOST}:{port}",
        ],
        log=folder / "prometheus.log",
    )
    try:
        process.wait_until(lambda: "Server is ready to receive web requests" in process.output(), START_SECONDS)
        yield Prometheus(port)
    finally:
        process.stop(signal.SIGTERM)
