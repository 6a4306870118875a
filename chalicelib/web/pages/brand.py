"""The vendor's identity on the pages: its colour and its logo.

The operator gives one colour. It is used where text in it can be read (contrast 4.5, WCAG 2.2,
1.4.3); on dark grounds it is lightened until it can be. A colour that cannot be read on white is
not used at all, and `cpor doctor` says so.
"""

import re

from chalicelib.runtime.settings import Settings
from chalicelib.text.colours import is_readable, lighten

DARK_TEXT = "#0b1b2b"
# A drawing only: no scripts, no styles, no references to anything else.
LOGO = re.compile(r"<svg\b(?!.*(?:<script|<style|<foreignObject|\bon\w+=|href|url\())[^\0]*</svg>")


def make_colours(chosen: Settings) -> str:
    """Return the rules that put the operator's colour in place of ours; '' without one."""
    if not is_readable(chosen.brand_colour):
        return ""
    dark = lighten(chosen.brand_colour)
    return (
        f":root{{--brand:{chosen.brand_colour};--on-brand:#fff}}"
        f"@media (prefers-color-scheme:dark){{:root{{--brand:{dark};--on-brand:{DARK_TEXT}}}}}"
    )


def replace_logo(ours: str, chosen: Settings) -> str:
    """Return the operator's logo if it has one that is a mere drawing, else ours."""
    return chosen.logo_svg if LOGO.fullmatch(chosen.logo_svg.strip()) else ours
