"""The field for the contestants: both servers, and for each workload its topics and a template database."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from uuid import uuid4

import asyncpg
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from benchmarks.workloads import Emitted, Workload
from tests.stage.environment import environment, replaced_environment
from worker import postgres
from worker.cluster.topics import HEADER_ROOM
from worker.embedded import Kafka, Postgres
from worker.kafka.admin import administration
from worker.kafka.topic import Topic
from worker.kafka.writer import writer
from worker.plans import store as planstore
from worker.postgres.migrate import migrate
from worker.records.record import DEAD_LETTER_PREFIX
from worker.settings import Intake, Settings, Topics, load_settings

PARTITIONS = 12
CHUNK = 4000
MESSAGE_BYTES = Intake().max_message_bytes
PLAIN_TABLES = Path(__file__).parent.joinpath("contestants", "plain.sql").read_text(encoding="utf-8")
# Fills the plans of `plain.sql` from the worker's tables.
PLAIN_ROWS = """
insert into plain.plan select plan_no, account_id, plan_id, name, version
from salesplan.plan join salesplan.plan_version using (plan_no, version);
insert into plain.trigger
select account_id, kind, ref, plan_no
from salesplan.plan join salesplan.plan_version v using (plan_no, version)
cross join lateral (
    select 'subscription', unnest(v.lgts) union all select 'order', unnest(v.ordered)
    union all select 'failed-payment', unnest(v.payment_failed) union all select 'paid', unnest(v.paid)
) t (kind, ref);
insert into plain.member (plan_no, manager_id) select plan_no, unnest(roster) from salesplan.plan;
"""
# Older assignments, as after some months of work. Their leads never come again.
OLDER = """
insert into salesplan.assignment
       (plan_no, plan_seq, lead_id, manager_id, revision, reason, plan_version, trigger_kind, trigger_event_id,
        trigger_ref, source_topic, source_partition, source_offset, event_id, assigned_at)
select p.plan_no, 1 + n / $2, 'older-' || n, p.roster[1 + (n / $2) % cardinality(p.roster)], 1, 'even', 1, 'order',
       gen_random_uuid(), 'offer', 'older', n % 12, n / 12, uuidv7(), now() - interval '1 day'
from generate_series($1::bigint, $1 + $3 - 1) n
join salesplan.plan p on p.plan_no = 1 + n % $2
"""
OLDER_COUNTERS = """
update salesplan.plan_counter c
set last_seq = a.last_seq, assigned = a.assigned, last_seqs = a.last_seqs
from (
    select plan_no, max(last_seq) last_seq, array_agg(assigned::integer order by place) assigned,
           array_agg(last_seq order by place) last_seqs
    from (
        select p.plan_no, r.place, count(a.plan_seq) assigned, coalesce(max(a.plan_seq), 0) last_seq
        from salesplan.plan p
        cross join lateral unnest(p.roster) with ordinality r (manager_id, place)
        left join salesplan.assignment a on a.plan_no = p.plan_no and a.manager_id = r.manager_id
        group by 1, 2
    ) m
    group by plan_no
) a
where c.plan_no = a.plan_no
"""
OLDER_CHUNK = 1_000_000


@dataclass(frozen=True)
class Track:
    """One workload that is ready to run: its topics hold the records, and the database ``template`` holds its plans.

    ``enters`` counts the records that bring a lead in. A run must make the same number of announcements.
    """

    workload: Workload
    template: str
    events: int
    enters: int

    @property
    def topics(self) -> dict[str, str]:
        """The topics, by their names in the settings."""
        return {field: f"{self.workload.name}.{kind}" for field, kind in Topics.KINDS.items()}


class Field:
    """Both servers. A partition keeps about its last ``keep_bytes`` bytes; 0 keeps all."""

    def __init__(self, kafka: Kafka, server: Postgres, folder: Path, keep_bytes: int = 0) -> None:
        self.kafka = kafka
        self.server = server
        self.folder = folder
        self._keep_bytes = keep_bytes
        self.client = self.settings({"KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers}).kafka

    def settings(self, names: Mapping[str, str]) -> Settings:
        """The settings that a worker reads from this environment."""
        with replaced_environment(names):
            return load_settings()

    def environment(self, track: Track, database: str, **more: str) -> dict[str, str]:
        """The environment of a worker on this track, with a group and an output topic of its own."""
        names = environment(self.server.dsn(database), self.kafka.bootstrap_servers)
        topics = {f"SALESPLAN_TOPICS__{field.upper()}": topic for field, topic in track.topics.items()}
        defaults = {"SALESPLAN_TOPICS__PARTITIONS": str(PARTITIONS), "SALESPLAN_SLOT__LEASE_SECONDS": "10"}
        return {**names, **topics, **defaults, **more}

    async def prepare(self, workload: Workload, events: int) -> Track:
        """Fills the workload's topics, and makes the template database for its runs."""
        template = f"template_{workload.name.replace('-', '_')}"
        await self._execute(f'create database "{template}"')
        await asyncio.to_thread(migrate, self.server.dsn(template))
        async with postgres.connected(self.server.dsn(template), application_name="benchmark") as connection:
            for plans in workload.plan_files():
                await planstore.apply(connection, plans, changed_by="benchmark", execute=True)
            await connection.execute(PLAIN_TABLES + PLAIN_ROWS)
            if workload.ledger:
                await _fill_ledger(connection, workload)
            await connection.execute("vacuum (analyze, freeze)", timeout=600)
        track = Track(workload, template, events, 0)
        await self.make_topics(
            [name for topic in track.topics.values() for name in (topic, DEAD_LETTER_PREFIX + topic)]
        )
        enters = await self.fill(track, workload.events(events))
        return Track(workload, template, events, enters)

    async def make_topics(self, names: Collection[str]) -> None:
        """Creates topics like ``salesplan topics create``, but the broker sets the times, and may keep fewer bytes."""
        sizes = {name: MESSAGE_BYTES + HEADER_ROOM * name.startswith(DEAD_LETTER_PREFIX) for name in names}
        async with administration(self.client) as admin:
            await admin.create([Topic(name, PARTITIONS, 1, size) for name, size in sizes.items()])
        async with self._admin() as client:
            await client.alter_configs([self._configured(name, size) for name, size in sizes.items()])

    def _configured(self, name: str, size: int) -> ConfigResource:
        settings = {"max.message.bytes": str(size), "message.timestamp.type": "LogAppendTime"}
        if self._keep_bytes:  # the broker deletes whole segments, every five minutes
            settings |= {"retention.bytes": str(self._keep_bytes), "segment.bytes": str(self._keep_bytes // 2)}
        return ConfigResource(ConfigResourceType.TOPIC, name, settings)

    async def remove_topics(self, names: Collection[str]) -> None:
        """Deletes the output of a finished run, since the next run needs the disk."""
        async with self._admin() as client:
            await client.delete_topics(list(names))

    @asynccontextmanager
    async def _admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        client = AIOKafkaAdminClient(bootstrap_servers=self.kafka.bootstrap_servers)
        await client.start()
        try:
            yield client
        finally:
            await client.close()

    async def fill(self, track: Track, events: Iterable[Emitted]) -> int:
        """Appends the records. Returns the number of those that bring a lead in."""
        counts: Counter[bool] = Counter()
        events = iter(events)
        async with writer(self.client) as producer:
            while chunk := list(islice(events, CHUNK)):
                sent = [await producer.send(f"{track.workload.name}.{e.kind}", e.value, e.key) for e in chunk]
                await asyncio.gather(*sent)
                counts.update(event.enters is not None for event in chunk)
        return counts[True]

    @asynccontextmanager
    async def database(self, track: Track) -> AsyncIterator[str]:
        """Makes a clone of the track's database for one run."""
        name = f"run_{uuid4().hex[:8]}"
        strategy = "file_copy" if track.workload.ledger else "wal_log"
        await self._execute(f'create database "{name}" template "{track.template}" strategy {strategy}')
        await self._execute("checkpoint")  # so each run begins equally far from the next checkpoint
        try:
            yield name
        finally:
            await self._execute(f'drop database "{name}" with (force)')

    @asynccontextmanager
    async def prepared(self, track: Track) -> AsyncIterator[tuple[dict[str, str], Settings]]:
        """Makes a database and an output topic for one run. Returns the workers' environment, and its settings."""
        async with self.database(track) as database:
            names = self.environment(track, database)
            settings = self.settings(names)
            output = [settings.topics.lead_assigned]
            await self.make_topics(output)
            yield names, settings
            await self.remove_topics(output)

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self.server.dsn())
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


async def _fill_ledger(connection: postgres.Connection, workload: Workload) -> None:
    for start in range(0, workload.ledger, OLDER_CHUNK):
        await connection.execute(OLDER, start, workload.plans, OLDER_CHUNK, timeout=600)
    await connection.execute(OLDER_COUNTERS, timeout=600)
