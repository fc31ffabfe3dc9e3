"""What becomes of the metrics as the worker goes on: arithmetic over what is known of a batch, once a batch."""

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
from worker.rules.event import REASONS, Poison
from worker.rules.plan import Mode, Plan, PlanBook
from worker.settings import Settings, Topics


class Tally:
    """Tells the metrics of one worker what happens."""

    def __init__(self, settings: Settings) -> None:
        self.metrics = Metrics()
        self._book = PlanBook.empty()
        self._named: dict[int, str] = {}  # plans with series of their own, by plan_no
        _begin_at_zero(self.metrics, settings.topics)
        self.metrics.of(metrics.BUILD_INFO, version("salesplan"), settings.ops.revision).set(1)
        log.count_dropped(self.metrics.of(metrics.LOG_LINES_DROPPED).inc)

    @property
    def named(self) -> Mapping[int, str]:
        """The plans that have series of their own: number and id."""
        return self._named

    def written(self, work: Work, written: Written, took: float) -> None:
        """The work is committed, ``took`` seconds after its first transaction began."""
        of = self.metrics.of
        of(metrics.BATCH_PROCESSING).observe(took)
        of(metrics.LOCK_WAIT).observe(written.lock_wait)
        self._count_assignments(written.leads_by_plan)
        if isinstance(work, Batch):
            of(metrics.BATCH_SIZE).observe(len(work))
            self._count_outcomes(written.moves)
            self._measure_ages(work.fetched.oldest, work.fetched.fetched_at)
            if written.outcomes[Outcome.DEAD_LETTERED]:
                self._count_letters(work)

    def _count_assignments(self, given: Sequence[tuple[Plan, int]]) -> None:
        for plan, leads in given:
            plan_id = self._named.get(plan.plan_no, metrics.OTHER_PLANS)
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

    def _count_letters(self, batch: Batch) -> None:
        letters = Counter(
            (record.topic, event.reason)
            for record, event in zip(batch.records, batch.events, strict=True)
            if isinstance(event, Poison)
        )
        for (topic, reason), count in letters.items():
            self.metrics.of(metrics.DEAD_LETTERS, topic, reason).inc(count)

    def tried_again(self, sqlstate: str) -> None:
        """A batch is begun anew after a conflict."""
        self.metrics.of(metrics.TRIED_AGAIN, sqlstate).inc()

    def positions_moved(self) -> None:
        """Another worker has written records of the batch in hand."""
        self.metrics.of(metrics.FENCED, metrics.BY_POSITIONS).inc()

    def session_begun(self) -> None:
        """A slot is leased."""
        self.metrics.of(metrics.SESSIONS).inc()

    def session_over(self, troubles: BaseExceptionGroup[BaseException]) -> None:
        """A session has met trouble, which may be that another worker took its place."""
        if troubles.subgroup(SlotLostError):
            self.metrics.of(metrics.FENCED, metrics.BY_SLOT).inc()
        if troubles.subgroup(kafka.FENCED):
            self.metrics.of(metrics.FENCED, metrics.BY_PRODUCER).inc()

    def published(self, messages: Mapping[str, int], *, published: bool) -> None:
        """So many messages went to each topic, or did not."""
        outcome = metrics.PUBLISHED if published else metrics.FAILED
        for topic, count in messages.items():
            self.metrics.of(metrics.EVENTS_PUBLISHED, topic, outcome).inc(count)

    def book_seen(self, book: PlanBook) -> None:
        """The plans in force were looked at, and are these."""
        self.metrics.of(metrics.PLAN_CACHE_SUCCESS).set(time.time())
        if book is not self._book:
            self._book = book
            self.metrics.of(metrics.PLANS_LOADED).set(len(book.plans))
            self._name_plans(book)

    def _name_plans(self, book: PlanBook) -> None:
        """A plan that has its series keeps them: a counter that went back would look like a restart."""
        for plan_no in sorted(book.plans.keys() - self._named):
            if len(self._named) == metrics.PLAN_SERIES:
                for mode in Mode:
                    self.metrics.of(metrics.ASSIGNMENTS, metrics.OTHER_PLANS, mode)
                return
            plan = book.plans[plan_no]
            self._named[plan_no] = plan.plan_id
            self.metrics.of(metrics.ASSIGNMENTS, plan.plan_id, plan.mode)


def _begin_at_zero(made: Metrics, topics: Topics) -> None:
    """Name every series there can be, so that a first error is a step from 0 and not a series from nowhere."""
    for topic in topics.inputs:
        made.of(metrics.EVENT_AGE, topic)
        made.of(metrics.EVENT_PROCESSING, topic)
        for outcome in COUNTED:
            made.of(metrics.CONSUMED, topic, outcome)
        for reason in REASONS:
            made.of(metrics.DEAD_LETTERS, topic, reason)
    for topic in (topics.lead_assigned, *map(topics.dead_letters, topics.inputs)):
        for out in (metrics.PUBLISHED, metrics.FAILED):
            made.of(metrics.EVENTS_PUBLISHED, topic, out)
    for by in (metrics.BY_POSITIONS, metrics.BY_SLOT, metrics.BY_PRODUCER):
        made.of(metrics.FENCED, by)
    for error in RETRY:
        made.of(metrics.TRIED_AGAIN, error.sqlstate)
