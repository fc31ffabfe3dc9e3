"""`/language`: the user's choice, kept in a cookie; then back to where he was."""

from __future__ import annotations

from starlette.responses import RedirectResponse

from console import errors
from console.errors import RefusalError
from console.language import CODES, COOKIE
from console.page import Answer, Call, OpenPage
from console.urls import is_local

SECONDS = 400 * 24 * 3600  # the longest that browsers keep a cookie


async def post(call: Call) -> Answer:
    """`lang` is the language, `back` the page to go back to. The cookie holds for the pages of all accounts."""
    code, back = call.form.get("lang"), call.form.get("back")
    if code not in CODES:
        raise RefusalError(errors.NOT_FOUND)
    response = RedirectResponse(back if is_local(back) else "/", 303)
    response.set_cookie(COOKIE, code, max_age=SECONDS, httponly=True, samesite="lax")
    return response


PAGE = OpenPage("/language", post=post)
