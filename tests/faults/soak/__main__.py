"""The monkey: load at a fixed rate, faults drawn from a seed, and every invariant checked at the end."""

from __future__ import annotations

import argparse
import asyncio
import logging
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.faults.soak.report import show, write
from tests.faults.soak.run import soak
from tests.faults.soak.scene import Options, servers


def main(words: Sequence[str] | None = None) -> int:
    """Exit code 1 on any violation."""
    given = arguments().parse_args(words)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it tells of each retry, and those are wanted here
    options = Options(given.seconds, given.seed, given.rate, given.workers)
    with servers() as found:
        figures = asyncio.run(soak(options, found))
    show(figures)
    if given.json:
        write(figures, given.json)
    return 1 if figures["violations"] else 0


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=1800, help="of load and faults (1800)")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="of both (random, and printed)")
    parser.add_argument("--rate", type=int, default=300, help="events a second (300)")
    parser.add_argument("--workers", type=int, default=3, help="that are wanted at all times (3)")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write the figures here as well")
    return parser


if __name__ == "__main__":
    sys.exit(main())
