"""Templates of mails and pages.

A package for Lambda has them in compiled form (tools/packaging/compiled_templates.py): compiling
them takes a quarter of a cold start.
"""

from functools import cache
from pathlib import Path

from jinja2 import (
    BaseLoader,
    Environment,
    FileSystemLoader,
    ModuleLoader,
    StrictUndefined,
    select_autoescape,
)

from chalicelib.text.cleaning import clean_line, clean_paragraphs

TEMPLATES = Path(__file__).parent / "html"
COMPILED = Path(__file__).parent / "compiled_html"


@cache
def load_templates() -> Environment:
    """Load the templates, compiled ones if there are."""
    if COMPILED.is_dir():
        return make_environment(ModuleLoader(COMPILED))
    return make_environment(FileSystemLoader(TEMPLATES))


def make_environment(loader: BaseLoader) -> Environment:
    """Return the environment that renders templates.

    Values in `.html` are escaped; an undefined name raises.
    """
    environment = Environment(
        loader=loader,
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["line"] = clean_line
    environment.filters["lines"] = clean_paragraphs
    return environment
