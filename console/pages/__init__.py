"""The pages, one module each. Their order is that of the navigation, and of the search for a path."""

from console.page import AnyPage
from console.pages import (
    accounts,
    archive,
    clients,
    clients_csv,
    home,
    language,
    manager,
    managers,
    pause,
    plan,
    plans,
)

PAGES: tuple[AnyPage, ...] = (
    home.PAGE,
    accounts.PAGE,
    language.PAGE,
    plans.PAGE,
    plan.PAGE,
    pause.PAUSE,
    pause.RESUME,
    archive.PAGE,
    clients.PAGE,
    clients_csv.PAGE,
    managers.PAGE,
    manager.PAGE,
)
