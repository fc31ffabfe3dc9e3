"""The file of names: every fault with its line and field, and nothing written where there is one."""

from __future__ import annotations

import pytest

from tests.support.office import Office
from worker.people import names
from worker.people.names import Change, NamesFileError

FILE = 'kind,id,name\nmanager,anna,Anna Petrova\nlgt,landing-7,"Landing, no. 7"\n\noffer,o/1,«Ищи»\n'
NAME_RULE = "1 to 120 characters, not all blank, without line breaks or control characters"
NAMED = {
    ("manager", "anna"): "Anna Petrova",
    ("lgt", "landing-7"): "Landing, no. 7",
    ("offer", "o/1"): "«Ищи»",
}


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "with a byte order mark"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["unix", "windows"])
def test_a_file_as_spreadsheets_write_it(mark: str, end: str) -> None:
    assert names.parse((mark + FILE.replace("\n", end)).encode()) == NAMED


def test_a_file_of_no_names_names_nothing() -> None:
    assert names.parse(b"kind,id,name\n") == {}


@pytest.mark.parametrize(
    ("content", "faults"),
    [
        (b"", ["line 1: must be 'kind,id,name'"]),
        (b"manager,anna,Anna\n", ["line 1: must be 'kind,id,name', not 'manager,anna,Anna'"]),
        (b"kind;id;name\n", ["line 1: must be 'kind,id,name', not 'kind;id;name'"]),
        (b"kind,id,name\nmanager,anna,\xcd\xe0\n", ["line 2: is not UTF-8; save the file in UTF-8"]),
        (b'kind,id,name\nlgt,a,A\nlgt,"b,B\n', ["line 3: is not CSV: unexpected end of data"]),
        (b"kind,id,name\nmanager,anna\n", ["line 2: must have the 3 fields kind,id,name, and has 2"]),
        (
            b'kind,id,name\n"manager\n",anna,Anna\nlgt,,x\n\nlgt,b,\n',
            [
                "line 2, kind: must be manager, lgt or offer",
                "line 4, id: must be a string of 1 to 128 printable characters",
                f"line 6, name: must be {NAME_RULE}",
            ],
        ),
        (
            b"kind,id,name\nlgt,a,A\nmanager,a,A\nlgt,a,B\nlgt,a,C\n",
            ["line 4, id: lgt 'a' is also in line 2", "line 5, id: lgt 'a' is also in line 2"],
        ),
        (
            f"kind,id,name\nteam,{'x' * 129},{'y' * 121}\n".encode(),
            [
                "line 2, kind: must be manager, lgt or offer",
                "line 2, id: must be a string of 1 to 128 printable characters",
                f"line 2, name: must be {NAME_RULE}",
            ],
        ),
    ],
)
def test_every_fault_is_named_with_its_line_and_field(content: bytes, faults: list[str]) -> None:
    with pytest.raises(NamesFileError) as refused:
        names.parse(content)
    assert list(refused.value.faults) == faults


async def test_names_are_shown_from_then_on(office: Office) -> None:
    """Others stay, and another account's of the same ids too; a dry run only tells."""
    rows = "select account_id, kind, id, name from salesplan.display_name order by 1, 2, 3"
    await office.connection.execute(
        "insert into salesplan.display_name values ('acme', 'manager', 'anna', 'Anna'), ('acme', 'lgt', 'l', 'L'),"
        " ('globex', 'manager', 'anna', 'Another')"
    )
    wanted = {("manager", "anna"): "Anna Petrova", ("lgt", "l"): "L", ("offer", "o"): "O"}
    before = await office.rows(rows)
    changes = [Change("manager", "anna", "Anna", "Anna Petrova"), Change("offer", "o", None, "O")]
    assert await names.apply(office.connection, "acme", wanted, execute=False) == changes
    assert await office.rows(rows) == before
    assert await names.apply(office.connection, "acme", wanted, execute=True) == changes
    assert await office.rows(rows) == [
        ("acme", "lgt", "l", "L"),
        ("acme", "manager", "anna", "Anna Petrova"),
        ("acme", "offer", "o", "O"),
        ("globex", "manager", "anna", "Another"),
    ]
    assert await names.apply(office.connection, "acme", wanted, execute=True) == []
