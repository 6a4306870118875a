"""Associations: the list, one with its figures, ending one, and what ends soon."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from chalicelib.text.i18n import translate
from chalicelib.web.http.answer import Answer
from chalicelib.web.pages.portal.claim import name_claim
from chalicelib.web.pages.shell.api_calls import Conditions, Reply
from chalicelib.web.pages.shell.charts import draw_bars, draw_line
from chalicelib.web.pages.shell.visit import Redirect, View, Visit
from chalicelib.web.pages.shell.words import name_reason

SOON = "P30D"  # domain.md, "Continuity"
WARNED = (1, 7, 14, 30)  # days before the end (domain.md, "Continuity")
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
    query = {"limit": "100", "ending_within": SOON}
    ending = visit.api.get("/v1/associations", query).body["data"]
    ending.sort(key=lambda one: str(one["subscription_ends_on"]))
    rows = [
        (one, claim, _describe_end(visit, one["subscription_ends_on"]))
        for one, claim in _add_claims(visit, ending)
    ]
    title = translate(visit.language, "ui.nav.renewals")
    return View("portal/renewals.html", title, {"rows": rows})


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
        "why": _explain_state(visit, body, claim),
        "may_end": "end_association" in claim["next_actions"],
    }
    title = name_claim(claim)
    return View("portal/association.html", title, shown, nav="GET /portal/associations")


def export_figures(visit: Visit) -> Answer[str]:
    """Return the figures as the API writes them: CSV."""
    name = "/v1/associations/{association_id}/figures.csv"
    text = visit.api.get_text(name, association_id=visit.path["association_id"])
    headers = {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": 'attachment; filename="figures.csv"',
    }
    return Answer(body=text, headers=headers)


def end(visit: Visit) -> Redirect:
    association_id = visit.path["association_id"]
    name = "/v1/associations/{association_id}/end"
    key = Conditions(key=visit.conditions.key)
    visit.api.post(name, visit.form.to_body(["reason"]), key, association_id=association_id)
    return Redirect(f"/portal/associations/{association_id}", "ended")


def _explain_state(visit: Visit, association: Mapping[str, Any], claim: Mapping[str, Any]) -> str:
    """Say why the association is in its state."""
    state, answer = association["state"], claim["customer_answer"]
    if state == "ended" and association["end_reason"]:
        return name_reason(visit.language, association["end_reason"])
    if state == "active" and answer == "agreed":
        return translate(visit.language, "ui.assoc.why.agreed")
    return translate(visit.language, f"ui.assoc.why.{state}")


def _describe_end(visit: Visit, ends_on: str) -> str:
    """Say within how many days a subscription ends, in the steps of the warnings."""
    left = (date.fromisoformat(ends_on) - visit.call.now.date()).days
    step = next((days for days in WARNED if left <= days), WARNED[-1])
    return translate(visit.language, f"ui.assoc.within_{step}")


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
    empty: dict[str, Any] = dict.fromkeys((*COLUMNS, "usage_percent"))
    months: dict[str, dict[str, Any]] = {}
    for one in (*seats.body["data"], *usage.body["data"]):
        months.setdefault(one["month"], {**empty, "month": one["month"]}).update(one)
    return [months.get(one) or {**empty, "month": one} for one in _list_months(months)]


def _list_months(known: Collection[str]) -> Iterator[str]:
    """List all months from the first to the last one: those without figures stay blank."""
    if not known:
        return
    year, number = map(int, min(known).split("-"))
    while (month := f"{year:04d}-{number:02d}") <= max(known):
        yield month
        year, number = (year, number + 1) if number < 12 else (year + 1, 1)


def _add_claims(visit: Visit, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Return each association with its claim, which names customer and item."""

    def read(claim_id: str) -> Reply:
        return visit.api.get("/v1/claims/{claim_id}", claim_id=claim_id)

    if not rows:
        return []
    claims = visit.api.get_all(*(lambda one=one: read(one["claim_id"]) for one in rows))
    return [(row, claim.body) for row, claim in zip(rows, claims, strict=True)]
