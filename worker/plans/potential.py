"""The potential of a plan. Pure."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

_CENT = Decimal("0.01")


def potential(leads: int, conversion_percent: Decimal, average_sale: Decimal) -> Decimal:
    """Leads x conversion_percent / 100 x average_sale, in USD, rounded half up as ``salesplan_api.plans`` does."""
    return (leads * conversion_percent * average_sale / 100).quantize(_CENT, ROUND_HALF_UP)
