"""The vendor's identity on the pages: its colour and its logo.

The operator gives one colour. It is used where text in it can be read (contrast 4.5, WCAG 2.2,
1.4.3); on dark grounds it is lightened until it can be. A colour that cannot be read on white is
not used at all, and `cpor doctor` says so.
"""

import re

from chalicelib.runtime.settings import Settings

READABLE = 4.5  # WCAG 2.2, 1.4.3
# The grounds that the brand colour stands on (static/tokens.css: --paper and --tint).
LIGHT_GROUNDS = ("#ffffff", "#e8f1fa")
DARK_GROUNDS = ("#1b222b", "#1b2d40")
DARK_TEXT = "#0b1b2b"
STEPS = 20  # in which a colour is lightened
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
# A drawing only: no scripts, no styles, no references to anything else.
LOGO = re.compile(r"<svg\b(?!.*(?:<script|<style|<foreignObject|\bon\w+=|href|url\())[^\0]*</svg>")


def make_colours(chosen: Settings) -> str:
    """Return the rules that put the operator's colour in place of ours; '' without one."""
    if not is_usable(chosen.brand_colour):
        return ""
    dark = _lighten(chosen.brand_colour)
    return (
        f":root{{--brand:{chosen.brand_colour};--on-brand:#fff}}"
        f"@media (prefers-color-scheme:dark){{:root{{--brand:{dark};--on-brand:{DARK_TEXT}}}}}"
    )


def is_usable(colour: str) -> bool:
    """Return whether text in this colour can be read on our light grounds."""
    return bool(COLOUR.fullmatch(colour)) and all(
        find_contrast(colour, ground) >= READABLE for ground in LIGHT_GROUNDS
    )


def replace_logo(ours: str, chosen: Settings) -> str:
    """Return the operator's logo if it has one that is a mere drawing, else ours."""
    return chosen.logo_svg if LOGO.fullmatch(chosen.logo_svg.strip()) else ours


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


def _lighten(colour: str) -> str:
    """Return the colour, mixed with as little white as makes it readable on dark grounds."""
    parts = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    for step in range(STEPS + 1):
        mixed = "#" + "".join(f"{round(part + (255 - part) * step / STEPS):02x}" for part in parts)
        if all(find_contrast(mixed, ground) >= READABLE for ground in DARK_GROUNDS):
            return mixed
    return "#ffffff"
