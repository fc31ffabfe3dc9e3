"""Counts with their nouns, in the form that Russian demands."""


def form(count: int, one: str, few: str, many: str) -> str:
    """One of three forms: for 1, 21 and 101; for 2 to 4 and 22 to 24; for all others, 11 to 14 among them."""
    if count % 10 == 1 and count % 100 != 11:
        return one
    if count % 10 in (2, 3, 4) and count % 100 not in (12, 13, 14):
        return few
    return many


def clients(count: int) -> str:
    """Clients in the nominative."""
    return f"{count} {form(count, 'клиент', 'клиента', 'клиентов')}"


def of_characters(count: int) -> str:
    """Characters in the genitive, as after "at least"."""
    return f"{count} {form(count, 'символа', 'символов', 'символов')}"
