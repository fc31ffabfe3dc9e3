"""Counts with Russian nouns in the right form."""


def form(count: int, one: str, few: str, many: str) -> str:
    """Choose a form: ``one`` for 1, 21 and 101; ``few`` for 2 to 4 and 22 to 24; ``many`` for all others, like 11."""
    if count % 10 == 1 and count % 100 != 11:
        return one
    if count % 10 in (2, 3, 4) and count % 100 not in (12, 13, 14):
        return few
    return many


def clients(count: int) -> str:
    """The count with the Russian word for "clients", in the nominative."""
    return f"{count} {form(count, 'клиент', 'клиента', 'клиентов')}"


def of_characters(count: int) -> str:
    """The count with the Russian word for "characters", in the genitive that stands after "at least"."""
    return f"{count} {form(count, 'символа', 'символов', 'символов')}"
