"""A bug of this program ends the process: it is neither waited out as trouble, nor laid to a record's charge."""

from __future__ import annotations

from pathlib import Path

import pytest

import db
from tests.stage.environment import dice
from tests.stage.stage import Stage
from tests.stage.upstream import event

# Python runs a module of this name at its start. It gives the worker another text for one of its statements.
CHANGED = """
import db

query = db.query
db.query = lambda name: {text!r} if name == {name!r} else query(name)
"""
# The statement, its other text, the exception, and the module in which it is run.
BUGS = {
    "wrong number of arguments in a batch": (
        "batch/read_start",
        "select $1::int",
        "InterfaceError",
        "ledger/transaction.py",
    ),
    "argument that can't be encoded in a batch": (
        "batch/find_assigned",
        "select 0, '' where $1::text is null and $2::int is null",
        "DataError",
        "ledger/read.py",
    ),
    "wrong number of arguments beside it": ("watch/outbox_backlog", "select 1", "InterfaceError", "run/gauges.py"),
    "wrong number of arguments while plans are followed": (
        "plans/with_waiting",
        "select $1::int",
        "InterfaceError",
        "plans/book.py",
    ),
}


@pytest.mark.parametrize("case", BUGS)
async def test_p34_a_wrong_call_of_the_database_ends_the_process(stage: Stage, tmp_path: Path, case: str) -> None:
    """The last line holds the error's type and the way it came, and no lead. No record becomes a dead letter."""
    name, text, exception, module = BUGS[case]
    assert name in db.names()
    changed = tmp_path / "changed"
    changed.mkdir()
    (changed / "sitecustomize.py").write_text(CHANGED.format(name=name, text=text))
    random = dice(343)
    await stage.send([event(random, "subscription", f"l-secret-{number}") for number in range(20)])
    worker = stage.start(PYTHONPATH=str(changed))
    assert await worker.ends() == 1
    (fault,) = worker.logged("fault_of_this_program")
    assert fault["exception"] == exception
    assert any(module in frame for frame in fault["way"])
    assert "l-secret" not in worker.tail(10_000)
    assert await stage.number("select coalesce(sum(dead_lettered), 0) from salesplan.position") == 0
