"""Runs ``salesplan`` in the process of the test: faster than a process of its own, and open to patches."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from tests.support.command import Result
from worker.commands import app
from worker.commands.shell import run_guarded


class InProcess:
    """Called with the words of a command, it runs the command."""

    def __init__(self, patch: pytest.MonkeyPatch, written: Callable[[], tuple[str, str]]) -> None:
        self._patch = patch
        self._written = written

    def __call__(self, *words: str) -> Result:
        self._patch.setattr(sys, "argv", ["salesplan", *words])
        try:
            code = int(run_guarded(app))
        except SystemExit as ended:
            code = int(ended.code or 0)
        return Result(code, *self._written())
