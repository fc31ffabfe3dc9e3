"""Each statement says at its head why it exists, who runs it, what it takes and what comes back."""

from __future__ import annotations

import re
from itertools import takewhile

import pytest

import db
from worker import postgres

LABELS = re.compile(r"^-- (Why:|Runs it:|\$\d+(?= \w+ \([^)]+\): )|Returns) ", re.MULTILINE)
PARAMETER = re.compile(r"\$\d+")
TYPE = re.compile(r"^-- \$\d+ \w+ \(([^)]+)\): ", re.MULTILINE)
OIDS = "select array(select name::regtype::oid from unnest($1::text[]) with ordinality as n (name, no) order by no)"
TABLES = "verify/tables"  # several statements, which can't be prepared together


@pytest.mark.parametrize("name", db.names())
def test_the_head_explains_each_parameter_and_the_answer(name: str) -> None:
    """In this order, each parameter once, and none that the statement does not use."""
    head = head_of(name)
    used = sorted(set(PARAMETER.findall(db.query(name))), key=lambda parameter: int(parameter[1:]))
    assert LABELS.findall(head) == ["Why:", "Runs it:", *used, "Returns"]
    assert set(PARAMETER.findall(head)) == set(used)


def test_a_statement_is_sent_with_its_name_and_without_its_head() -> None:
    """`pg_stat_activity` shows its first KB."""
    assert db.query("plans/revision") == "-- plans/revision\nselect revision from salesplan.plan_book\n"


async def test_parameters_have_the_types_that_postgres_gives_them(database_url: str) -> None:
    """One that Postgres takes for an integer, where its column is a bigint, would refuse values some day."""
    async with postgres.connected(database_url, application_name="test") as connection:
        await connection.execute(db.query(TABLES))
        for name in set(db.names()) - {TABLES}:
            prepared = await connection.prepare(db.query(name))
            told = await connection.fetchval(OIDS, TYPE.findall(head_of(name)))
            assert told == [parameter.oid for parameter in prepared.get_parameters()], name


def head_of(name: str) -> str:
    """The comments at the head of the file."""
    lines = (db.QUERIES / f"{name}.sql").read_text(encoding="utf-8").splitlines(keepends=True)
    return "".join(takewhile(lambda line: line.startswith("--"), lines))
