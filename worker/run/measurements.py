"""Updates the metrics once a batch, from the batch's results."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.metadata import version

from worker import kafka, log, metrics
from worker.ledger.answer import PositionMove, Written
from worker.ledger.rows import COUNTED
from worker.metrics import Metrics
from worker.outbox.slots import SlotLostError
from worker.postgres import RETRY
from worker.records.record import Partition
from worker.rules.batch import Batch, Work
from worker.rules.decide import Outcome
from worker.rules.event import POISON_REASONS, Poison
from worker.rules.plan import Mode, Plan, PlanBook
from worker.settings import Settings, Topics


class Measurements:
    """Records one worker's events in its metrics."""

    def __init__(self, settings: Settings) -> None:
        self.metrics = Metrics()
        self._book = PlanBook.empty()
        self._plans_with_series: dict[int, str] = {}  # plan_id by plan_no, for plans with series of their own
        _create_series(self.metrics, settings.topics)
        self.metrics.of(metrics.BUILD_INFO, version("salesplan"), settings.ops.revision).set(1)
        log.count_dropped(self.metrics.of(metrics.LOG_LINES_DROPPED).inc)

    @property
    def plans_with_series(self) -> Mapping[int, str]:
        """Plans with series of their own: plan_id by plan_no."""
        return self._plans_with_series

    def record_commit(self, work: Work, written: Written, took: float) -> None:
        """Record a commit, ``took`` seconds after the work's first transaction began."""
        of = self.metrics.of
        of(metrics.BATCH_PROCESSING).observe(took)
        of(metrics.LOCK_WAIT).observe(written.lock_wait)
        self._count_assignments(written.leads_by_plan)
        if isinstance(work, Batch):
            of(metrics.BATCH_SIZE).observe(len(work))
            self._count_outcomes(written.moves)
            self._measure_ages(work.fetched.oldest, work.fetched.fetched_at)
            if written.outcomes[Outcome.DEAD_LETTERED]:
                self._count_dead_letters(work)

    def _count_assignments(self, given: Sequence[tuple[Plan, int]]) -> None:
        for plan, leads in given:
            plan_id = self._plans_with_series.get(plan.plan_no, metrics.OTHER_PLANS)
            self.metrics.of(metrics.ASSIGNMENTS, plan_id, plan.mode).inc(leads)

    def _count_outcomes(self, moved: Sequence[PositionMove]) -> None:
        by_topic: dict[str, list[tuple[int, ...]]] = {}
        for partition in moved:
            by_topic.setdefault(partition.topic, []).append(partition.counts)
        for topic, partitions in by_topic.items():
            for outcome, count in zip(COUNTED, map(sum, zip(*partitions, strict=True)), strict=True):
                if count:
                    self.metrics.of(metrics.CONSUMED, topic, outcome).inc(count)

    def _measure_ages(self, oldest: Mapping[Partition, float], fetched_at: float) -> None:
        now, processing = time.time(), time.monotonic() - fetched_at
        by_topic: dict[str, float] = {}
        for (topic, _), made_at in oldest.items():
            by_topic[topic] = min(made_at, by_topic.get(topic, made_at))
        for topic, made_at in by_topic.items():
            self.metrics.of(metrics.EVENT_AGE, topic).observe(max(now - made_at, 0.0))
            self.metrics.of(metrics.EVENT_PROCESSING, topic).observe(processing)

    def _count_dead_letters(self, batch: Batch) -> None:
        dead_letters = Counter(
            (record.topic, event.reason)
            for record, event in zip(batch.records, batch.events, strict=True)
            if isinstance(event, Poison)
        )
        for (topic, reason), count in dead_letters.items():
            self.metrics.of(metrics.DEAD_LETTERS, topic, reason).inc(count)

    def record_retry(self, sqlstate: str) -> None:
        """Record that a batch began again after a conflict."""
        self.metrics.of(metrics.TRIED_AGAIN, sqlstate).inc()

    def record_positions_moved(self) -> None:
        """Record that another worker has written records of this worker's batch."""
        self.metrics.of(metrics.FENCED, metrics.BY_POSITIONS).inc()

    def record_session(self) -> None:
        """Record that a session has leased a slot."""
        self.metrics.of(metrics.SESSIONS).inc()

    def record_session_end(self, troubles: BaseExceptionGroup[BaseException]) -> None:
        """Count the end of a session if another worker has replaced this one."""
        if troubles.subgroup(SlotLostError):
            self.metrics.of(metrics.FENCED, metrics.BY_SLOT).inc()
        if troubles.subgroup(kafka.FENCED):
            self.metrics.of(metrics.FENCED, metrics.BY_PRODUCER).inc()

    def record_messages(self, messages: Mapping[str, int], *, published: bool) -> None:
        """Record the number of messages by topic that are published, or whose sending failed."""
        outcome = metrics.PUBLISHED if published else metrics.FAILED
        for topic, count in messages.items():
            self.metrics.of(metrics.EVENTS_PUBLISHED, topic, outcome).inc(count)

    def record_book(self, book: PlanBook) -> None:
        """Record that the worker has just read the changes of the plan book, and how many plans are in force."""
        self.metrics.of(metrics.PLAN_CACHE_SUCCESS).set(time.time())
        if book is not self._book:
            self._book = book
            self.metrics.of(metrics.PLANS_LOADED).set(len(book.plans))
            self._name_plans(book)

    def _name_plans(self, book: PlanBook) -> None:
        """Give new plans series of their own, up to PLAN_SERIES. A plan keeps its series: a counter that goes back
        looks like a restart.
        """
        for plan_no in sorted(book.plans.keys() - self._plans_with_series):
            if len(self._plans_with_series) == metrics.PLAN_SERIES:
                for mode in Mode:
                    self.metrics.of(metrics.ASSIGNMENTS, metrics.OTHER_PLANS, mode)
                return
            plan = book.plans[plan_no]
            self._plans_with_series[plan_no] = plan.plan_id
            self.metrics.of(metrics.ASSIGNMENTS, plan.plan_id, plan.mode)


def _create_series(made: Metrics, topics: Topics) -> None:
    """Create every possible series at 0, so that a first error is a step from 0 and not a new series."""
    for topic in topics.inputs:
        made.of(metrics.EVENT_AGE, topic)
        made.of(metrics.EVENT_PROCESSING, topic)
        for outcome in COUNTED:
            made.of(metrics.CONSUMED, topic, outcome)
        for reason in POISON_REASONS:
            made.of(metrics.DEAD_LETTERS, topic, reason)
    for topic in (topics.lead_assigned, *map(topics.dead_letters, topics.inputs)):
        for out in (metrics.PUBLISHED, metrics.FAILED):
            made.of(metrics.EVENTS_PUBLISHED, topic, out)
    for by in (metrics.BY_POSITIONS, metrics.BY_SLOT, metrics.BY_PRODUCER):
        made.of(metrics.FENCED, by)
    for error in RETRY:
        made.of(metrics.TRIED_AGAIN, error.sqlstate)
