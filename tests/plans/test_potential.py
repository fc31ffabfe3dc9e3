"""The potential of a plan: cents by hand."""

from decimal import Decimal

import pytest

from worker.plans.potential import potential


@pytest.mark.parametrize(
    ("leads", "conversion_percent", "average_sale", "usd"),
    [
        (0, "12.50", "149.00", "0.00"),
        (100, "12.50", "149.00", "1862.50"),
        (1, "0.50", "1.00", "0.01"),  # half a cent goes up
        (3, "0.50", "1.00", "0.02"),  # and not to the even neighbour
        (1, "0.49", "1.00", "0.00"),
        (1_000_000, "100.00", "999999999999.99", "999999999999990000.00"),
    ],
)
def test_it_is_exact_and_rounded_half_up(leads: int, conversion_percent: str, average_sale: str, usd: str) -> None:
    """No figure passes through a float."""
    assert str(potential(leads, Decimal(conversion_percent), Decimal(average_sale))) == usd
