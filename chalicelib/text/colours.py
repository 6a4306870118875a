"""Check and lighten colours of text: the contrast of WCAG 2.2 on our backgrounds."""

import re

READABLE = 4.5  # WCAG 2.2, 1.4.3
# The backgrounds of a brand colour (web/pages/static/tokens.css: --paper and --tint).
LIGHT_GROUNDS = ("#ffffff", "#e8f1fa")
DARK_GROUNDS = ("#1b222b", "#1b2d40")
STEPS = 20  # steps in which a colour is lightened
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


def is_readable(colour: str) -> bool:
    """Return whether a text is a colour with enough contrast on the light backgrounds."""
    return bool(COLOUR.fullmatch(colour)) and all(
        find_contrast(colour, ground) >= READABLE for ground in LIGHT_GROUNDS
    )


def lighten(colour: str) -> str:
    """Return a colour, mixed with as little white as makes it readable on dark backgrounds."""
    parts = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    for step in range(STEPS + 1):
        mixed = "#" + "".join(f"{round(part + (255 - part) * step / STEPS):02x}" for part in parts)
        if all(find_contrast(mixed, ground) >= READABLE for ground in DARK_GROUNDS):
            return mixed
    return "#ffffff"


def find_contrast(one: str, other: str) -> float:
    """Return the contrast of two colours (WCAG 2.2, "contrast ratio")."""
    light, dark = sorted((_find_luminance(one), _find_luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _find_luminance(colour: str) -> float:
    """Return the relative luminance of a colour (WCAG 2.2)."""
    red, green, blue = (_linearize(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linearize(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
