"""The organisation's claims as a list, with filters that stand in the address."""

from urllib.parse import urlencode

from chalicelib.domain.state_machines import CLAIM
from chalicelib.text.i18n import translate
from chalicelib.web.pages.shell.times import describe_time_left, find_clock
from chalicelib.web.pages.shell.visit import View, Visit

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


def show_claims(visit: Visit) -> View:
    wanted = {name: visit.query.get(name, "") for name in FILTERS}
    page = visit.api.get("/v1/claims", wanted | {"cursor": visit.query.get("cursor", "")}).body
    rows = []
    for claim in page["data"]:
        clock = find_clock(claim)
        left = (
            describe_time_left(visit.language, clock["due_at"], visit.call.now, clock["started_at"])
            if clock
            else None
        )
        rows.append((claim, clock, left))
    kept = {name: value for name, value in wanted.items() if value}
    more = f"?{urlencode(kept | {'cursor': page['next']})}" if page["next"] else ""
    states = [
        (one, translate(visit.language, f"status.{one}")) for one in STATES if one in CLAIM.states
    ]
    shown = {"rows": rows, "wanted": wanted, "is_filtered": bool(kept), "more": more}
    shown |= {"states": states, "is_first": "cursor" not in visit.query}
    return View("portal/claims.html", translate(visit.language, "ui.nav.claims"), shown)
