"""Keeps the people of the accounts: each signed-in user is a head of sales or a manager."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import StringConstraints, TypeAdapter, ValidationError

from contracts.types import ID_RULE, Id
from db import query
from worker import postgres
from worker.plans import store as planstore

READ = query("people/read")
PUT = query("people/put")
REMOVE = query("people/remove")

USER_RULE = "a string of 1 to 255 printable characters"
_User = Annotated[
    str, StringConstraints(strict=True, min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]+$")
]
_USER: TypeAdapter[str] = TypeAdapter(_User)
_ID: TypeAdapter[str] = TypeAdapter(Id)


class PersonRefusedError(Exception):
    """A person can't be added or removed; the text tells the reason in one line."""


@dataclass(frozen=True, slots=True)
class Person:
    """A user in an account. ``manager_id`` is None for the head of sales."""

    account_id: str
    user_id: str
    manager_id: str | None

    @property
    def role(self) -> str:
        """Either ``head`` or ``manager``."""
        return "head" if self.manager_id is None else "manager"

    def refuse_unfit(self) -> None:
        """Raises PersonRefusedError if a field can't be stored."""
        for name, part, adapter, rule in (
            ("USER", self.user_id, _USER, USER_RULE),
            ("--account", self.account_id, _ID, ID_RULE),
            ("--manager", self.manager_id, _ID, ID_RULE),
        ):
            try:
                if part is not None:
                    adapter.validate_python(part)
            except ValidationError:
                raise PersonRefusedError(f"{name} must be {rule}") from None


async def read(connection: postgres.Connection, account_id: str | None = None) -> list[Person]:
    """The people of one account, or of all accounts, sorted by account and user."""
    rows = await connection.fetch(READ, account_id)
    return [Person(row["account_id"], row["user_id"], row["manager_id"]) for row in rows]


async def add(connection: postgres.Connection, person: Person, *, execute: bool) -> Person | None:
    """Lets the user in as this person from now on. Returns the person that the user was before, or None.

    Without ``execute`` it changes nothing. Raises PersonRefusedError.
    """
    person.refuse_unfit()
    async with postgres.transaction(connection, readonly=not execute):
        before = (await _by_user(connection, person.account_id)).get(person.user_id)
        if execute and before != person:
            await connection.execute(PUT, person.account_id, person.user_id, person.role, person.manager_id)
    return before


async def remove(connection: postgres.Connection, account_id: str, user_id: str, *, execute: bool) -> Person:
    """Stops letting the user in. Returns the person that the user was. Raises PersonRefusedError."""
    async with postgres.transaction(connection, readonly=not execute):
        people = await _by_user(connection, account_id)
        if user_id not in people:
            nearest = difflib.get_close_matches(user_id, people, n=1)
            meant = f"; did you mean {nearest[0]!r}?" if nearest else ""
            raise PersonRefusedError(f"{user_id!r} is nobody in account {account_id!r}{meant}")
        if execute:
            await connection.execute(REMOVE, account_id, user_id)
    return people[user_id]


async def warnings(connection: postgres.Connection, person: Person) -> list[str]:
    """Warnings about ids that may be mistyped: an account without plans, or a manager who is in none of them."""
    plans = await planstore.read(connection, person.account_id)
    if not plans:
        return [f"account {person.account_id!r} has no plans yet"]
    managers = {manager for plan in plans for manager in plan.roster}
    if person.manager_id is None or person.manager_id in managers:
        return []
    nearest = difflib.get_close_matches(person.manager_id, managers, n=1)
    meant = f"; did you mean {nearest[0]!r}?" if nearest else ""
    return [f"manager {person.manager_id!r} was never in a plan of account {person.account_id!r}{meant}"]


async def _by_user(connection: postgres.Connection, account_id: str) -> Mapping[str, Person]:
    return {person.user_id: person for person in await read(connection, account_id)}
