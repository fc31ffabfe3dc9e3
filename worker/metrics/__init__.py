"""The list of all metrics; `README.md` shows it, and a test compares the two.

The worker sets them once a batch, once a second or at intervals (`run/measurements.py`, `run/gauges.py`), never once a
record. No label contains the id of an account, a manager or a lead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, disable_created_metrics
from prometheus_client.exposition import choose_encoder

# Number of plans with their own series. One series per plan would be too many for ten thousand plans. A list of only
# the largest would lose a plan's counter whenever it leaves the list.
PLAN_SERIES = 100
OTHER_PLANS = "_other"  # all later plans; no plan can have this name

PUBLISHED, FAILED = "published", "failed"
BY_POSITIONS, BY_SLOT, BY_PRODUCER = "positions", "slot", "producer"
UNKNOWN = float("nan")  # the value of a gauge whose source is away; every comparison with it is false

SIZES = (1, 10, 50, 100, 250, 500, 1000, 2000, 4000, 8000, 16000, 65536)
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
AGES = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 7200.0, 86400.0)

Series = TypeVar("Series", Counter, Gauge, Histogram)


@dataclass(frozen=True, eq=False)
class Metric(Generic[Series]):
    """A metric: its name, labels and meaning."""

    kind: type[Series]
    name: str
    labels: tuple[str, ...]
    meaning: str
    buckets: tuple[float, ...] = ()


# Records in
CONSUMED = Metric(
    Counter,
    "salesplan_events_consumed_total",
    ("topic", "outcome"),
    "Input records that were committed, by outcome.",
)
DEAD_LETTERS = Metric(
    Counter,
    "salesplan_dead_letters_total",
    ("topic", "reason"),
    "Input records that became dead letters, by input topic and reason.",
)
EVENT_AGE = Metric(
    Histogram,
    "salesplan_event_age_seconds",
    ("topic",),
    "Age of a batch's oldest record at the commit, by the record's own time. One observation for each batch and topic.",
    AGES,
)
EVENT_PROCESSING = Metric(
    Histogram,
    "salesplan_event_processing_seconds",
    ("topic",),
    "Time from fetching records to their commit. One observation for each batch and topic.",
    SECONDS,
)
LAG = Metric(
    Gauge,
    "salesplan_consumer_lag_records",
    ("topic", "partition"),
    "Records that wait for their commit, by the broker's last answer. Only for partitions that this worker holds.",
)
OLDEST_UNPROCESSED = Metric(
    Gauge,
    "salesplan_oldest_unprocessed_event_age_seconds",
    (),
    "Age of the oldest record that waits for its commit; 0 if there is none. It is the age by the record's own time, "
    "and at least the time for which this worker has known the record. NaN while Kafka is away.",
)
GROUP_LAG = Metric(
    Gauge,
    "salesplan_group_lag_records",
    ("topic",),
    "Offsets between the positions in Postgres and the ends of the logs, for all partitions of the group. Every worker "
    "shows the same, up to ten seconds late. There is no value while Postgres or Kafka is away.",
)
UNATTENDED = Metric(
    Gauge,
    "salesplan_partition_unattended_seconds",
    ("topic", "partition"),
    "Time for which records wait and nobody reads the partition, or for which a foreign consumer has held it. Only for "
    "partitions in this state.",
)

TOPIC_FAULTS = Metric(
    Gauge,
    "salesplan_topic_faults",
    ("effect",),
    "Faults of topics, as `salesplan topics check` names them, by effect. Workers look every 10 s. A fault stops "
    "workers (stops), makes partitions wait or one worker read everything (limits), or only warns (warns).",
)

# The transaction
ASSIGNMENTS = Metric(
    Counter,
    "salesplan_assignments_total",
    ("plan_id", "mode"),
    f"Leads assigned. The {PLAN_SERIES} oldest active plans have their own series; plans with the same id in several "
    f"accounts share one. {OTHER_PLANS} is the sum of all other plans.",
)
BATCH_SIZE = Metric(Histogram, "salesplan_batch_size_records", (), "Records in a committed batch.", SIZES)
BATCH_PROCESSING = Metric(
    Histogram,
    "salesplan_batch_processing_seconds",
    (),
    "Time from the beginning of a batch's first transaction to its commit, with all further tries.",
    SECONDS,
)
LOCK_WAIT = Metric(
    Histogram,
    "salesplan_lock_wait_seconds",
    (),
    "Time for which a committed batch waited for the counter rows of its plans.",
    SECONDS,
)
TRIED_AGAIN = Metric(
    Counter,
    "salesplan_batches_tried_again_total",
    ("sqlstate",),
    "Batches that began again after a conflict: serialization (40001), deadlock (40P01) or lock timeout (55P03).",
)
FENCED = Metric(
    Counter,
    "salesplan_fenced_total",
    ("by",),
    "Times when another worker replaced this one: it wrote the same records (positions), took the slot (slot), or "
    "opened the producer (producer). A Kafka transaction that ran out also counts as producer.",
)
SESSIONS = Metric(
    Counter,
    "salesplan_sessions_total",
    (),
    "Sessions begun: one at the start, and one after each failure.",
)

# Messages out
EVENTS_PUBLISHED = Metric(
    Counter,
    "salesplan_events_published_total",
    ("topic", "outcome"),
    f"Messages, by outcome. {PUBLISHED}: they are out. {FAILED}: the worker does not know yet whether they are out. It "
    "looks them up, and sends the rest.",
)
OUTBOX_PENDING = Metric(
    Gauge,
    "salesplan_outbox_pending",
    (),
    "Batches of the whole group that nobody has recorded as published. Workers record it within a quarter of a lease. "
    "NaN while Postgres is away.",
)
OUTBOX_OLDEST_AGE = Metric(
    Gauge,
    "salesplan_outbox_oldest_age_seconds",
    (),
    "Age of the oldest of these batches by the database's clock, and at least the time for which this worker has seen "
    "it. The value is 0 if there is none. NaN while Postgres is away.",
)
MESSAGES_HELD = Metric(
    Gauge,
    "salesplan_messages_held",
    ("topic",),
    "Messages of the whole group that wait until their topic takes larger messages (max.message.bytes).",
)

# Plans
PLAN_CACHE_SUCCESS = Metric(
    Gauge,
    "salesplan_plan_cache_last_success_timestamp_seconds",
    (),
    "Time of the last successful look at the plans in force, in seconds since 1970. 0 before the first one.",
)
PLANS_LOADED = Metric(Gauge, "salesplan_plans_loaded", (), "Active plans in this worker's cache.")
PLAN_SPREAD = Metric(
    Gauge,
    "salesplan_plan_spread_leads",
    ("plan_id",),
    "Largest difference in leads between two active managers of an even plan. Only for the "
    f"{PLAN_SERIES} oldest active plans. It is above 1 while a manager who came later or was paused catches up.",
)

# The process
READY = Metric(Gauge, "salesplan_ready", ("check",), "1 if the check of /readyz passes, otherwise 0.")
BUILD_INFO = Metric(Gauge, "salesplan_build_info", ("version", "revision"), "Always 1; the labels name the build.")
LOG_LINES_DROPPED = Metric(
    Counter,
    "salesplan_log_lines_dropped_total",
    (),
    "Log lines that the worker dropped, because the disk is full, the pipe is closed, or the reader of the pipe hangs.",
)
PROCESS = (
    Metric(Gauge, "process_virtual_memory_bytes", (), "Virtual memory size in bytes."),
    Metric(Gauge, "process_resident_memory_bytes", (), "Resident memory size in bytes."),
    Metric(Gauge, "process_start_time_seconds", (), "Start time of the process since unix epoch in seconds."),
    Metric(Counter, "process_cpu_seconds_total", (), "Total user and system CPU time spent in seconds."),
    Metric(Gauge, "process_open_fds", (), "Number of open file descriptors."),
    Metric(Gauge, "process_max_fds", (), "Maximum number of open file descriptors."),
)

METRICS: tuple[Metric[Any], ...] = (
    *(CONSUMED, DEAD_LETTERS, EVENT_AGE, EVENT_PROCESSING, LAG, OLDEST_UNPROCESSED),
    *(GROUP_LAG, UNATTENDED, TOPIC_FAULTS),
    *(ASSIGNMENTS, BATCH_SIZE, BATCH_PROCESSING, LOCK_WAIT, TRIED_AGAIN, FENCED, SESSIONS),
    *(EVENTS_PUBLISHED, OUTBOX_PENDING, OUTBOX_OLDEST_AGE, MESSAGES_HELD),
    *(PLAN_CACHE_SUCCESS, PLANS_LOADED, PLAN_SPREAD),
    *(READY, BUILD_INFO, LOG_LINES_DROPPED),
)


class Metrics:
    """The metric values of one worker."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # it has no annotations
        self._registry = CollectorRegistry()
        self._metrics = {metric: self._make(metric) for metric in METRICS}
        # The library's own lookup takes ten times as long, and a batch needs about a hundred.
        self._series: dict[tuple[Metric[Any], tuple[str, ...]], Any] = {}
        ProcessCollector(registry=self._registry)
        for gauge in (OLDEST_UNPROCESSED, OUTBOX_PENDING, OUTBOX_OLDEST_AGE):
            self.of(gauge).set(UNKNOWN)

    def of(self, metric: Metric[Series], *labels: str) -> Series:
        """Return the series with these labels, or the metric itself if it has none. The first call creates the series
        at 0.

        The series stay cached here. So a metric that is cleared now and then must create its series by ``labels``
        itself.
        """
        key = (metric, labels)
        series: Series | None = self._series.get(key)
        if series is None:
            created: Series = self._metrics[metric]
            series = self._series[key] = created.labels(*labels) if labels else created
        return series

    def text(self, accept: str) -> tuple[bytes, str]:
        """All values in a format of Prometheus, and their content type; ``accept`` is the reader's preference."""
        encode, content_type = choose_encoder(accept)
        return encode(self._registry), content_type

    def _make(self, metric: Metric[Series]) -> Series:
        more: dict[str, Any] = {"buckets": metric.buckets} if metric.buckets else {}
        return metric.kind(metric.name, metric.meaning, metric.labels, registry=self._registry, **more)
