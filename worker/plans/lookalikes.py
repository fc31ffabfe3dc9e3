"""Ids that a reader takes for others: the marks of copy and paste in them, and ids that look alike. Pure.

Ids are compared byte for byte, here and in the messages. So each of these is allowed, and a person is warned of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

from worker.plans.file import PlanSpec
from worker.plans.warnings import AboutId, BlankAround, IdKind, InvisibleCharacters, LookAlike, MixedAlphabets

IDS: Mapping[IdKind, Callable[[PlanSpec], Iterable[str]]] = {
    IdKind.MANAGER: lambda spec: [manager.id for manager in spec.managers],
    IdKind.LGT: lambda spec: spec.lgts,
    IdKind.OFFER: lambda spec: spec.offers.all(),
}
# Shown as nothing or as a blank, though Unicode has them among letters, marks and symbols.
_SHOWN_AS_NOTHING = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0" + "".join(map(chr, range(0xFE00, 0xFE10)))
)
_ALPHABETS = frozenset({"LATIN", "CYRILLIC", "GREEK"})  # many letters of one look like those of another


def warnings(named: Mapping[str, PlanSpec], plans: Mapping[str, PlanSpec]) -> Iterator[AboutId | LookAlike]:
    """About the ids in the named plans: each by itself, and beside those in all active plans of the account."""
    for kind, ids_of in IDS.items():
        here = {each for spec in named.values() for each in ids_of(spec)}
        for each in sorted(here):
            yield from of_one(kind, each)
        everywhere = here.union(*map(ids_of, plans.values()))
        yield from _of_several(kind, here, everywhere)


def of_one(kind: IdKind, id_: str) -> Iterator[AboutId]:
    """About an id by itself; a plain one costs next to nothing."""
    if id_ != id_.strip(" "):
        yield BlankAround(kind, id_)
    if id_.isascii():
        return
    if any(map(_is_invisible, id_)):
        yield InvisibleCharacters(kind, id_)
    for word in re.findall(r"[^\W\d_]+", id_):
        if len(alphabets := sorted(_alphabets(word))) > 1:
            yield MixedAlphabets(kind, id_, tuple(alphabets))


def _of_several(kind: IdKind, here: set[str], everywhere: set[str]) -> Iterator[LookAlike]:
    alike = defaultdict(list)
    for each in sorted(everywhere):
        alike[_look(each)].append(each)
    for ids in alike.values():
        if len(ids) > 1 and not here.isdisjoint(ids):
            yield LookAlike(kind, tuple(ids))


def _look(id_: str) -> str:
    """The same for ids that look alike: without case, marks of copy and paste, blanks around, and ways of encoding."""
    if id_.isascii():
        return id_.lower().strip()
    folded = unicodedata.normalize("NFKC", id_).casefold()
    seen = "".join(letter for letter in folded if not _is_invisible(letter))
    return unicodedata.normalize("NFKC", seen).strip()


def _is_invisible(letter: str) -> bool:
    category = unicodedata.category(letter)
    return category == "Cf" or (category == "Zs" and letter != " ") or letter in _SHOWN_AS_NOTHING


def _alphabets(word: str) -> set[str]:
    return {unicodedata.name(letter, "").partition(" ")[0] for letter in word} & _ALPHABETS
