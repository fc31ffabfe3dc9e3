"""The verdict of `make audit` on pip-audit's report."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.project.audit import LOCKS, Verdict, judge, worst
from worker.commands.shell import Exit

GOOD = {"name": "good", "version": "1.0", "vulns": []}
BAD = {"name": "bad", "version": "2.0", "vulns": [{"id": "PYSEC-7", "fix_versions": ["2.1"]}]}
UNKNOWN = {"name": "unknown", "skip_reason": "not found"}

OF_BAD = "known vulnerability: bad 2.0: PYSEC-7, mended in 2.1"
PIN = re.compile(r"^[a-zA-Z0-9._-]+(\[[a-z0-9,]+\])?==\S+ (; .+ )?\\$")


@pytest.mark.parametrize(
    ("packages", "code", "lines"),
    [
        ([GOOD], Exit.OK, ["known vulnerabilities: none in 1 packages"]),
        ([GOOD, BAD], Exit.FAILED, [OF_BAD]),
        (
            [GOOD, UNKNOWN],
            Exit.UNAVAILABLE,
            ["known vulnerabilities: NOT LOOKED UP for 1 of 2 packages, the first: not found"],
        ),
        (
            [BAD, UNKNOWN],
            Exit.FAILED,
            [OF_BAD, "known vulnerabilities: NOT LOOKED UP for 1 of 2 packages, the first: not found"],
        ),
        (
            [],
            Exit.UNAVAILABLE,
            ["known vulnerabilities: NOT LOOKED UP for 0 of 0 packages, the first: no lock file was read"],
        ),
    ],
)
def test_only_what_was_looked_up_is_free_of_faults(packages: list[Any], code: Exit, lines: list[str]) -> None:
    assert judge({"dependencies": packages}) == Verdict(code, lines)


def test_what_was_found_weighs_more_than_what_is_unknown() -> None:
    unknown, failed, good = (Verdict(code, []) for code in (Exit.UNAVAILABLE, Exit.FAILED, Exit.OK))
    assert worst([good, unknown, failed]) == Exit.FAILED
    assert worst([good, unknown]) == Exit.UNAVAILABLE
    assert worst([good]) == Exit.OK


def test_every_lock_file_pins_every_package_to_hashes() -> None:
    """Else the audit looks at other files than those that are installed; and no host of a registry is named."""
    assert {"runtime.txt", "dev.txt", "build.txt"} <= {lock.name for lock in LOCKS}
    for lock in LOCKS:
        text = lock.read_text(encoding="utf-8")
        assert "://" not in text, lock.name
        lines = text.splitlines()
        loose = [line for line in lines if not line.startswith(("#", " ")) and not PIN.match(line)]
        assert not loose, f"{lock.name}: {loose}"
