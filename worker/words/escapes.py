"""Escapes for characters of foreign text."""


def escape(character: str) -> str:
    """The character as Python writes it in a string, like ``\\u202e``."""
    return character.encode("unicode_escape").decode()


def visible(text: str) -> str:
    """The text with an escape for each character that a reader can't see. It can't steer a terminal or add lines."""
    return "".join(each if each.isprintable() else escape(each) for each in text)
