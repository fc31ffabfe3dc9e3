"""``make bench``: runs all parts, or those given by name, on servers of its own. Prints tables; can write JSON."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from benchmarks import compare, growth, latency, machine, profile, scale, startup
from benchmarks.field import Field
from worker.embedded import scratch_folder, servers

PARTS = {
    "compare": compare.run,
    "workloads": scale.workloads,
    "workers": scale.workers,
    "latency": latency.run,
    "growth": growth.run,
    "startup": startup.run,
    "profile": profile.run,
}


def main(words: Sequence[str] | None = None) -> int:
    """Runs the parts. Exits with 1 if a contestant did not do the work that was timed."""
    given = _arguments().parse_args(words)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    began, found = time.monotonic(), machine.facts()
    for part in given.parts or PARTS:
        with servers() as (kafka, postgres), scratch_folder() as folder:
            found["postgres"] = machine.durability(postgres)
            found[part] = asyncio.run(PARTS[part](Field(kafka, postgres, folder), given.rounds, given.events))
        _show(part, found[part])
        found["seconds"] = round(time.monotonic() - began)
        if given.json:
            given.json.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2) + b"\n")
    return 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help=f"{', '.join(PARTS)} (all)")
    parser.add_argument("--rounds", type=int, default=5, help="of each race (5)")
    parser.add_argument("--events", type=int, default=200_000, help="of each run (200000)")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write the figures here as well")
    return parser


def _show(part: str, rows: Sequence[Mapping[str, Any]]) -> None:
    sys.stdout.write(f"\n{part}\n")
    for row in rows:
        for line in _lines(row):
            sys.stdout.write(f"  {line}\n")
    sys.stdout.flush()


def _lines(row: Mapping[str, Any]) -> Iterator[str]:
    name = f"{row['name']:<44}"
    match row:
        case {"events_per_second": rate}:
            ratio = f"   {row['ratio_of']}: {_spread(row['ratio'], '.2f')}" if "ratio" in row else ""
            yield f"{name}{_spread(rate, '9,.0f')}{ratio}"
        case {"milliseconds": percentiles}:
            yield name + "   ".join(f"{percent} {_spread(ms, '.0f')} ms" for percent, ms in percentiles.items())
        case _:
            yield name
            yield from orjson.dumps(row, option=orjson.OPT_INDENT_2).decode().splitlines()


def _spread(spread: Mapping[str, float], form: str) -> str:
    return f"{spread['median']:{form}}  ({spread['least']:{form.lstrip('9')}} to {spread['most']:{form.lstrip('9')}})"


if __name__ == "__main__":
    sys.exit(main())
