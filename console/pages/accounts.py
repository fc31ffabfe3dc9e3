"""`/accounts`: a user of several accounts chooses one."""

from __future__ import annotations

from dataclasses import dataclass

from console import errors
from console.database import Role
from console.errors import RefusalError
from console.page import Answer, Call, OpenPage, Shown
from console.pages.home import START, accounts_of
from console.urls import address


@dataclass(frozen=True, slots=True)
class AccountLine:
    """An account, what the user is there, and where his pages begin."""

    account: str
    role: Role
    address: str


@dataclass(frozen=True, slots=True)
class AccountsView:
    """The lines of the page, by account."""

    lines: tuple[AccountLine, ...]


async def get(call: Call) -> Answer:
    """Show the user's accounts; he is in one at least."""
    found = await accounts_of(call)
    if not found:
        raise RefusalError(errors.NOT_FOUND)
    lines = (AccountLine(account, role, address(account, START[role])) for account, role in found)
    return Shown("accounts.html", AccountsView(tuple(lines)))


PAGE = OpenPage("/accounts", get)
