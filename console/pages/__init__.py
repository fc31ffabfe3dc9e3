"""The pages, one module each. Their order is that of the navigation, and of the search for a path."""

from console.page import AnyPage
from console.pages import (
    accounts,
    clients,
    clients_csv,
    history,
    home,
    language,
    lead,
    my,
    my_csv,
    my_plan,
    plan_edit,
    plan_new,
    plan_preview,
    plans,
    try_lead,
    unmatched,
    waiting,
)

PAGES: tuple[AnyPage, ...] = (
    home.PAGE,
    accounts.PAGE,
    language.PAGE,
    plans.PAGE,
    plan_new.PAGE,
    plan_preview.PAGE,
    plan_edit.PAGE,
    clients.PAGE,
    clients_csv.PAGE,
    lead.PAGE,
    waiting.OF_PLAN,
    history.PAGE,
    try_lead.PAGE,
    waiting.ALL,
    unmatched.PAGE,
    my.PAGE,
    my_csv.PAGE,  # before `/my/{plan}`, which takes any text
    my_plan.PAGE,
)
