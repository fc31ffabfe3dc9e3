"""Collects the texts of pages and modules into the catalogs: `make catalogs`."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

import console
from console.language import CATALOGS, CODES

FOLDER = Path(console.__file__).parent
METHODS = [("templates/**.html", "jinja2"), ("**.py", "python")]
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
OPTIONS = {"templates/**.html": {"extensions": "jinja2.ext.i18n", "trimmed": "false", "newstyle_gettext": "true"}}
WIDTH = 120
UNUSED = ('"POT-Creation', '"PO-Revision', '"Generated-By', '"Project-Id', '"Report-Msgid', '"Last-Tr', '"Language-T')


def collected() -> Catalog:
    """All texts of the code, in English."""
    catalog = Catalog(fuzzy=False)
    for file, _, message, comments, context in extract_from_dir(FOLDER, METHODS, OPTIONS, KEYWORDS):
        catalog.add(message, None, [(file, 0)], auto_comments=comments, context=context)
    return catalog


def updated(code: str) -> Catalog:
    """The language's catalog, with the texts of today: new ones empty, those that are gone left out."""
    path = CATALOGS / code / "console.po"
    with path.open("rb") as file:
        catalog = read_po(file, locale=code)
    catalog.update(collected(), no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    return catalog


def untranslated(catalog: Catalog) -> list[str]:
    """The texts that lack a translation, or one of their plural forms."""
    return [
        str(message.id)
        for message in catalog
        if message.id and not (all(message.string) if isinstance(message.string, tuple) else message.string)
    ]


def text(catalog: Catalog) -> str:
    """The catalog as it is kept: without dates and line numbers, which change with everything."""
    written = BytesIO()
    write_po(written, catalog, width=WIDTH, no_location=True, omit_header=False, sort_output=True)
    lines = written.getvalue().decode().splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(UNUSED))


def main() -> None:
    """Write each catalog anew, and name the texts that have no translation."""
    for code in CODES[1:]:
        catalog = updated(code)
        (CATALOGS / code / "console.po").write_text(text(catalog), encoding="utf-8")
        for message in untranslated(catalog):
            print(f"{code}: {message!r} has no translation")  # noqa: T201 -- a tool's answer


if __name__ == "__main__":
    main()
