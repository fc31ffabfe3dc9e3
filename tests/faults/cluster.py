"""Three Kafka nodes, each broker and controller, that a test takes down one by one."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import TypeVar

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from tests.faults.proxy import Proxy, proxies
from worker.embedded import Kafka
from worker.embedded.kafka import new_id
from worker.embedded.ports import HOST, free_port

NODES = range(3)
# The quick compiler alone: three nodes start in 5 to 6 seconds on two cores, and in 8 to 11 with both.
JAVA_OPTIONS = ("-Xmx256m", "-XX:TieredStopAtLevel=1")
ANSWER_SECONDS = 60.0
REQUEST_MS = 3000
ASK_AGAIN = 0.1
GROUP, TRANSACTION = 0, 1  # the protocol's kinds of coordinators

# No proxy stands between the nodes themselves. A dead or frozen node is found out after its session's three
# seconds: until then what it led has no leader, and it is not let in again if it has been killed.
PROPERTIES = """\
node.id={node_id}
controller.quorum.voters={voters}
listeners=PLAINTEXT://{host}:{port},INTERNAL://{host}:{internal_port},CONTROLLER://{host}:{controller_port}
advertised.listeners=PLAINTEXT://{host}:{advertised_port},INTERNAL://{host}:{internal_port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=INTERNAL
min.insync.replicas=2
offsets.topic.replication.factor=3
transaction.state.log.replication.factor=3
transaction.state.log.min.isr=2
share.coordinator.state.topic.replication.factor=3
share.coordinator.state.topic.min.isr=2
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=3000
"""

Answer = TypeVar("Answer")


class Cluster:
    """Nodes are known by their index. Clients come in through the proxies, where there are any."""

    def __init__(self, nodes: Sequence[Kafka], internal_servers: str, proxies: Sequence[Proxy]) -> None:
        self.nodes = nodes
        self.proxies = proxies
        self.bootstrap_servers = ",".join(f"{HOST}:{way.port}" for way in proxies or nodes)
        self.internal_servers = internal_servers

    def start(self, *indexes: int) -> None:
        """Starts these nodes, or all that do not run; two of three can serve. A running one is stopped before."""
        chosen = [self.nodes[index] for index in indexes] or [node for node in self.nodes if not node.is_running]
        with ThreadPoolExecutor(len(self.nodes)) as pool:
            list(pool.map(Kafka.restart, chosen))

    def stop(self, index: int) -> None:
        """In order: what it leads and coordinates has moved when this returns."""
        self.nodes[index].stop()

    def kill(self, *indexes: int) -> None:
        """At once; all of them where none is named."""
        for index in indexes or NODES:
            self.nodes[index].kill()

    def freeze(self, index: int) -> None:
        os.kill(self.nodes[index].pid, signal.SIGSTOP)

    def thaw(self, index: int) -> None:
        os.kill(self.nodes[index].pid, signal.SIGCONT)

    async def heal(self) -> None:
        """Everything runs and flows again, and every replica of every partition has caught up."""
        for proxy in self.proxies:
            proxy.heal()
        for index in NODES:
            if self.nodes[index].is_running:
                self.thaw(index)
        await asyncio.to_thread(self.start)
        await self.until_whole()

    async def until_whole(self) -> None:
        async def is_whole(admin: AIOKafkaAdminClient) -> bool | None:
            brokers = (await admin.describe_cluster())["brokers"]
            partitions = [found for topic in await admin.describe_topics() for found in topic["partitions"]]
            whole = all(found["leader"] > 0 and len(found["isr"]) == len(found["replicas"]) for found in partitions)
            return True if len(brokers) == len(NODES) and whole else None

        await self._answer(is_whole)

    async def leader(self, topic: str, partition: int) -> int:
        """Who leads it, as far as the nodes know: of a death they learn within the session's seconds."""

        async def ask(admin: AIOKafkaAdminClient) -> int | None:
            (found,) = await admin.describe_topics([topic])
            leaders = {place["partition"]: place["leader"] for place in found["partitions"]}
            return self._index(leaders.get(partition, -1))

        return await self._answer(ask)

    async def coordinator(self, group_id: str) -> int:
        return await self._coordinator(group_id, GROUP)

    async def transaction_coordinator(self, transactional_id: str) -> int:
        return await self._coordinator(transactional_id, TRANSACTION)

    async def _coordinator(self, name: str, kind: int) -> int:
        async def ask(admin: AIOKafkaAdminClient) -> int | None:
            return self._index(await admin.find_coordinator(name, kind))

        return await self._answer(ask)

    def _index(self, node_id: int) -> int | None:
        return node_id - 1 if node_id > 0 else None

    async def _answer(self, ask: Callable[[AIOKafkaAdminClient], Awaitable[Answer | None]]) -> Answer:
        """Asks until there is an answer; a node that is asked may be down."""
        async with asyncio.timeout(ANSWER_SECONDS):
            while True:
                try:
                    async with self._admin() as admin:
                        answer = await ask(admin)
                        if answer is not None:
                            return answer
                except KafkaError:
                    pass
                await asyncio.sleep(ASK_AGAIN)

    @asynccontextmanager
    async def _admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.internal_servers, request_timeout_ms=REQUEST_MS)
        try:
            await admin.start()
            yield admin
        finally:
            await admin.close()


@contextmanager
def cluster(folder: Path, *, proxied: bool = False) -> Iterator[Cluster]:
    """Three nodes that serve clients; with a proxy before each, if that is wished for."""
    with ExitStack() as owned:
        ports = [free_port() for _ in NODES]
        internal = [free_port() for _ in NODES]
        controllers = [free_port() for _ in NODES]
        before = owned.enter_context(proxies(*((HOST, port) for port in ports))) if proxied else []
        nodes = [
            Kafka(
                _made(folder / f"node-{index}"),
                ports[index],
                controllers[index],
                JAVA_OPTIONS,
                PROPERTIES.format(
                    host=HOST,
                    node_id=index + 1,
                    port=ports[index],
                    internal_port=internal[index],
                    controller_port=controllers[index],
                    advertised_port=before[index].port if proxied else ports[index],
                    voters=",".join(f"{other + 1}@{HOST}:{controllers[other]}" for other in NODES),
                ),
            )
            for index in NODES
        ]
        started = Cluster(nodes, ",".join(f"{HOST}:{port}" for port in internal), before)
        owned.callback(started.kill)
        _format(nodes)
        started.start()
        yield started


def _format(nodes: Sequence[Kafka]) -> None:
    """Formats the first, which takes a Java runtime a second, and has the others differ by what names them."""
    first, *others = nodes
    first.format(new_id())
    names = (first.folder / "data" / "meta.properties").read_text().splitlines()
    for node_id, node in enumerate(others, start=2):
        shutil.copytree(first.folder / "data", node.folder / "data")
        own = {"node.id": str(node_id), "directory.id": new_id()}
        lines = [f"{name}={own.get(name, value)}" for name, _, value in (line.partition("=") for line in names)]
        (node.folder / "data" / "meta.properties").write_text("\n".join(lines))


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder
