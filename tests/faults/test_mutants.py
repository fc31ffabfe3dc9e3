"""The list of guards is one of guards that are there; whether taking one out is seen takes `make mutants`."""

import pytest

from tests.faults.guards import MUTANTS, Mutant
from tests.faults.mutants import ROOT


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_guard_stands_in_its_file_once_and_its_test_is_there(mutant: Mutant) -> None:
    assert (ROOT / mutant.file).read_text(encoding="utf-8").count(mutant.guard) == 1
    file, _, name = mutant.test.partition("::")
    assert f"def {name.partition('[')[0]}(" in (ROOT / "tests" / file).read_text(encoding="utf-8")
