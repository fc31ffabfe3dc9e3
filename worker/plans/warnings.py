"""Warnings about plans that are allowed and may yet surprise, as values. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class IdKind(StrEnum):
    """Kinds of ids that a person can mistake."""

    ACCOUNT = "account"
    MANAGER = "manager"
    LGT = "LGT"
    OFFER = "offer"


@dataclass(frozen=True, slots=True)
class GoOnWaiting:
    """The plan is to be archived while leads wait in it."""

    plan_id: str
    leads: int


@dataclass(frozen=True, slots=True)
class NoActiveManager:
    """All managers of the plan are paused, or it has none."""

    plan_id: str


@dataclass(frozen=True, slots=True)
class NothingComesIn:
    """The plan has neither an LGT nor an offer."""

    plan_id: str


@dataclass(frozen=True, slots=True)
class JoinsRunning:
    """A manager joins a plan that others have leads in. ``leads`` counts those he has in it already."""

    plan_id: str
    manager_id: str
    leads: int


@dataclass(frozen=True, slots=True)
class SharedOffer:
    """Each lead of the offer enters all of these plans."""

    offer_id: str
    plan_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BlankAround:
    """The id begins or ends with a blank."""

    kind: IdKind
    id: str


@dataclass(frozen=True, slots=True)
class InvisibleCharacters:
    """The id has characters that are shown as nothing, or as a blank."""

    kind: IdKind
    id: str


@dataclass(frozen=True, slots=True)
class MixedAlphabets:
    """One word of the id has letters of several alphabets, named as Unicode names them."""

    kind: IdKind
    id: str
    alphabets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LookAlike:
    """A reader takes these ids for one."""

    kind: IdKind
    ids: tuple[str, ...]


AboutId = BlankAround | InvisibleCharacters | MixedAlphabets
PlanWarning = GoOnWaiting | NoActiveManager | NothingComesIn | JoinsRunning | SharedOffer | AboutId | LookAlike
