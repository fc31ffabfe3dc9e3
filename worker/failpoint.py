"""Named points at which a test kills or freezes this process: ``SALESPLAN_FAILPOINT=<name>[:<nth>][:freeze]``.

Without the variable they do nothing. The names are in the order in which an event passes them.
"""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass

VARIABLE = "SALESPLAN_FAILPOINT"

NAMES = (
    "in_assign",  # the group has assigned partitions
    "in_revoke",  # the group takes partitions back
    "before_seek",  # the worker has read the positions, and has not yet sought them
    "after_fetch",
    "after_match",
    "after_lock",  # the plans' counters are locked
    "in_copy",  # the database waits for the rest of a COPY
    "after_write",  # assignments and counters are written; positions and the outbox row are not
    "before_commit",
    "after_commit_before_publish",
    "before_send",  # the Kafka transaction has begun
    "before_publish_commit",
    "after_publish_before_confirm",  # the Kafka transaction is committed, and Postgres does not know it yet
    "after_lease",  # a slot is leased, and its former owner is not yet fenced in Kafka
    "in_take_over",  # the worker has leased the slot of a worker that is gone
)


@dataclass(slots=True)
class _Armed:
    name: str
    hits: int  # reaches that remain
    signal: signal.Signals


_armed: _Armed | None = None


def arm(text: str | None) -> None:
    """Set this process's only failpoint; None or an empty text clears it. Raises ValueError."""
    global _armed  # noqa: PLW0603 -- any module may hold a failpoint, and none passes this on
    if not text:
        _armed = None
        return
    name, *more = text.split(":")
    freeze = more[-1:] == ["freeze"]
    nth = more[: len(more) - freeze] or ["1"]
    if name not in NAMES or len(nth) > 1 or not nth[0].isdecimal() or int(nth[0]) < 1:
        raise ValueError(f"must be <name>[:<nth>][:freeze] with a name of {', '.join(NAMES)}")
    _armed = _Armed(name, int(nth[0]), signal.SIGSTOP if freeze else signal.SIGKILL)


def reach(name: str) -> None:
    """Kill or freeze the process if this is the chosen failpoint."""
    global _armed
    if _armed is None or _armed.name != name:
        return
    _armed.hits -= 1
    if not _armed.hits:
        number, _armed = _armed.signal, None
        os.kill(os.getpid(), number)
