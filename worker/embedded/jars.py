"""Finds Apache Kafka's jars. jgo downloads them once from Maven Central; a list beside them names them all."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from worker.embedded.extra import package_folder

if TYPE_CHECKING:
    from jgo.maven import Artifact

KAFKA_VERSION = "4.3.1"
# The published descriptions of these two never change, and fix the versions of all that they need.
COORDINATES = (
    ("org.apache.kafka", "kafka_2.13", KAFKA_VERSION),
    ("org.slf4j", "slf4j-simple", "1.7.36"),
)
DOWNLOAD_SECONDS = 60
ATTEMPTS = 3


def cache_folder() -> Path:
    """SALESPLAN_CACHE_DIR if it is set; otherwise `.cache` of the checkout; otherwise the user's cache folder."""
    if folder := os.environ.get("SALESPLAN_CACHE_DIR"):
        return Path(folder).resolve()
    checkout = Path(__file__).resolve().parents[2]
    if (checkout / "pyproject.toml").is_file():
        return checkout / ".cache"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "salesplan"


def kafka_jars() -> list[Path]:
    """All jars of the broker's class path. The first call downloads them."""
    folder = cache_folder() / f"kafka-{KAFKA_VERSION}"
    if jars := _listed(folder):
        return jars
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder / "lock"):
        return _listed(folder) or _fetched(folder)


def _listed(folder: Path) -> list[Path]:
    """The jars of an earlier, complete download; empty if there was none."""
    try:
        jars = [folder / line for line in (folder / "jars").read_text().splitlines()]
    except FileNotFoundError:
        return []
    return jars if all(jar.exists() for jar in jars) else []


def _fetched(folder: Path) -> list[Path]:
    package_folder("jgo")
    from jgo.maven import MavenContext  # noqa: PLC0415 - an optional extra
    from jgo.parse import Coordinate  # noqa: PLC0415

    repository = folder / "maven"
    shutil.rmtree(repository, ignore_errors=True)  # an interrupted download leaves half a jar under its final name
    maven = MavenContext(repo_cache=repository, timeout=DOWNLOAD_SECONDS)
    wanted = [maven.create_dependency(Coordinate(*names, scope="compile")) for names in COORDINATES]
    direct, transitive = maven.resolver.resolve(wanted)
    runtime = [dependency for dependency in transitive if dependency.scope in {"compile", "runtime"}]
    with ThreadPoolExecutor(8) as pool:
        jars = list(pool.map(_downloaded, [dependency.artifact for dependency in (*direct, *runtime)]))
    unfinished = folder / "jars.unfinished"
    unfinished.write_text("".join(f"{jar.relative_to(folder)}\n" for jar in jars))
    unfinished.replace(folder / "jars")
    return jars


def _downloaded(artifact: "Artifact") -> Path:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return artifact.resolve()
        except (OSError, RuntimeError):  # jgo raises RuntimeError also for a wrong checksum
            if artifact.cached_path is not None:
                artifact.cached_path.unlink(missing_ok=True)
            if attempt == ATTEMPTS:
                raise
    raise AssertionError


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
