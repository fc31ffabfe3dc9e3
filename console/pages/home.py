"""`/`: leads to the pages of the user's account, to the choice of one, or says whom to ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from console.database import Role
from console.page import Answer, Call, OpenPage, SeeOther, Shown

START = {Role.HEAD: "/plans", Role.MANAGER: "/my"}


@dataclass(frozen=True, slots=True)
class NobodyView:
    """The page for a user in no account."""

    user: str


async def get(call: Call) -> Answer:
    """Send the user to a start page or the list of accounts, and never answer with a page of an account.

    So a bookmark of `/` stays good when the user's accounts change.
    """
    found = await accounts_of(call)
    if not found:
        return Shown("nobody.html", NobodyView(call.user), 403)
    if len(found) > 1:
        return SeeOther("/accounts")
    return SeeOther(START[found[0][1]])


async def accounts_of(call: Call) -> Sequence[tuple[str, Role]]:
    """The user's accounts, each with the user's role there, sorted by account."""
    found = [(account, role) for role in Role for account in await call.databases[role].accounts_of(call.user)]
    return sorted(found)


PAGE = OpenPage("/", get)
