"""What went wrong beside each other: the errors within a group of them, however deep."""

from __future__ import annotations

from collections.abc import Iterator


def leaves(troubles: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    """The errors themselves, in order."""
    for error in troubles.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from leaves(error)
        else:
            yield error


def names(troubles: BaseExceptionGroup[BaseException]) -> list[str]:
    """What went wrong, without a word of what was in hand."""
    return [type(error).__name__ for error in leaves(troubles)]
