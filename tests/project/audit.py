"""`make audit`: known vulnerabilities of all that is locked, licences and bill of materials of what a worker runs on.

Exit code 1 where something was found, 75 where the database of vulnerabilities could not be asked about everything.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from worker.commands.shell import Exit, data, say

ROOT = Path(__file__).parents[2]
LOCKS = sorted(ROOT.glob("requirements/*.txt"))
DIST = ROOT / "dist"
LICENCES = DIST / "licences.md"
SBOM = DIST / "sbom.cdx.json"


class Verdict(NamedTuple):
    """The result of one of the checks, in words."""

    code: Exit
    lines: Sequence[str]


def main(runtime: str) -> Exit:
    """``runtime`` is the Python of an environment with requirements/runtime.txt and nothing else in it."""
    DIST.mkdir(exist_ok=True)
    verdicts = [vulnerabilities(), licences(runtime), bill_of_materials(runtime)]
    for code, lines in verdicts:
        for line in lines:
            (say if code else data)(line)
    return worst(verdicts)


def worst(verdicts: Sequence[Verdict]) -> Exit:
    """A fault weighs more than a check that could not look up."""
    codes = {verdict.code for verdict in verdicts}
    return next((code for code in (Exit.FAILED, Exit.UNAVAILABLE) if code in codes), Exit.OK)


def vulnerabilities() -> Verdict:
    """The known vulnerabilities of every version in every lock file, from the package index."""
    locks = [word for lock in LOCKS for word in ("-r", str(lock))]
    ended = tool("pip-audit", *locks, "--disable-pip", "--require-hashes", "--progress-spinner", "off", "--format=json")
    try:
        report = json.loads(ended.stdout)
    except ValueError:  # pip-audit ends so where it can't reach the database
        return Verdict(Exit.UNAVAILABLE, [f"known vulnerabilities: NOT LOOKED UP: {last_line(ended)}"])
    return judge(report)


def judge(report: dict[str, Any]) -> Verdict:
    """The verdict on pip-audit's report. By itself, pip-audit counts what it could not look up as free of faults."""
    found = list(_found(report))
    unknown = [package for package in report["dependencies"] if "skip_reason" in package]
    total = len(report["dependencies"])
    if unknown or not total:
        why = unknown[0]["skip_reason"] if unknown else "no lock file was read"
        found.append(f"known vulnerabilities: NOT LOOKED UP for {len(unknown)} of {total} packages, the first: {why}")
        return Verdict(Exit.FAILED if len(found) > 1 else Exit.UNAVAILABLE, found)
    if found:
        return Verdict(Exit.FAILED, found)
    return Verdict(Exit.OK, [f"known vulnerabilities: none in {total} packages"])


def _found(report: dict[str, Any]) -> Iterator[str]:
    for package in report["dependencies"]:
        for fault in package.get("vulns", []):
            mended = f"mended in {', '.join(fault['fix_versions'])}" if fault["fix_versions"] else "not mended yet"
            yield f"known vulnerability: {package['name']} {package['version']}: {fault['id']}, {mended}"


def licences(runtime: str) -> Verdict:
    """The list of them; each must be one that pyproject.toml allows."""
    ended = tool("pip-licenses", "--python", runtime, "--format=markdown", "--with-urls")
    if ended.returncode:
        return Verdict(Exit.FAILED, [f"licences: {last_line(ended)}"])
    LICENCES.write_text(ended.stdout, encoding="utf-8")
    return Verdict(Exit.OK, [f"licences: all of them allowed, see {LICENCES.relative_to(ROOT)}"])


def bill_of_materials(runtime: str) -> Verdict:
    """CycloneDX, validated against its schema; the same bytes for the same lock file."""
    project = ("--pyproject", str(ROOT / "pyproject.toml"))
    output = ("--of", "JSON", "--output-reproducible", "--validate", "-o", str(SBOM))
    ended = tool("cyclonedx-py", "environment", runtime, *project, *output)
    if ended.returncode:
        return Verdict(Exit.FAILED, [f"bill of materials: {last_line(ended)}"])
    return Verdict(Exit.OK, [f"bill of materials: {SBOM.relative_to(ROOT)}"])


def tool(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a tool of requirements/audit.txt."""
    program = Path(sys.executable).with_name(name)
    return subprocess.run([program, *arguments], cwd=ROOT, check=False, capture_output=True, text=True)


def last_line(ended: subprocess.CompletedProcess[str]) -> str:
    """The last line that a tool wrote, which is the reason why it ended."""
    lines = ended.stderr.strip().splitlines()
    return lines[-1] if lines else f"it ended with {ended.returncode}"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
