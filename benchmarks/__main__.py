"""``make bench``: all parts, or those that are named, on servers of its own; a table, and JSON where it is wanted."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from benchmarks import compare, machine, scale
from benchmarks.field import Field
from worker.embedded import scratch_folder, servers

PARTS = {"compare": compare.run, "workloads": scale.workloads, "workers": scale.workers}


def main(words: Sequence[str] | None = None) -> int:
    """Exit code 1 where somebody did not do the work he was timed for."""
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
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="compare, workloads, workers (all)")
    parser.add_argument("--rounds", type=int, default=5, help="of each race (5)")
    parser.add_argument("--events", type=int, default=200_000, help="of each run (200000)")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write the figures here as well")
    return parser


def _show(part: str, rows: Any) -> None:
    sys.stdout.write(f"\n{part}\n")
    for row in rows:
        rate, ratio = row["events_per_second"], row.get("ratio")
        line = f"  {row['name']:<44}{rate['median']:>9,.0f}  ({rate['least']:,.0f} to {rate['most']:,.0f})"
        if ratio:
            line += f"   {row['ratio_of']}: {ratio['median']:.2f}  ({ratio['least']:.2f} to {ratio['most']:.2f})"
        sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
