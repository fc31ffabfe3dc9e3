"""The pages, one module each. Their order is that of the navigation, and of the search for a path."""

from console.page import AnyPage
from console.pages import accounts, home, language, plan_edit, plan_new, plan_preview, plans

PAGES: tuple[AnyPage, ...] = (
    home.PAGE,
    accounts.PAGE,
    language.PAGE,
    plans.PAGE,
    plan_new.PAGE,
    plan_preview.PAGE,
    plan_edit.PAGE,
)
