"""The pages for customers as HTML: pure functions of what they show, without scripts."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from chalicelib.domain.base import rfc3339
from chalicelib.text.cleaning import clean_line
from chalicelib.text.countries import name_country
from chalicelib.text.i18n import describe_business_days, has_text, translate
from chalicelib.web.pages.customer_views import (
    REASONS,
    ClaimView,
    ConfirmationView,
    CustomerView,
    JournalView,
)
from chalicelib.web.pages.shell.layout import Frame, render
from chalicelib.web.pages.shell.times import TimeLeft, describe_time_left

SECOND = timedelta(seconds=1)  # a period ends at midnight, and its last day is the one before


def render_customer_page(frame: Frame, view: CustomerView) -> str:
    """Render who asks for what, what they would see, until when, and the forms to answer."""
    return _render("customer.html", frame, view=view, reasons=REASONS, second=SECOND)


def render_journal_page(frame: Frame, view: JournalView) -> str:
    """Render who looked up, read or did what of a tenant.

    `frame.address` is the path of the customer's page.
    """
    return _render("journal.html", frame, view=view)


def render_confirmation_page(frame: Frame, view: ConfirmationView) -> str:
    """Render what a confirmation link will do, or that it is done."""
    return _render("confirm.html", frame, view=view)


def render_verify_page(
    frame: Frame, genuine: bool | None = None, reference: str = "", address: str = ""
) -> str:
    """Render the form to check a mail; `genuine`: the result of a check."""
    entered = {"reference": clean_line(reference, 100), "address": clean_line(address, 320)}
    return _render("verify.html", frame, genuine=genuine, **entered)


def _render(template: str, frame: Frame, **shown: Any) -> str:
    tools = {
        "country": partial(name_country, frame.language),
        "business_days": partial(describe_business_days, frame.language),
        "role_of": partial(_name_role, frame.language),
        "time_left": partial(_describe_time_left, frame),
        "knows": has_text,
    }
    return render(template, frame, tools | shown)


def _name_role(language: str, claim: ClaimView) -> str:
    edition = f".{claim.edition}" if claim.edition else ""
    return translate(language, f"partner_role.{claim.partner_role}.name{edition}")


def _describe_time_left(frame: Frame, due: datetime, started: datetime | None) -> TimeLeft:
    begun = rfc3339(started) if started else None
    return describe_time_left(frame.language, rfc3339(due), frame.now, begun)
