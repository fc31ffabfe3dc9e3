"""Black or white text on a label's colour, by the higher contrast (WCAG 2); the higher one is never below 4.5."""

from __future__ import annotations

BLACK, WHITE = "black", "white"
PLAIN = "#e5e7eb"  # of a label without a colour


def text_on(color: str) -> str:
    """``black`` or ``white`` for a colour ``#rrggbb``."""
    light = _luminance(color)
    return BLACK if (light + 0.05) / 0.05 >= 1.05 / (light + 0.05) else WHITE


def _luminance(color: str) -> float:
    red, green, blue = (_linear(int(color[place : place + 2], 16) / 255) for place in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
