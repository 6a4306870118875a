"""The pages `/docs`, `/docs/errors` and `/docs/guides/{name}` (pages.md, section 4)."""

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from typing_extensions import TypedDict

from chalicelib.domain.refusals import NotFound
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call
from chalicelib.web.pages.docs.errors import list_errors, list_findings
from chalicelib.web.pages.shell import headers, public

# Written by `python -m tools.generate.guides` from Markdown.
GUIDES_FILE = Path(__file__).parent / "guides.json"


class Guide(TypedDict):
    """A guide in English. `html`: the body below its title."""

    title: str
    html: str


@cache
def read_guides() -> Mapping[str, Guide]:
    """Return all guides by name, in the order of the contents."""
    guides: Mapping[str, Guide] = json.loads(GUIDES_FILE.read_text(encoding="utf-8"))
    return guides


def show_reference(call: Call) -> Answer[str]:
    """Show the API reference in its viewer, which has a policy of its own."""
    shown = {"guides": read_guides()}
    answer = public.show(call, "docs/reference.html", "docs.reference", shown)
    return replace(answer, headers={**answer.headers, **headers.make_headers(is_viewer=True)})


def show_page(call: Call) -> Answer[str]:
    """Show the error catalogue or a guide. Raises NotFound for another path."""
    folder, _, name = call.path["page"].partition("/")
    guides = read_guides()
    if call.path["page"] == "errors":
        language = public.choose_language(call, None)
        support = call.services.settings.support_url
        shown = {
            "guides": guides,
            "errors": list_errors(language, support),
            "findings": list_findings(language, support),
        }
        return public.show(call, "docs/errors.html", "docs.errors", shown)
    if folder == "guides" and name in guides:
        shown = {"guides": guides, "name": name, "guide": guides[name]}
        return public.show(call, "docs/guide.html", "docs.guide", shown)
    raise NotFound
