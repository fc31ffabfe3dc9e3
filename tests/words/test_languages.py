"""The languages that pages can be in."""

from worker.plans.faults import Fault, Missing
from worker.words.languages import LANGUAGES


def test_each_language_says_the_same_in_its_own_words() -> None:
    fault = Fault("plans[0].name", Missing())
    assert {name: language.fault(fault) for name, language in LANGUAGES.items()} == {
        "en": "plans[0].name: is missing",
        "ru": "plans[0].name: обязательное поле",
    }
