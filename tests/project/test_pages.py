"""Links between the pages lead somewhere."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def pages() -> Iterator[Path]:
    """Every Markdown page of the project."""
    for folder, folders, files in os.walk(ROOT):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "dist")
        yield from (Path(folder, name) for name in sorted(files) if name.endswith(".md"))


def prose(page: Path) -> str:
    """The page without its blocks of code."""
    return re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def anchors(page: Path) -> set[str]:
    """The names of a page's sections, as GitHub makes them from the headings."""
    words = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in HEADING.findall(prose(page)))
    return {heading.replace(" ", "-") for heading in words}


def broken(page: Path) -> list[str]:
    """The links of a page that lead to no file, or to no section of it."""
    found = []
    for link in LINK.finditer(prose(page)):
        path, anchor = link.groups()
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            found.append(link.group())
    return found


@pytest.mark.parametrize("page", list(pages()), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_a_section(page: Path) -> None:
    assert broken(page) == []


def test_a_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# A `code` heading, twice\n\n[good](#a-code-heading-twice) [good](page.md) [good](https://example.com/x)\n"
        "[bad](#another) [bad](other.md) [bad](page.md#nowhere)\n\n```\n[not a link](other.md)\n```\n",
        encoding="utf-8",
    )
    assert broken(page) == ["](#another)", "](other.md)", "](page.md#nowhere)"]
