"""Templates: one environment for each language, and what every page shows around its own part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from console import colors, language, static, terms
from console.database import Role
from console.language import Language
from console.shown import isolated, visible
from console.urls import address


@dataclass(frozen=True, slots=True)
class NavLink:
    """An entry of the navigation."""

    path: str
    word: str


@dataclass(frozen=True, slots=True)
class Frame:
    """The parts of a page around its own content. If no user is let in, most fields keep their defaults.

    ``here`` is the page's own path and query. The browser comes back to it after a change of the language. It is None
    after a POST, because a change of the language would then lose what was typed.
    """

    here: str | None = None
    user: str | None = None
    account: str | None = None
    prefix: str | None = None  # the account, where the addresses of this user's pages begin with it
    role: Role | None = None
    route: str | None = None  # the pattern of the page's path
    refresh_seconds: float = 0


class Renderer:
    """``links`` are the entries of the navigation, for each role."""

    def __init__(self, languages: Mapping[str, Language], links: Mapping[Role, Sequence[NavLink]]) -> None:
        self._links = links
        self._environments = {code: _environment(each) for code, each in languages.items()}

    def render(self, template: str, view: object, frame: Frame, language: Language) -> str:
        """The whole page as HTML."""
        links = self._links[frame.role] if frame.role else ()
        context: dict[str, Any] = {
            "view": view,
            "frame": frame,
            "links": links,
            "url": partial(address, frame.prefix),
        }
        return self._environments[language.code].get_template(template).render(context)


def _environment(spoken: Language) -> Environment:
    environment = Environment(
        loader=PackageLoader("console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(spoken.catalog, newstyle=True)  # type: ignore[attr-defined] # the extension's
    environment.filters |= {
        "count": spoken.count,
        "decimal": spoken.decimal,
        "money": spoken.money,
        "percent": spoken.percent,
        "percent_exact": spoken.percent_exact,
        "day": spoken.day,
        "moment": spoken.moment,
        "ago": spoken.ago,
        "shown": isolated,
        "visible": visible,
        "text_on": colors.text_on,
    }
    environment.globals |= {
        "language": spoken,
        "codes": language.CODES,
        "css": static.file("console.css").address,
        "asset": lambda name: static.file(name).address,
        "js": static.file("console.js").address,
        "icon": static.file("icon.svg").address,
        "plain_color": colors.PLAIN,
        "kinds": terms.KINDS,
        "reasons": terms.REASONS,
        "own_reasons": terms.OWN_REASONS,
    }
    return environment
