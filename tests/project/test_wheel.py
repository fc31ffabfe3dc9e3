"""The wheel, which the image installs, holds all that `salesplan console` reads, and serves pages from it."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from importlib.metadata import PathDistribution
from pathlib import Path
from zipfile import ZipFile

import httpx2
import pytest

from tests.support.console_process import given, started
from tests.support.logins import Login

ROOT = Path(__file__).parents[2]
RUNTIME = ROOT / "requirements/runtime.txt"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES: list[str] = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the wheel is unpacked into, as an installation does it."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    with ZipFile(built) as archive:
        archive.extractall(folder / "installed")
    return folder / "installed"


def test_the_wheel_holds_every_file_of_the_console(wheel: Path) -> None:
    """Templates, catalogs, stylesheet, script and statements among them."""
    for package in ("console", "db/queries/console"):
        files = [file for file in (ROOT / package).rglob("*.*") if file.is_file() and file.suffix != ".pyc"]
        assert {file.suffix for file in files} & {".html", ".po", ".css", ".js", ".sql"}
        assert [file for file in files if not (wheel / file.relative_to(ROOT)).exists()] == []


def test_the_image_gets_each_package_and_what_the_console_needs(wheel: Path) -> None:
    copied = {line.split()[-1] for line in (ROOT / "Dockerfile").read_text().splitlines() if line.startswith("COPY")}
    assert set(PACKAGES) <= copied
    (metadata,) = wheel.glob("*.dist-info")
    extra = [need for need in PathDistribution(metadata).requires or () if "extra == 'console'" in need]
    locked = RUNTIME.read_text(encoding="utf-8")
    assert extra
    assert all(f"\n{need.partition(';')[0].strip()}==" in locked for need in extra)


def of_the_wheel(wheel: Path) -> dict[str, str]:
    """The path is safe: else the current folder, where the sources are, would come first."""
    return {"PYTHONPATH": str(wheel), "PYTHONSAFEPATH": "1"}


def test_the_packages_are_those_of_the_wheel(wheel: Path) -> None:
    """The next test depends on it: the sources are installed as well."""
    look = [sys.executable, "-c", "import console, db, worker; print(console.__file__, db.__file__, worker.__file__)"]
    found = subprocess.run(look, env=os.environ | of_the_wheel(wheel), check=True, capture_output=True, text=True)
    assert all(file.startswith(str(wheel)) for file in found.stdout.split())


async def test_the_console_serves_pages_from_the_wheel(wheel: Path, head_login: Login, console_login: Login) -> None:
    environment = given(head_login.dsn, console_login.dsn, **of_the_wheel(wheel))
    async with started("--as", "hugo@x", environment=environment) as console, httpx2.AsyncClient() as client:
        page = await client.get(f"{console.pages}/plans", headers={"accept-language": "ru"})
        assert (page.status_code, "Планы" in page.text) == (200, True)
        (address,) = (part for part in page.text.split('"') if part.endswith("/console.css"))
        assert (await client.get(console.pages + address)).status_code == 200
