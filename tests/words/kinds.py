"""All kinds of values that words are made of, by the function of a language that takes them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, get_args

from worker.explain.verdicts import Disagreement, Verdict, WaitsFor
from worker.plans.faults import FaultKind
from worker.plans.forecast import Prospect
from worker.plans.refusals import Refusal
from worker.plans.warnings import PlanWarning

Cases = Mapping[Callable[..., str], Sequence[tuple[Any, str]]]

ALL = {
    "fault_of_field": {*get_args(FaultKind)},
    "refusal": {*get_args(Refusal)},
    "warning": {*get_args(PlanWarning)},
    "prospect": {*get_args(Prospect)},
    "verdict": {*get_args(Verdict)},
    "waits_for": {*get_args(WaitsFor)},
    "disagreement": {*get_args(Disagreement)},
}


def in_cases(cases: Cases) -> dict[str, set[type]]:
    """The kinds that the cases have a sentence for."""
    return {say.__name__: {type(value) for value, _ in sentences} for say, sentences in cases.items()}


def each(cases: Cases) -> list[tuple[Callable[..., str], Any, str]]:
    """Case by case: the function, the value, the sentence."""
    return [(say, value, sentence) for say, sentences in cases.items() for value, sentence in sentences]
