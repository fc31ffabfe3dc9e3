"""The metrics as they are documented, and the arithmetic behind them."""

from collections import Counter
from dataclasses import replace

from aiokafka.errors import ProducerFenced

from tests.intake.decode.orders import POISON
from tests.metrics.page import FILE, page
from tests.stage.scraped import Scraped
from tests.support.make import ARecord
from worker.ledger.answer import PositionMove, Written
from worker.metrics import OTHER_PLANS, PLAN_SERIES
from worker.outbox.slots import SlotLostError
from worker.rules.batch import Batch, Fetched, Wake
from worker.rules.decide import Outcome
from worker.rules.event import POISON_REASONS, Event, Poison
from worker.rules.ids import PlanNo, RosterIndex
from worker.rules.plan import Mode, Plan, PlanBook
from worker.run.measurements import Measurements
from worker.settings import Settings


def series(measurements: Measurements) -> dict[tuple[str, ...], float]:
    """Every value by the sample's name and its labels, those in the order of their names."""
    families = Scraped.of(measurements.metrics.text("")[0].decode()).families
    return {(sample.name, *sample.labels.values()): sample.value for family in families for sample in family.samples}


def plan(plan_no: int, mode: Mode = Mode.EVEN) -> Plan:
    only = (RosterIndex(0),)
    return Plan(PlanNo(plan_no), "acme", f"plan-{plan_no}", 1, "A plan", mode, None, ("anna",), only, {})


def book(plans: int) -> PlanBook:
    return PlanBook.empty().with_changes(plans, [plan(number) for number in range(1, plans + 1)], ())


def written(**more: object) -> Written:
    nothing = Written(Counter(), sequence=None, messages=(), assignments=(), leads_by_plan=(), moves=(), lock_wait=0.25)
    return replace(nothing, **more)  # type: ignore[arg-type]  # of the fields there are


def test_the_page_shows_what_the_code_has() -> None:
    """If it does not: make metrics."""
    assert FILE.read_text(encoding="utf-8") == page()


def test_every_reason_for_a_dead_letter_is_known_beforehand() -> None:
    assert {reason for reason, _ in POISON.values()} | {"refused"} == set(POISON_REASONS)


def test_a_batch_counts_its_records_by_topic_and_outcome() -> None:
    """Over all partitions of a topic; what is poison also by its reason; ages are those of the oldest record."""
    measurements = Measurements(Settings())
    poison: list[Event] = [Poison("empty", "value: empty", "ValueError")] * 2
    records = [ARecord("order", 0, 7), ARecord("paid", 3, 1)]
    batch = Batch(Fetched(records, {}, oldest={("order", 0): 20.0, ("order", 1): 10.0, ("paid", 3): 5.0}), poison)
    moved = [
        PositionMove("order", 0, 0, 9, 0, 1, 2, 3, 0, 0, 1),
        PositionMove("order", 1, 0, 9, 0, 4, 0, 0, 5, 0, 0),
        PositionMove("paid", 3, *([0] * 9)),
    ]
    measurements.record_commit(batch, written(moves=moved, outcomes=Counter({Outcome.DEAD_LETTERED: 2})), took=0.5)

    found = series(measurements)
    consumed = {key[1:]: value for key, value in found.items() if key[0] == "salesplan_events_consumed_total" and value}
    assert consumed == {
        ("assigned", "order"): 5,
        ("waiting", "order"): 2,
        ("already_assigned", "order"): 3,
        ("no_match", "order"): 5,
        ("dead_lettered", "order"): 1,
    }
    letters = {key[1:]: value for key, value in found.items() if key[0] == "salesplan_dead_letters_total" and value}
    assert letters == {("empty", "order"): 1, ("empty", "paid"): 1}
    assert found["salesplan_batch_size_records_sum",] == 2
    assert found["salesplan_batch_processing_seconds_sum",] == 0.5
    assert found["salesplan_lock_wait_seconds_sum",] == 0.25
    assert (
        found["salesplan_event_age_seconds_count", "order"] == found["salesplan_event_age_seconds_count", "paid"] == 1
    )
    older = found["salesplan_event_age_seconds_sum", "paid"] - found["salesplan_event_age_seconds_sum", "order"]
    assert 4.9 < older < 5.1


def test_only_so_many_plans_have_series_of_their_own() -> None:
    """The oldest; all that come after are counted together, and one that has its series keeps it."""
    measurements = Measurements(Settings())
    measurements.record_book(book(PLAN_SERIES - 1))
    assert ("salesplan_assignments_total", "even", OTHER_PLANS) not in series(measurements)
    measurements.record_book(book(PLAN_SERIES + 2))
    measurements.record_book(PlanBook.empty().with_changes(7, [plan(PLAN_SERIES + 3)], ()))
    given = [(plan(number), number) for number in (1, PLAN_SERIES, PLAN_SERIES + 1, PLAN_SERIES + 3)]
    measurements.record_commit(Wake([]), written(leads_by_plan=given), took=0)

    found = {key[1:]: value for key, value in series(measurements).items() if key[0] == "salesplan_assignments_total"}
    assert len(found) == PLAN_SERIES + 2  # and the others, even and linked
    assert {key: value for key, value in found.items() if value} == {
        ("even", "plan-1"): 1,
        ("even", f"plan-{PLAN_SERIES}"): PLAN_SERIES,
        ("even", OTHER_PLANS): 2 * PLAN_SERIES + 4,
    }
    assert series(measurements)["salesplan_plans_loaded",] == 1


def test_a_session_that_was_superseded_is_told_from_one_that_met_trouble() -> None:
    """However deep in a group the error is."""
    measurements = Measurements(Settings())
    measurements.record_session_end(ExceptionGroup("", [OSError(), ExceptionGroup("", [SlotLostError("a slot")])]))
    measurements.record_session_end(ExceptionGroup("", [ProducerFenced(), ProducerFenced()]))
    measurements.record_session_end(ExceptionGroup("", [TimeoutError()]))
    measurements.record_positions_moved()
    fenced = {key[1]: value for key, value in series(measurements).items() if key[0] == "salesplan_fenced_total"}
    assert fenced == {"slot": 1, "producer": 1, "positions": 1}
