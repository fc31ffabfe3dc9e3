"""Warns of ids that a reader takes for others: ids with traces of copy and paste, and ids that look alike. Pure.

The worker compares ids byte for byte, so all of these ids are allowed.
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
# Characters that look like nothing or like a blank, although Unicode counts them as letters, marks or symbols.
_SHOWN_AS_NOTHING = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0" + "".join(map(chr, range(0xFE00, 0xFE10)))
)
_ALPHABETS = frozenset({"LATIN", "CYRILLIC", "GREEK"})  # many letters of one look like those of another


def warnings(edited: Mapping[str, PlanSpec], plans: Mapping[str, PlanSpec]) -> Iterator[AboutId | LookAlike]:
    """Warnings about the ids of the edited plans: each alone, and compared with all active plans of the account."""
    for kind, ids_of in IDS.items():
        of_edited = {each for spec in edited.values() for each in ids_of(spec)}
        for each in sorted(of_edited):
            yield from id_warnings(kind, each)
        of_all = of_edited.union(*map(ids_of, plans.values()))
        yield from _look_alikes(kind, of_edited, of_all)


def id_warnings(kind: IdKind, id_: str) -> Iterator[AboutId]:
    """Warnings about one id alone."""
    if id_ != id_.strip(" "):
        yield BlankAround(kind, id_)
    if id_.isascii():
        return
    if any(map(_is_invisible, id_)):
        yield InvisibleCharacters(kind, id_)
    for word in re.findall(r"[^\W\d_]+", id_):
        if len(alphabets := sorted(_alphabets(word))) > 1:
            yield MixedAlphabets(kind, id_, tuple(alphabets))


def _look_alikes(kind: IdKind, of_edited: set[str], of_all: set[str]) -> Iterator[LookAlike]:
    by_appearance = defaultdict(list)
    for each in sorted(of_all):
        by_appearance[_appearance(each)].append(each)
    for ids in by_appearance.values():
        if len(ids) > 1 and not of_edited.isdisjoint(ids):
            yield LookAlike(kind, tuple(ids))


def _appearance(id_: str) -> str:
    """The same text for ids that look alike. It has no case, invisible characters, outer blanks or other encodings."""
    if id_.isascii():
        return id_.lower().strip()
    folded = unicodedata.normalize("NFKC", id_).casefold()
    visible = "".join(letter for letter in folded if not _is_invisible(letter))
    return unicodedata.normalize("NFKC", visible).strip()


def _is_invisible(letter: str) -> bool:
    category = unicodedata.category(letter)
    return category == "Cf" or (category == "Zs" and letter != " ") or letter in _SHOWN_AS_NOTHING


def _alphabets(word: str) -> set[str]:
    return {unicodedata.name(letter, "").partition(" ")[0] for letter in word} & _ALPHABETS
