"""Named places at which a test has this process killed or frozen: ``SALESPLAN_FAILPOINT=<name>[:<nth>][:freeze]``.

Nothing happens at any of them unless the environment asks for it. The places are in the order of an event's way.
"""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass

VARIABLE = "SALESPLAN_FAILPOINT"

NAMES = (
    "in_assign",  # the group has told what to read
    "in_revoke",  # the group takes it back
    "before_seek",  # the positions are read, and nothing is sought yet
    "after_fetch",
    "after_match",
    "after_lock",  # the plans' counters are locked
    "in_copy",  # the database waits for the rest of a COPY
    "after_write",  # assignments and counters are written, positions and outbox not
    "before_commit",
    "after_commit_before_publish",
    "before_send",  # the Kafka transaction has begun
    "before_publish_commit",
    "after_publish_before_mark",  # the Kafka transaction is committed; nobody has written it down
    "after_lease",  # a slot is leased, its former owner not fenced in Kafka
    "in_take_over",  # the slot of a worker that is gone is leased
)


@dataclass(slots=True)
class _Armed:
    name: str
    hits: int  # that are still to come
    signal: signal.Signals


_armed: _Armed | None = None


def arm(text: str | None) -> None:
    """Set the one failpoint of this process; None or nothing: there is none. Raises ValueError."""
    global _armed  # noqa: PLW0603 -- a failpoint can be anywhere, and is passed through nowhere
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
    """The worker is at this place: if it is the one that was asked for, it goes no further."""
    global _armed
    if _armed is None or _armed.name != name:
        return
    _armed.hits -= 1
    if not _armed.hits:
        number, _armed = _armed.signal, None
        os.kill(os.getpid(), number)
