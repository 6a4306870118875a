"""Templates of mails and pages."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from chalicelib.text.cleaning import clean_line

TEMPLATES = Path(__file__).parent / "html"


@cache
def load_templates() -> Environment:
    """Load the templates. Values in `.html` are escaped; an undefined name raises."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["line"] = clean_line
    return environment
