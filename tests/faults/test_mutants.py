"""The list of guards is one of guards that are there; whether taking one out is seen takes `make mutants`."""

import pytest

from tests.faults.guards import MUTANTS, Mutant
from tests.faults.mutants import ROOT


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_guard_stands_in_its_file_once_and_its_test_is_there(mutant: Mutant) -> None:
    assert (ROOT / mutant.file).read_text(encoding="utf-8").count(mutant.guard) == 1
    file, _, name = mutant.test.partition("::")
    assert f"def {name.partition('[')[0]}(" in (ROOT / "tests" / file).read_text(encoding="utf-8")


def test_the_faults_page_has_a_row_for_each_guard() -> None:
    rows = [line for line in (ROOT / "tests/faults/README.md").read_text(encoding="utf-8").splitlines() if "`" in line]
    assert [mutant.name for mutant in MUTANTS if f"| {mutant.name} | `{mutant.test}` |" not in rows] == []
