"""Two languages, complete, each with its numbers, money, dates and plural forms."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from console.language import CATALOGS, CODES, Language, chosen
from tests.console.catalogs import text, untranslated, updated
from tests.support.site import Site

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
EN, RU = (Language(code, ZoneInfo("Europe/Moscow")) for code in ("en", "ru"))


@pytest.mark.parametrize("code", CODES[1:])
def test_every_text_is_translated(code: str) -> None:
    """Run `make catalogs` where this fails, and translate what it names."""
    catalog = updated(code)
    assert untranslated(catalog) == []
    assert (CATALOGS / code / "console.po").read_text(encoding="utf-8") == text(catalog)


def test_every_translation_has_the_places_of_its_text() -> None:
    for message in updated("ru"):
        for translation in message.string if isinstance(message.string, tuple) else (str(message.string),):
            for place in ("%(number)s", "%(name)s", "%(ago)s", "%(user)s", "%(words)s"):
                assert (place in translation) == (place in str(message.id)) or not message.id, message.id


@pytest.mark.parametrize(
    ("count", "clients"), [(1, "1 клиент"), (2, "2 клиента"), (5, "5 клиентов"), (11, "11 клиентов"), (21, "21 клиент")]
)
def test_a_count_has_its_noun_in_the_right_form(count: int, clients: str) -> None:
    assert RU.catalog.ngettext("%(number)s client", "%(number)s clients", count) % {"number": count} == clients


def test_numbers_and_times_are_those_of_the_language() -> None:
    amount = Decimal("1250.50")
    assert (EN.money(amount), RU.money(amount)) == ("$1,250.50", "1\u00a0250,50\u00a0$")
    assert (EN.count(1234567), RU.count(1234567)) == ("1,234,567", "1\u00a0234\u00a0567")
    assert (EN.decimal(Decimal("12.50")), RU.decimal(Decimal("12.50"))) == ("12.5", "12,5")
    assert RU.moment(NOON) == "23 нояб. 2026\u202f\u0433., 15:00:00"
    assert EN.ago(NOON - timedelta(seconds=12), NOON) == "12 seconds ago"
    assert RU.ago(NOON - timedelta(minutes=21), NOON) == "21 минуту назад"
    assert EN.ago(NOON + timedelta(hours=1), NOON) == "1 second ago"


@pytest.mark.parametrize(
    ("cookie", "accepted", "code"),
    [
        (None, "", "en"),
        (None, "ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        (None, "de, en;q=0.5, ru;q=0.7", "ru"),
        (None, "ru;q=0, de", "en"),
        (None, "ru;q=x, *", "en"),
        ("ru", "en", "ru"),
        ("xx", "ru", "ru"),
    ],
)
def test_the_cookie_goes_before_what_the_browser_asks_for(cookie: str | None, accepted: str, code: str) -> None:
    assert chosen(cookie, accepted) == code


async def test_the_choice_is_kept_and_leads_back(site: Site) -> None:
    found = await site.post("/language", [("lang", "ru"), ("back", "/plans?q=%D1%8F")])
    assert (found.status_code, found.headers["location"]) == (303, "/plans?q=%D1%8F")
    assert found.headers["set-cookie"].startswith("lang=ru; HttpOnly; Max-Age=")
    page = await site.get("/plans", headers={"cookie": "lang=ru"})
    assert '<html lang="ru">' in page.text
    assert "Планы продаж" in page.text


@pytest.mark.parametrize("back", ["//evil.test/", "/\\evil.test", "https://evil.test", "", "plans", "/\n/evil.test"])
async def test_no_choice_leads_to_another_site(site: Site, back: str) -> None:
    assert (await site.post("/language", [("lang", "en"), ("back", back)])).headers["location"] == "/"


async def test_another_language_is_not_found(site: Site) -> None:
    assert (await site.post("/language", [("lang", "de"), ("back", "/")])).status_code == 404
