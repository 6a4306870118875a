"""Views of the customer page, and a reader of pages."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from itertools import product
from typing import Any

from chalicelib.runtime.settings import Settings
from chalicelib.web.pages import page_renderer
from chalicelib.web.pages.customer_views import (
    ClaimView,
    ConfirmationView,
    CoolingView,
    CustomerView,
    JournalEntry,
    JournalView,
    PartnerView,
)
from chalicelib.web.pages.shell.layout import Frame

DUE = datetime(2026, 12, 29, 23, tzinfo=UTC)
MACHINES = {
    "asked": {"status": "submitted", "answer": "notice_queued", "earliest": DUE},
    "open": {"status": "submitted", "answer": "open", "due_at": DUE},
    "agreed": {
        "status": "under_review",
        "answer": "agreed",
        "may": ("opt_out", "undo"),
        "undo_until": DUE,
    },
    "opted_out": {"status": "rejected", "answer": "opted_out", "may": ("undo",), "undo_until": DUE},
    "not_objected": {
        "status": "approved",
        "answer": "not_objected",
        "association": "pending",
        "may": ("opt_out",),
    },
    "active": {
        "status": "approved",
        "answer": "not_objected",
        "association": "grace",
        "may": ("opt_out",),
    },
    "paused": {
        "status": "approved",
        "answer": "agreed",
        "association": "paused",
        "may": ("opt_out",),
    },
    "disputed": {
        "status": "disputed",
        "answer": "void",
        "association": "ended",
        "may": ("opt_out",),
    },
    "ended": {"status": "ended", "answer": "not_objected", "association": "ended", "may": ()},
    "rejected": {"status": "rejected", "answer": "void", "may": ()},
    "withdrawn": {"status": "withdrawn", "answer": "void", "may": ()},
    "expired": {"status": "expired", "answer": "void", "may": ()},
}


def frame(language: str = "en", address: str = "/o/t0ken", **changes: Any) -> Frame:
    settings = Settings(
        stage="prod",
        public_base_url=changes.pop("base", ""),
        support_url=changes.pop("support_url", "https://support.example/"),
    )
    return Frame(
        settings=replace(settings, **changes),
        language=language,
        address=address,
        title="",
        now=DUE - timedelta(days=3),
    )


def claim(state: str = "open", **changes: Any) -> ClaimView:
    return ClaimView.model_validate(
        {
            "claim_id": "clm_1",
            "organisation_id": "org-1",
            "partner": "Northwind Traders",
            "item": "Dynamics 365 Sales",
            "partner_role": "usage_recognition",
            "edition": "2024",
            "asked_at": DUE,
            "zone": "Europe/Berlin",
            "calendar": "DE-BY",
            "may": ("opt_out", "agree"),
            **MACHINES[state],
            **changes,
        }
    )


def view(*claims: ClaimView, **changes: Any) -> CustomerView:
    return CustomerView.model_validate(
        {"tenant": "Fabrikam AG", "scope": "claim", "form": "f0rm", "claims": claims, **changes}
    )


def tenant_view(*claims: ClaimView, **changes: Any) -> CustomerView:
    partners = (PartnerView(organisation_id="org-1", name="Northwind Traders"),)
    return view(*claims, **{"scope": "tenant", "partners": partners, **changes})


class Seen(HTMLParser):
    """What a browser makes of a page: its elements with their attributes, its forms, its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.forms: list[tuple[str, list[dict[str, str | None]]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.elements.append((tag, attributes))
        if tag == "form":
            self.forms.append((attributes["action"] or "", []))
        elif self.forms and tag in {"input", "select", "textarea", "button"}:
            self.forms[-1][1].append(attributes | {"element": tag})

    def handle_data(self, data: str) -> None:
        self.text += data

    def values(self, name: str) -> list[str | None]:
        return [
            field.get("value")
            for _, fields in self.forms
            for field in fields
            if field.get("name") == name
        ]


def every_page(language: str, name: str = "Northwind Traders") -> dict[str, str]:
    shown = frame(language=language)
    entries = (
        JournalEntry(at=DUE, who=name, act="verify", item=name),
        JournalEntry(at=DUE, who=name, act="new_in_2030"),
    )
    made = {
        f"{scope} {state}": page_renderer.render_customer_page(
            shown, view(claim(state, partner=name, item=name), scope=scope, tenant=name)
        )
        for state, scope in product(MACHINES, ("claim", "tenant"))
    }
    return made | {
        "several": page_renderer.render_customer_page(
            shown,
            tenant_view(
                claim(partner=name),
                claim("active", claim_id="clm_2", organisation_id="org-2"),
                partners=(
                    PartnerView(
                        organisation_id="org-1",
                        name=name,
                        blocked=True,
                        cooling=(CoolingView(item=name, until=DUE),),
                    ),
                ),
            ),
        ),
        "journal": page_renderer.render_journal_page(
            shown, JournalView(tenant=name, entries=entries, older="?before=x")
        ),
        "verify": page_renderer.render_verify_page(shown, False, name),
        "confirm": page_renderer.render_confirmation_page(
            shown,
            ConfirmationView(tenant=name, act="agree", items=(name,), partner=name, form="f0rm"),
        ),
    }
