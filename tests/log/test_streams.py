"""Commands whose output can't be written, or has nobody who reads it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.stage.environment import no_servers

NAMES = no_servers()


def run(*words: str, redirection: str, **more: str) -> tuple[int, str, str]:
    """A command, its streams put elsewhere in the words of the shell; its exit code, stdout and stderr."""
    command = ["/bin/bash", "-c", f'"$@" {redirection}', "bash", sys.executable, "-m", "worker", *words]
    ran = subprocess.run(command, env=NAMES | more, capture_output=True, text=True, check=False)
    return ran.returncode, ran.stdout, ran.stderr


@pytest.mark.parametrize("redirection", ["| true", "| head -n 1 > /dev/null"])
def test_who_reads_has_read_enough(redirection: str) -> None:
    """The command ends as it would have, without a word."""
    code, out, words = run("acls", "list", redirection=f"{redirection}; exit ${{PIPESTATUS[0]}}")
    assert (code, out, words) == (0, "", "")


def test_what_was_asked_for_does_not_fit_on_the_disk() -> None:
    """The caller learns that the output is incomplete. No server is named for it."""
    code, _, words = run("acls", "list", redirection="> /dev/full")
    assert (code, words) == (74, "the output can't be written: No space left on device\n")


@pytest.mark.parametrize(
    "redirection", ["2> /dev/full", "2>&-", "0<&- 1>&- 2>&-", "2>&1 | true; exit ${PIPESTATUS[0]}"]
)
def test_words_about_it_that_can_t_be_written_change_nothing(redirection: str) -> None:
    """The code still says that the configuration is at fault."""
    code, _, words = run("config", "check", redirection=redirection, SALESPLAN_OPS__PORT="x")
    assert (code, words) == (78, "")


def test_streams_that_are_closed_are_no_fault() -> None:
    assert run("acls", "list", redirection="0<&- 1>&- 2>&-") == (0, "", "")


def test_a_file_that_is_to_come_from_a_closed_stdin_is_empty() -> None:
    code, _, words = run("plans", "check", "-", redirection="<&-")
    assert code == 1
    assert words.startswith("error: the file")


def test_letters_that_ascii_lacks_are_told_all_the_same() -> None:
    """They come as escapes, as Python itself has it."""
    more = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    code, _, words = run("topics", "check", "é", redirection="", **more)
    assert code == 2
    assert "Traceback" not in words


def test_a_terminal_is_known_to_be_one() -> None:
    """Through the streams of commands and through the log: colours and tables are fitted to it."""
    shown = "import sys; from worker import log; from worker.process import streams; streams.open_standard()"
    shown += "; first = sys.stderr.isatty(); log.configure()"
    shown += "; sys.exit(0 if (sys.stdout.isatty(), first, sys.stderr.isatty()) == (True,) * 3 else 1)"
    ours, theirs = os.openpty()
    ran = subprocess.run([sys.executable, "-c", shown], stdout=theirs, stderr=theirs, check=False)
    os.close(theirs)
    os.close(ours)
    assert ran.returncode == 0
