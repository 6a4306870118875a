"""The pages for customers as HTML: pure functions of what they show. No scripts, nothing from
elsewhere.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from chalicelib.domain.base import rfc3339
from chalicelib.text.i18n import LANGUAGES, format_local_day, format_moment, has_text, translate
from chalicelib.text.templates import clean_line, clean_lines, load_templates
from chalicelib.web.pages.customer_views import REASONS, CustomerView, Frame, JournalView, MailView

HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


def customer_page(frame: Frame, view: CustomerView) -> str:
    """Who asks for what, what they would see, until when, and the forms to answer.

    A tenant link shows more.
    """
    return _page("customer.html", frame, view=view, reasons=REASONS)


def journal_page(frame: Frame, view: JournalView) -> str:
    """Who looked up or read what of this tenant.

    `frame.path` is the path of the customer's page.
    """
    return _page("journal.html", frame, view=view, knows=has_text)


def missing_page(frame: Frame) -> str:
    """The one page for links that are wrong, revoked or somebody else's."""
    return _page("missing.html", frame)


def verify_page(frame: Frame, genuine: bool | None = None, reference: str = "") -> str:
    """The form to check a mail's reference; with `genuine`, what came of it."""
    return _page("verify.html", frame, genuine=genuine, reference=clean_line(reference, 100))


def error_page(frame: Frame, problem: Mapping[str, Any]) -> str:
    """A refusal, from its problem document. What is not found looks the same whatever it was."""
    if problem["status"] == 404:
        return missing_page(frame)
    return _page("error.html", frame, problem=problem)


def mailbox_page(
    frame: Frame, mails: Sequence[MailView], opened: MailView | None = None, now: str = ""
) -> str:
    """The sandbox's mailbox.

    Forms post `type` to `<path>/<mail id>`, and `advance` to `<path>/clock` if `now`.
    """
    body = list(_linked(opened.text, opened.links)) if opened else []
    return _page("mailbox.html", frame, mails=mails, opened=opened, body=body, now=now)


def _page(template: str, frame: Frame, **shown: Any) -> str:
    language = frame.language
    tools = {
        "say": partial(translate, language),
        "when": partial(format_moment, language),
        "on": partial(format_local_day, language),
    }
    languages = [(code, translate(code, "language.name")) for code in LANGUAGES]
    return (
        load_templates()
        .get_template(template)
        .render(frame=frame, languages=languages, machine=rfc3339, **tools, **shown)
    )


def _linked(text: str, links: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The text in pieces (text, address): the addresses that we put in ourselves can be clicked, no
    others.
    """
    ours = [link for link in links if link.startswith(("https://", "http://"))]
    text = "\n".join(clean_lines(text, 50_000))
    if not ours:
        yield text, ""
        return
    longest_first = "|".join(re.escape(link) for link in sorted(ours, key=len, reverse=True))
    for piece in re.split(f"({longest_first})", text):
        yield piece, piece if piece in ours else ""
