"""Words for values that the database holds, for pages and files. ``language.text`` translates them."""

from __future__ import annotations

from collections.abc import Mapping

from console.errors import N_

KINDS: Mapping[str, str] = {
    "subscription": N_("subscription"),
    "order": N_("order"),
    "failed-payment": N_("failed payment"),
    "paid": N_("payment"),
}
REASONS: Mapping[str, str] = {
    "even": N_("fewest clients"),
    "linked_contact": N_("contact with the client"),
    "linked_plan": N_("has the client in another plan"),
    "manual": N_("moved by hand"),
    "handover": N_("handed over"),
}
OWN_REASONS: Mapping[str, str] = {  # to the manager who has the client
    "even": N_("fewest clients then: your turn"),
    "linked_contact": N_("your contact with the client"),
    "linked_plan": N_("the client is yours in another plan"),
    "manual": N_("given to you by hand"),
    "handover": N_("handed over to you"),
}
