"""The two languages: texts from gettext catalogs; numbers, money, dates and plural forms from Babel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import cache
from io import BytesIO
from pathlib import Path

from babel import Locale, dates, numbers
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

COOKIE = "lang"
CODES = ("en", "ru")  # the first one where the browser asks for neither
CATALOGS = Path(__file__).parent / "locale"
CURRENCY = "USD"


class Language:
    """Everything that a page says in one language."""

    def __init__(self, code: str, zone: tzinfo) -> None:
        self.code = code
        self.zone = zone
        self.locale = Locale.parse(code)
        self.catalog = _catalog(code)

    @property
    def decimal_sign(self) -> str:
        """The sign between a number and its decimals."""
        return numbers.get_decimal_symbol(self.locale)

    def text(self, text: str) -> str:
        """A text of this program, that ``N_`` has marked, in this language."""
        return self.catalog.gettext(text)

    def term(self, terms: Mapping[str, str], value: str) -> str:
        """The word for a stored value; the value itself where there is no word for it."""
        return self.text(terms[value]) if value in terms else value

    def cell(self, time: datetime) -> str:
        """A time of the pages' zone, in the form that spreadsheets of every language read."""
        return time.astimezone(self.zone).strftime("%Y-%m-%d %H:%M:%S")

    def count(self, number: int) -> str:
        """A whole number, its digits in groups."""
        return numbers.format_decimal(number, locale=self.locale)

    def decimal(self, number: Decimal) -> str:
        """A number with the decimals that it has, two at most."""
        return numbers.format_decimal(number, format="#,##0.##", locale=self.locale)

    def percent_exact(self, part: Decimal) -> str:
        """A part of 1 in per cent, with the two decimals that a plan's conversion may have."""
        return numbers.format_percent(part, format=f"#,##0.##{_percent_sign(self.locale)}", locale=self.locale)

    def percent(self, part: float) -> str:
        """A part of 1 in per cent, with one decimal."""
        return numbers.format_percent(part, format=f"#,##0.0{_percent_sign(self.locale)}", locale=self.locale)

    def money(self, amount: Decimal) -> str:
        """An amount in USD, with its cents."""
        return numbers.format_currency(amount, CURRENCY, locale=self.locale)

    def moment(self, time: datetime) -> str:
        """Day and time of day in the pages' zone."""
        return dates.format_datetime(time, "medium", tzinfo=self.zone, locale=self.locale)

    def day(self, day: date) -> str:
        """A day without its year."""
        return dates.format_skeleton("MMMd", day, locale=self.locale)

    def ago(self, time: datetime, now: datetime) -> str:
        """The time since then, in its largest unit, and at least a second."""
        passed = min(time - now, timedelta(seconds=-1))
        return dates.format_timedelta(passed, granularity="second", add_direction=True, locale=self.locale)


def _percent_sign(locale: Locale) -> str:
    """The sign as the language writes it behind a number, with its blank if it has one."""
    return str(locale.percent_formats[None].suffix[0])


def with_capital(text: str) -> str:
    """The text as the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def chosen(cookie: str | None, accepted: str) -> str:
    """The language by the cookie, else the one that the browser asks for first (``Accept-Language``)."""
    if cookie in CODES:
        return cookie
    return next((code for code in _wanted(accepted) if code in CODES), CODES[0])


def _wanted(accepted: str) -> Sequence[str]:
    """Languages without their regions, the most wanted first; those of weight 0 not at all."""
    found: list[tuple[float, str]] = []
    for part in accepted[:1000].split(","):
        name, _, parameters = part.partition(";")
        try:
            weight = float(parameters.strip().removeprefix("q=") or 1)
        except ValueError:
            weight = 0
        if weight > 0:
            found.append((weight, name.strip().lower().partition("-")[0]))
    return [code for _, code in sorted(found, key=lambda each: -each[0])]


@cache
def _catalog(code: str) -> NullTranslations:
    """The texts of the code are English; another language has a catalog, compiled when it is first asked for."""
    path = CATALOGS / code / "console.po"
    if not path.exists():
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=code))
    compiled.seek(0)
    return Translations(compiled)
