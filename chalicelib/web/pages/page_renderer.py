"""The pages for customers as HTML: pure functions of what they show, without scripts."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from chalicelib.domain.base import rfc3339
from chalicelib.text.cleaning import clean_line, clean_lines
from chalicelib.text.countries import name_country
from chalicelib.text.i18n import (
    LANGUAGES,
    describe_business_days,
    format_local_day,
    format_moment,
    has_text,
    translate,
)
from chalicelib.text.templates import load_templates
from chalicelib.web.pages import static_files
from chalicelib.web.pages.customer_views import (
    REASONS,
    ConfirmationView,
    CustomerView,
    Frame,
    JournalView,
    MailView,
)


def render_customer_page(frame: Frame, view: CustomerView) -> str:
    """Render who asks for what, what they would see, until when, and the forms to answer."""
    return _render("customer.html", frame, view=view, reasons=REASONS)


def render_journal_page(frame: Frame, view: JournalView) -> str:
    """Render who looked up or read what of a tenant.

    `frame.path` is the path of the customer's page.
    """
    return _render("journal.html", frame, view=view, knows=has_text)


def render_confirmation_page(frame: Frame, view: ConfirmationView) -> str:
    """Render what a confirmation link will do, or that it is done."""
    return _render("confirm.html", frame, view=view)


def render_missing_page(frame: Frame) -> str:
    """Render the one page for links that are wrong, revoked or another customer's."""
    return _render("missing.html", frame)


def render_verify_page(
    frame: Frame, genuine: bool | None = None, reference: str = "", address: str = ""
) -> str:
    """Render the form to check a mail; `genuine`: the result of a check."""
    entered = {"reference": clean_line(reference, 100), "address": clean_line(address, 320)}
    return _render("verify.html", frame, genuine=genuine, **entered)


def render_error_page(frame: Frame, problem: Mapping[str, Any]) -> str:
    """Render a refusal from its problem document; every 404 looks the same."""
    if problem["status"] == 404:
        return render_missing_page(frame)
    return _render("error.html", frame, problem=problem)


def render_mailbox_page(
    frame: Frame, mails: Sequence[MailView], opened: MailView | None = None, now: str = ""
) -> str:
    """Render the sandbox's mailbox.

    Forms post `type` to `<path>/<mail id>`, and `advance` to `<path>/clock` if there is a `now`.
    """
    body = list(_split_links(opened.text, opened.links)) if opened else []
    return _render("mailbox.html", frame, mails=mails, opened=opened, body=body, now=now)


def _render(template: str, frame: Frame, **shown: Any) -> str:
    language = frame.language
    tools = {
        "say": partial(translate, language),
        "country": partial(name_country, language),
        "when": partial(format_moment, language),
        "on": partial(format_local_day, language),
        "business_days": partial(describe_business_days, language),
    }
    languages = [(code, translate(code, "language.name")) for code in LANGUAGES]
    return (
        load_templates()
        .get_template(template)
        .render(
            frame=frame,
            languages=languages,
            machine=rfc3339,
            sheet=static_files.address("cpor.css"),
            **tools,
            **shown,
        )
    )


def _split_links(text: str, links: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the text in pieces (text, address); only addresses that we wrote are links."""
    ours = [link for link in links if link.startswith(("https://", "http://"))]
    text = "\n".join(clean_lines(text, 50_000))
    if not ours:
        yield text, ""
        return
    longest_first = "|".join(re.escape(link) for link in sorted(ours, key=len, reverse=True))
    for piece in re.split(f"({longest_first})", text):
        yield piece, piece if piece in ours else ""
