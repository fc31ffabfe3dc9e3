"""The refusals of a request: each has a status, and the words of its page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


def N_(text: str) -> str:  # noqa: N802 -- gettext's own name for a text that is translated later
    """The text, marked to be collected for the catalogs."""
    return text


@dataclass(frozen=True, slots=True)
class Refusal:
    """``retry_after`` is in seconds. ``is_form_kept``: the page shows again what was typed, and a button to send it."""

    status: int
    title: str
    text: str
    retry_after: int | None = None
    is_form_kept: bool = False


@dataclass(frozen=True, slots=True)
class Refusing:
    """The page of a refusal. If the form is kept, the page shows again what was typed."""

    refusal: Refusal
    fields: tuple[tuple[str, str], ...]


class RefusalError(Exception):
    """The request is answered by this refusal's page."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.title)
        self.refusal: Final = refusal


NOT_UTF8 = Refusal(
    400, N_("Not readable"), N_("The request is not UTF-8 text, or holds a character that no text can hold.")
)
TWO_USERS = Refusal(
    400,
    N_("Two users at once"),
    N_("The sign-in proxy named the user twice. Nothing was done. Tell whoever runs this system."),
)
NOT_THIS_HOST = Refusal(
    400, N_("Another address"), N_("These pages are for this machine alone: open them by localhost or 127.0.0.1.")
)
SIGN_IN = Refusal(
    401,
    N_("You are not signed in"),
    N_("Sign in and open the page again. If you have just done so, tell whoever runs this system."),
    is_form_kept=True,
)
NOBODY = Refusal(
    403,
    N_("You have no access yet"),
    N_("You are signed in, but nobody has given you access to an account. Ask whoever runs this system."),
)
CROSS_SITE = Refusal(
    403,
    N_("Not from here"),
    N_("The change was asked for by another site, so nothing was done. Make it on these pages."),
)
NOT_FOUND = Refusal(404, N_("Not found"), N_("There is no such page, or it is not yours."))
WRONG_METHOD = Refusal(405, N_("Not possible here"), N_("This page can't be asked for in that way."))
CONFLICT = Refusal(
    409, N_("Changed meanwhile"), N_("Somebody else has just changed this. Look at it again."), is_form_kept=True
)
ARCHIVED = Refusal(
    409, N_("The plan is archived"), N_("An archived plan takes no clients, so nobody in it is paused or resumed.")
)
TOO_LARGE = Refusal(
    413, N_("Too much at once"), N_("A form holds 100,000 bytes and 500 fields at most. Nothing was done.")
)
NOT_A_FORM = Refusal(415, N_("Not a form"), N_("Only forms in UTF-8 can be sent here. Nothing was done."))
FAULT = Refusal(
    500,
    N_("Something is broken"),
    N_("The fault is in this program, and is in its log. Tell whoever runs this system."),
    is_form_kept=True,
)
BUSY = Refusal(
    503,
    N_("Busy at the moment"),
    N_("The database is busy with another change or with too much at once. Try again in a moment."),
    retry_after=2,
    is_form_kept=True,
)
AWAY = Refusal(
    503,
    N_("Not available at the moment"),
    N_("The database can't be reached. Leads are not lost. Try again in a moment."),
    retry_after=5,
    is_form_kept=True,
)
