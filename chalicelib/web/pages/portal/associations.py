"""Associations: the list, one with its figures, ending one, and what ends soon."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from chalicelib.text.i18n import translate
from chalicelib.web.http.answer import Answer
from chalicelib.web.pages.shell.api_calls import Conditions, Reply
from chalicelib.web.pages.shell.charts import draw_bars, draw_line
from chalicelib.web.pages.shell.visit import Redirect, View, Visit

SOON = timedelta(days=30)  # domain.md, "Deadlines"
IN_FORCE = ("active", "grace", "paused")
COLUMNS = ("licenses_sold", "licenses_deployed", "licenses_active", "licenses_qualified")
READERS = frozenset({"incentives_admin", "incentives_user"})  # of figures


def show_associations(visit: Visit) -> View:
    page = visit.api.get("/v1/associations", {"cursor": visit.query.get("cursor", "")}).body
    more = f"?{urlencode({'cursor': page['next']})}" if page["next"] else ""
    shown = {"rows": _add_claims(visit, page["data"]), "more": more}
    title = translate(visit.language, "ui.nav.associations")
    return View("portal/associations.html", title, shown)


def show_renewals(visit: Visit) -> View:
    """List what ends within thirty days, the earliest first."""
    found = visit.api.get("/v1/associations", {"limit": "100"}).body["data"]
    today = visit.call.now.date()
    ending = [
        one
        for one in found
        if one["state"] in IN_FORCE
        and one["subscription_ends_on"]
        and date.fromisoformat(one["subscription_ends_on"]) <= today + SOON
    ]
    ending.sort(key=lambda one: str(one["subscription_ends_on"]))
    shown = {"rows": _add_claims(visit, ending)}
    return View("portal/renewals.html", translate(visit.language, "ui.nav.renewals"), shown)


def show_association(visit: Visit) -> View:
    association_id = visit.path["association_id"]
    name = "/v1/associations/{association_id}"
    body = visit.api.get(name, association_id=association_id).body
    claim = visit.api.get("/v1/claims/{claim_id}", claim_id=body["claim_id"]).body
    months = _read_figures(visit) if _may_read(visit, body) else []
    shown = {
        "association": body,
        "claim": claim,
        "months": months,
        "bars": draw_bars(months, "licenses_sold", "licenses_deployed"),
        "line": draw_line(months, "usage_percent"),
        "may_end": "end_association" in claim["next_actions"],
    }
    title = f"{claim['domain']}: {claim['item_name']}"
    return View("portal/association.html", title, shown, nav="GET /portal/associations")


def export_figures(visit: Visit) -> Answer[str]:
    """Return the figures as CSV. They are numbers and months only."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("month", *COLUMNS, "usage_percent"))
    for month in _read_figures(visit):
        writer.writerow(
            [month["month"], *(month[name] for name in COLUMNS), month["usage_percent"]]
        )
    headers = {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": 'attachment; filename="figures.csv"',
    }
    return Answer(body=text.getvalue(), headers=headers)


def end(visit: Visit) -> Redirect:
    association_id = visit.path["association_id"]
    name = "/v1/associations/{association_id}/end"
    key = Conditions(key=visit.conditions.key)
    visit.api.post(name, visit.form.to_body(["reason"]), key, association_id=association_id)
    return Redirect(f"/portal/associations/{association_id}", "ended")


def _may_read(visit: Visit, association: Mapping[str, Any]) -> bool:
    return association["state"] in ("active", "grace") and bool(visit.caller.roles & READERS)


def _read_figures(visit: Visit) -> list[dict[str, Any]]:
    """Return one row for each month that seats or usage are known of."""
    association_id = visit.path["association_id"]
    seats, usage = visit.api.get_all(
        lambda: visit.api.get(
            "/v1/associations/{association_id}/seats", association_id=association_id
        ),
        lambda: visit.api.get(
            "/v1/associations/{association_id}/usage", association_id=association_id
        ),
    )
    months: dict[str, dict[str, Any]] = {}
    for one in (*seats.body["data"], *usage.body["data"]):
        empty = dict.fromkeys((*COLUMNS, "usage_percent"))
        months.setdefault(one["month"], {**empty, "month": one["month"]}).update(one)
    return [months[month] for month in sorted(months)]


def _add_claims(visit: Visit, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Return each association with its claim, which names customer and item."""

    def read(claim_id: str) -> Reply:
        return visit.api.get("/v1/claims/{claim_id}", claim_id=claim_id)

    if not rows:
        return []
    claims = visit.api.get_all(*(lambda one=one: read(one["claim_id"]) for one in rows))
    return [(row, claim.body) for row, claim in zip(rows, claims, strict=True)]
