"""The names that pages show beside ids; ids stand for themselves where no name is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from db import query
from worker.postgres import Connection

NAMES = query("console/names")


@dataclass(frozen=True, slots=True)
class Names:
    """The account's names, by kind (``manager``, ``lgt`` or ``offer``) and id."""

    known: Mapping[tuple[str, str], str]

    def manager(self, manager_id: str) -> str:
        """A manager's name."""
        return self.known.get(("manager", manager_id), manager_id)

    def lgt(self, lgt_id: str) -> str:
        """An LGT's name."""
        return self.known.get(("lgt", lgt_id), lgt_id)

    def offer(self, offer_id: str) -> str:
        """An offer's name."""
        return self.known.get(("offer", offer_id), offer_id)


async def read_names(connection: Connection) -> Names:
    """All names of the account that a head of sales was let in to."""
    return Names({(row["kind"], row["id"]): row["name"] for row in await connection.fetch(NAMES)})
