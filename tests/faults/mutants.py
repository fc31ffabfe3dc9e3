"""Takes the worker's guards out, one at a time in a copy of the tree, and sees whether the test of each one fails.

    make mutants                     all of them; ONLY=brake those whose name holds the word

A guard counts as caught where its test passes on the copy as it is, and fails on the copy without the guard.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.faults.guards import MUTANTS, Mutant
from tests.faults.soak.timeline import tell
from worker.embedded.jars import cache_folder

ROOT = Path(__file__).parents[2]
LIMIT = 400.0  # seconds for one test: without its guard a worker may never end


def main() -> int:
    """Exit code 1 where a guard was not caught."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.mutants", description=__doc__)
    parser.add_argument("--only", default="", metavar="WORD", help="mutants whose name holds the word")
    word = parser.parse_args().only
    chosen = [mutant for mutant in MUTANTS if word in mutant.name]
    with TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        copy_tree(tree)
        sound = {test: passes(tree, test) for test in dict.fromkeys(mutant.test for mutant in chosen)}
        results = [result(tree, mutant, sound[mutant.test]) for mutant in chosen]
    caught = results.count("caught")
    tell(f"{caught} of {len(results)} caught")
    return 0 if caught == len(results) else 1


def copy_tree(tree: Path) -> None:
    """What git knows of, or would add."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],  # noqa: S607
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tree / name)


def result(tree: Path, mutant: Mutant, sound: bool) -> str:
    began = time.monotonic()
    said = "the test fails as it is"
    if sound:
        said = "not caught" if passes_without(tree, mutant) else "caught"
    tell(f"{said:24} {time.monotonic() - began:5.0f} s  {mutant.name}  ({mutant.test})")
    return said


def passes_without(tree: Path, mutant: Mutant) -> bool:
    file = tree / mutant.file
    whole = file.read_text()
    assert whole.count(mutant.guard) == 1, f"{mutant.file} holds the guard {whole.count(mutant.guard)} times"
    file.write_text(whole.replace(mutant.guard, mutant.without))
    try:
        return passes(tree, mutant.test)
    finally:
        file.write_text(whole)


def passes(tree: Path, test: str) -> bool:
    """Whether the test of the copied tree passes, with the copied worker."""
    names = {**os.environ, "SALESPLAN_CACHE_DIR": str(cache_folder()), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", f"tests/{test}"]
    with subprocess.Popen(
        command, cwd=tree, env=names, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as running:
        try:
            code = running.wait(LIMIT)
        except subprocess.TimeoutExpired:
            running.terminate()
            return False
    assert code in (0, 1), f"pytest ended with {code} at {test}"
    return code == 0


if __name__ == "__main__":
    sys.exit(main())
