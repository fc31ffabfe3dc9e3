"""Takes the README's pictures from the data of `make console`: `make pictures`. It needs the system's chromium."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.console.browser.conftest import ARGUMENTS, CHROMIUM
from worker.embedded.ports import free_port

FOLDER = Path(__file__).parents[2] / "pictures"
LARGEST = 150_000  # bytes of a picture
SIZE = {"width": 1180, "height": 800}
PAGES = {"plans": "plans", "form": "plans/english-webinar/edit"}
STARTED = "Ctrl-C ends"
STOP_SECONDS = 90


def main() -> int:
    """Write the pictures anew. Returns 1 if the sample does not start or a picture is too large."""
    port = free_port()
    command = [sys.executable, "-m", "worker.demo.office", "--port", str(port)]
    sample = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert sample.stdout is not None
        if not any(STARTED in line for line in sample.stdout):
            return 1
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            return max([_taken(browser, f"http://127.0.0.1:{port}/{path}", name) for name, path in PAGES.items()])
    finally:
        sample.send_signal(signal.SIGINT)
        sample.wait(STOP_SECONDS)


def _taken(browser: Browser, url: str, name: str) -> int:
    """Take the picture of the page. Returns 1 if it is too large."""
    page = browser.new_page(viewport=SIZE, locale="en", color_scheme="light")  # type: ignore[arg-type]
    answer = page.goto(url)
    path = FOLDER / f"{name}.png"
    page.screenshot(path=path)
    size = path.stat().st_size
    print(f"{path.relative_to(FOLDER.parent)}: {size:,} bytes")  # noqa: T201 -- a tool's answer
    return int(size > LARGEST or answer is None or answer.status != 200)


if __name__ == "__main__":
    sys.exit(main())
