"""The pages, one module each. Their order is that of the navigation, and of the search for a path."""

from console.page import AnyPage
from console.pages import accounts, clients, clients_csv, home, language, lead, plans

PAGES: tuple[AnyPage, ...] = (
    home.PAGE,
    accounts.PAGE,
    language.PAGE,
    plans.PAGE,
    clients.PAGE,
    clients_csv.PAGE,
    lead.PAGE,
)
