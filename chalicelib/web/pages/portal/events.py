"""The organisation's event feed in words, read as a program reads it: from a place, onwards."""

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from chalicelib.domain.base import rfc3339
from chalicelib.domain.events import ACTS, EVENT_TYPES
from chalicelib.text.i18n import has_text, load_zone, translate
from chalicelib.web.pages.shell.visit import View, Visit

FIRST_SHOWN = timedelta(days=7)  # of events where no place was chosen; chosen
# How the states of each machine are called.
STATES = {
    "claim": "status.",
    "customer_answer": "answer.",
    "association": "association.",
    "arbitration": "ui.arb.state.",
}


def show_events(visit: Visit) -> View:
    """List events from a day, or from the position that the page before ended with."""
    since = visit.query.get("since") or (visit.call.now - FIRST_SHOWN).date().isoformat()
    wanted = {name: visit.query.get(name, "") for name in ("type", "claim_id")}
    after = visit.query.get("after", "")
    place = {"after": after} if after else {"since": find_start(visit, since)}
    page = visit.api.get("/v1/events", wanted | place).body
    claims = read_claims(visit, (event["data"]["claim_id"] for event in page["data"]))
    kept = {name: value for name, value in wanted.items() if value}
    shown = {
        "rows": [_make_row(visit, event, claims) for event in page["data"]],
        "wanted": wanted | {"since": since},
        "families": list_families(visit.language),
        "position": page["next"],
        "more": page["more"],
        "next": f"?{urlencode(kept | {'since': since, 'after': page['next']})}",
        "first": f"?{urlencode(kept | {'since': since})}" if after else "",
        "is_admin": "incentives_admin" in visit.caller.roles,
    }
    return View("portal/events.html", translate(visit.language, "ui.nav.events"), shown)


def find_start(visit: Visit, day: str) -> str:
    """Return the first moment of a day where the reader is; another text as it is."""
    try:
        on = date.fromisoformat(day)
        return rfc3339(datetime.combine(on, time(), load_zone(visit.zone)))
    except (ValueError, OverflowError):  # the API says what is wrong with it
        return day


def list_families(language: str) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Return the families of event types: pattern, name, and each type with its name."""
    names = dict.fromkeys(name.partition(".")[0] for name in EVENT_TYPES)
    return [
        (
            f"{family}.*",
            translate(language, f"ui.events.family.{family}"),
            [
                (name, translate(language, f"act.{name}"))
                for name in EVENT_TYPES
                if name.startswith(f"{family}.")
            ],
        )
        for family in names
    ]


def read_claims(visit: Visit, claim_ids: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """Read the claims that something is about, which name customer and item."""
    wanted = list(dict.fromkeys(claim_ids))
    calls = [lambda one=one: visit.api.get("/v1/claims/{claim_id}", claim_id=one) for one in wanted]
    replies = visit.api.get_all(*calls) if calls else ()
    return {one: reply.body for one, reply in zip(wanted, replies, strict=True)}


def _make_row(
    visit: Visit, event: Mapping[str, Any], claims: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    data = event["data"]
    states = STATES.get(ACTS[event["type"]].machine or "", "")
    moved = [
        translate(visit.language, f"{states}{state}")
        for state in (data["from"], data["to"])
        if state and has_text(f"{states}{state}")
    ]
    return {
        "event": event,
        "claim": claims[data["claim_id"]],
        "moved": " → ".join(moved),
        "json": json.dumps(event, ensure_ascii=False, indent=1),
    }
