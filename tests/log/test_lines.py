"""Log lines are JSON, also those of libraries, and hold nothing that is not for everyone."""

import json
import subprocess
import sys

FORGOTTEN_TASK = """
import asyncio, gc
from worker import log

async def fail():
    raise ValueError("lead-7 is in the way")

async def main():
    task = asyncio.create_task(fail())
    await asyncio.wait({task})
    del task
    gc.collect()

log.configure("info", "json")
asyncio.run(main())
"""


def test_what_a_library_says_is_a_line_like_ours_without_the_words_of_an_exception() -> None:
    """asyncio tells of a task that nobody asked for its result, with a traceback over many lines."""
    ran = subprocess.run([sys.executable, "-c", FORGOTTEN_TASK], capture_output=True, text=True, check=True)
    (line,) = map(json.loads, ran.stderr.splitlines())
    assert (line["event"], line["level"], line["logger"], line["exception"]) == (
        "library",
        "error",
        "asyncio",
        "ValueError",
    )
    assert line["said"] == "Task exception was never retrieved"
    assert line["way"][-1].startswith("fail ")
    assert "lead-7" not in ran.stderr
