"""Names that pages show beside ids. Checks their CSV file and applies it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from pydantic import TypeAdapter, ValidationError

from contracts.types import ID_RULE, Id
from db import query
from worker import postgres
from worker.plans.file import Title

READ = query("people/read_names")
PUT = query("people/put_names")

FIELDS = ("kind", "id", "name")
HEADER = ",".join(FIELDS)
_RULES: Mapping[str, tuple[TypeAdapter[str], str]] = {
    "kind": (TypeAdapter(Literal["manager", "lgt", "offer"]), "manager, lgt or offer"),
    "id": (TypeAdapter(Id), ID_RULE),
    "name": (
        TypeAdapter(Title),
        "1 to 120 characters, not all blank, without line breaks or control characters",
    ),
}


class NamesFileError(Exception):
    """The file has faults. Each entry of ``faults`` names a line, a field and its fault."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


class Change(NamedTuple):
    """A name before and after a change. ``before`` is None if the id had no name."""

    kind: str
    id: str
    before: str | None
    after: str


class _Row(NamedTuple):
    line: int
    fields: Sequence[str]


def parse(content: bytes) -> dict[tuple[str, str], str]:
    """The names of a file, by kind and id. Raises NamesFileError with all faults of the file."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise NamesFileError([f"line {line}: is not UTF-8; save the file in UTF-8"]) from None
    rows = list(_rows(text))
    if not rows or tuple(rows[0].fields) != FIELDS:
        instead = f", not {','.join(rows[0].fields)!r}" if rows else ""
        raise NamesFileError([f"line 1: must be {HEADER!r}{instead}"])
    names: dict[tuple[str, str], str] = {}
    lines: dict[tuple[str, str], int] = {}
    faults: list[str] = []
    for row in rows[1:]:
        faults += (found := list(_faults(row)))
        if not found:
            kind, id_, name = row.fields
            if (first := lines.setdefault((kind, id_), row.line)) != row.line:
                faults.append(f"line {row.line}, id: {kind} {id_!r} is also in line {first}")
            names[kind, id_] = name
    if faults:
        raise NamesFileError(faults)
    return names


def _rows(text: str) -> Iterator[_Row]:
    """The rows that are not blank, each with the number of its first line. Raises NamesFileError."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for fields in reader:
            if fields:
                yield _Row(line, fields)
            line = reader.line_num + 1
    except csv.Error as error:
        raise NamesFileError([f"line {line}: is not CSV: {error}"]) from None


def _faults(row: _Row) -> Iterator[str]:
    if len(row.fields) != len(FIELDS):
        yield f"line {row.line}: must have the {len(FIELDS)} fields {HEADER}, and has {len(row.fields)}"
        return
    for field, value in zip(FIELDS, row.fields, strict=True):
        adapter, rule = _RULES[field]
        try:
            adapter.validate_python(value)
        except ValidationError:
            yield f"line {row.line}, {field}: must be {rule}"


async def apply(
    connection: postgres.Connection, account_id: str, names: Mapping[tuple[str, str], str], *, execute: bool
) -> list[Change]:
    """Stores these names, all or none; other names stay. Returns the changes.

    Without ``execute`` it only returns them.
    """
    async with postgres.transaction(connection, readonly=not execute):
        before = {(row["kind"], row["id"]): row["name"] for row in await connection.fetch(READ, account_id)}
        changes = [Change(*key, before.get(key), name) for key, name in names.items() if before.get(key) != name]
        if execute and changes:
            kinds, ids, _, after = (list(column) for column in zip(*changes, strict=True))
            await connection.execute(PUT, account_id, kinds, ids, after)
    return changes
