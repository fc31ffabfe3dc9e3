"""The figures, as a table and as JSON."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

from tests.faults.soak.crew import loud_lines
from tests.faults.soak.scene import Options, Scene
from tests.faults.soak.timeline import Fault, tell
from tests.faults.soak.watch import Watch
from tests.stage.observed import Observed
from worker.embedded.jars import KAFKA_VERSION
from worker.records.record import Record

SHOWN = 20
INVARIANTS = {
    "conservation": "I1 conservation",
    "counters": "I2 counters, I5 sequence",
    "announcements": "I3 publication",
    "dead_letters": "I3 dead letters",
    "offsets": "I4 offsets",
    "rules": "I6 rules",
    "verify": "verify",
}
OTHER = "workers, servers, progress"


def machine(options: Options, postgres_version: str) -> str:
    memory = psutil.virtual_memory().total >> 30
    return (
        f"seed {options.seed}: {options.seconds:.0f} s at {options.rate} events/s, {options.workers} workers; "
        f"{os.cpu_count()} cores, {memory} GiB, Linux {platform.release()}, Python {platform.python_version()}, "
        f"Kafka {KAFKA_VERSION} x3, PostgreSQL {postgres_version}, aiokafka {version('aiokafka')}, "
        f"asyncpg {version('asyncpg')}"
    )


def figures(scene: Scene, watch: Watch, found: Observed, verified: dict[str, Any], about: str) -> dict[str, Any]:
    """Everything the run has shown."""
    timeline = scene.timeline
    warned, tracebacks = loud_lines(scene.crew.logs())
    return {
        "about": about,
        "seed": scene.options.seed,
        "violations": timeline.violations,
        "invariants": _by_invariant(timeline.violations),
        "notes": timeline.notes,
        "events": {
            "sent": len(found.sent),
            "of unknown outcome when sent, and sent again": scene.sender.unknown,
            **{name: verified.get(name) for name in ("events", "assigned", "waiting", "already_assigned", "no_match")},
            **{name: verified.get(name) for name in ("contact_recorded", "dead_lettered", "assignments", "published")},
            "still waiting": len(found.waiting),
            "plan versions": len(found.versions),
        },
        "wire": {
            "repeated for read_committed readers": _repeated(found.announced) + _repeated_letters(found.letters),
            "aborted copies that read_uncommitted readers see": len(found.copies) - len(found.announced),
        },
        "progress": {
            "longest without, s": round(watch.longest_gap, 1),
            "longest without while no server was away, s": round(watch.longest_gap_served, 1),
            "longest that a partition stood still, s": round(watch.longest_still, 1),
            "largest backlog": watch.largest_backlog,
            "longest arrears of the sender, s": round(scene.sender.longest_arrears, 1),
        },
        "workers": {
            "started": len(scene.stage.workers),
            "largest, MB": scene.crew.largest >> 20,
            "slowest stop, s": round(scene.crew.slowest_stop, 1),
            "warnings": dict(warned.most_common()),
            "tracebacks": dict(tracebacks.most_common()),
        },
        "faults": {name: _of_kind(faults) for name, faults in sorted(_by_name(timeline.faults).items())},
    }


def show(found: dict[str, Any]) -> None:
    """The table."""
    tell(f"\n{found['about']}\n")
    tell(f"{'':30}{'number':>8}{'alone':>7}{'first outcome, s':>20}{'keeping up, s':>20}")
    tell(f"{'fault':30}{'':15}{'median':>12}{'max':>8}{'median':>12}{'max':>8}")
    for name, row in found["faults"].items():
        times = "".join(f"{_time(row[column]):>{width}}" for column, width in zip(TIMES, (12, 8, 12, 8), strict=True))
        tell(f"{name:30}{row['number']:8}{row['alone']:7}{times}")
    for group in ("events", "wire", "progress", "workers", "invariants"):
        tell(f"\n{group}")
        for name, value in found[group].items():
            if isinstance(value, dict):
                tell("".join(f"\n    {times:6} {what}" for what, times in value.items()) or f"  no {name}")
            else:
                tell(f"  {name:50}{value if value is None else format(value, ',')!s:>12}")
    for violation in found["violations"][:SHOWN]:
        tell(f"\nVIOLATION: {violation}")
    tell(f"\n{len(found['violations'])} violations (seed {found['seed']})")


def write(found: dict[str, Any], path: Path) -> None:
    path.write_text(json.dumps(found, indent=2, default=str) + "\n")


TIMES = ("first, median", "first, max", "drained, median", "drained, max")


def _of_kind(faults: Sequence[Fault]) -> dict[str, Any]:
    alone = [fault for fault in faults if fault.alone]
    first = [fault.first for fault in alone if fault.first is not None]
    drained = [fault.drained for fault in alone if fault.drained is not None]
    times = (
        statistics.median(first) if first else None,
        max(first, default=None),
        statistics.median(drained) if drained else None,
        max(drained, default=None),
    )
    return {"number": len(faults), "alone": len(alone), **dict(zip(TIMES, times, strict=True))}


def _by_name(faults: Iterable[Fault]) -> dict[str, list[Fault]]:
    found: defaultdict[str, list[Fault]] = defaultdict(list)
    for fault in faults:
        found[fault.name].append(fault)
    return found


def _by_invariant(told: Iterable[str]) -> dict[str, int]:
    found = {**dict.fromkeys(INVARIANTS.values(), 0), OTHER: 0}
    for violation in told:
        found[INVARIANTS.get(violation.split(maxsplit=1)[0].rstrip(":"), OTHER)] += 1
    return found


def _repeated(records: Iterable[Record]) -> int:
    seen = Counter(dict(record.headers)["ce_id"] for record in records)
    return seen.total() - len(seen)


def _repeated_letters(letters: Iterable[Record]) -> int:
    places = ("__dlq.errors.topic", "__dlq.errors.partition", "__dlq.errors.offset")
    seen = Counter(tuple(dict(letter.headers)[place] for place in places) for letter in letters)
    return seen.total() - len(seen)


def _time(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.1f}"
