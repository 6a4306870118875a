"""The organisation's claims as a list, with filters that stand in the address."""

import io
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from chalicelib.text.i18n import translate
from chalicelib.text.spreadsheets import write_csv
from chalicelib.web.http.answer import Answer
from chalicelib.web.pages.shell.times import describe_clock, find_clock
from chalicelib.web.pages.shell.visit import Redirect, View, Visit

FILTERS = ("status", "q", "filing_id", "tenant_id")
STATES = (
    "draft",
    "awaiting_provisioning",
    "submitted",
    "under_review",
    "action_required",
    "approved",
    "disputed",
    "rejected",
    "withdrawn",
    "expired",
    "ended",
)


SORTS = ("newest", "oldest", "due", "domain")
EXPORTED = 1000  # claims at most in one file; chosen: ten calls of the API
COLUMNS = (
    *("id", "filing_id", "domain", "tenant_id", "item_name", "partner_role", "status"),
    *("customer_answer", "association", "name", "external_reference", "created_at"),
    *("submitted_at", "decided_at", "next_clock", "due_at"),
)


def show_claims(visit: Visit) -> View:
    wanted = _read_filters(visit)
    page, me = visit.api.get_all(
        lambda: visit.api.get("/v1/claims", wanted | {"cursor": visit.query.get("cursor", "")}),
        lambda: visit.api.get("/v1/me"),
    )
    rows = [(claim, *_describe_clock(visit, claim)) for claim in page.body["data"]]
    kept = {name: value for name, value in wanted.items() if value}
    following = page.body["next"]
    shown = {
        "rows": rows,
        "wanted": wanted,
        "query": urlencode(kept),
        "is_filtered": bool(set(kept) & set(FILTERS)),
        "more": f"?{urlencode(kept | {'cursor': following})}" if following else "",
        "states": [(one, translate(visit.language, f"status.{one}")) for one in STATES],
        "is_first": "cursor" not in visit.query,
        "sorts": {sort: f"?{urlencode(kept | {'sort': sort})}" for sort in SORTS},
        "views": me.body["preferences"]["views"],
        "version": me.etag,
    }
    return View("portal/claims.html", translate(visit.language, "ui.nav.claims"), shown)


def save_view(visit: Visit) -> Redirect:
    """Keep the list as it is filtered, under a name; an earlier view of that name is replaced."""
    view = {"name": visit.form.text("name"), "query": visit.form.text("query")}
    kept = [one for one in _read_views(visit) if one["name"] != view["name"]]
    _replace_views(visit, [*kept, view])
    return Redirect(f"/portal/claims?{view['query']}", "view_saved")


def remove_view(visit: Visit) -> Redirect:
    name = visit.form.text("remove")
    kept = [view for view in _read_views(visit) if view["name"] != name]
    _replace_views(visit, kept)
    return Redirect("/portal/claims", "view_removed")


def export_claims(visit: Visit) -> Answer[str]:
    """Return the claims of the list as CSV, with the filters of the address."""
    wanted = _read_filters(visit) | {"limit": "100"}
    claims: list[Mapping[str, Any]] = []
    cursor = ""
    while len(claims) < EXPORTED:
        page = visit.api.get("/v1/claims", wanted | {"cursor": cursor}).body
        claims += page["data"]
        cursor = page["next"]
        if not cursor:
            break
    text = io.StringIO()
    write_csv(text, COLUMNS, map(_make_row, claims))
    headers = {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": 'attachment; filename="claims.csv"',
    }
    return Answer(body=text.getvalue(), headers=headers)


def _read_filters(visit: Visit) -> dict[str, str]:
    wanted = {name: visit.query.get(name, "") for name in FILTERS}
    sort = visit.query.get("sort", "")
    return wanted | {"sort": sort if sort in SORTS else ""}


def _read_views(visit: Visit) -> list[dict[str, str]]:
    views: list[dict[str, str]] = visit.api.get("/v1/me").body["preferences"]["views"]
    return views


def _replace_views(visit: Visit, views: list[dict[str, str]]) -> None:
    visit.api.patch("/v1/me", {"preferences": {"views": views}}, visit.conditions)


def _describe_clock(visit: Visit, claim: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return the clock of a claim that ends first, and what is left of it."""
    clock = find_clock(claim)
    if clock is None:
        return None, None
    return clock, describe_clock(visit.language, clock, visit.call.now)


def _make_row(claim: Mapping[str, Any]) -> dict[str, Any]:
    clock = find_clock(claim) or {"kind": "", "due_at": ""}
    row = {name: claim[name] for name in COLUMNS if name in claim}
    association = claim["association"]
    return row | {
        "association": association["state"] if association else "",
        "next_clock": clock["kind"],
        "due_at": clock["due_at"],
    }
