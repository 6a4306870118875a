"""One webhook endpoint: its state, what was posted to it, and everything that its owner does."""

from typing import Any
from urllib.parse import urlencode

from chalicelib.text.i18n import translate
from chalicelib.web.pages.portal.events import find_start, list_families, read_claims
from chalicelib.web.pages.portal.integration import NAV, PAGE, make_secret_view
from chalicelib.web.pages.shell.api_calls import Conditions
from chalicelib.web.pages.shell.visit import Redirect, View, Visit

ENDPOINT = "/v1/webhook-endpoints/{endpoint_id}"
OVERLAPS = ("PT24H", "PT1H", "P7D", "PT0S")  # for which the previous secret signs, too
STATES = ("delivered", "retrying", "failed")


def show_endpoint(visit: Visit) -> View:
    return _show(visit, None)


def test(visit: Visit) -> View:
    """Post a test event, and say at once what happened."""
    return _show(visit, visit.api.post(f"{ENDPOINT}/test", {}, **visit.path).body)


def change(visit: Visit) -> Redirect:
    body = visit.form.to_body(["url", "contact", "description"])
    emptied = dict.fromkeys(("url", "contact", "description"))
    wanted = {**emptied, **body, "types": visit.form.all("types")}
    visit.api.patch(ENDPOINT, wanted, visit.conditions, **visit.path)
    return _lead_back(visit, "saved")


def rotate(visit: Visit) -> View:
    """Make a new secret, and show it: this once."""
    path = f"{ENDPOINT}/rotate-secret"
    made = visit.api.post(path, visit.form.to_body(["overlap"]), _key(visit), **visit.path).body
    shown = {
        "kind": "endpoint",
        "secret": made["secret"],
        "about": visit.api.get(ENDPOINT, **visit.path).body["url"],
        "until": made["previous_until"],
        "back": _address(visit),
    }
    return make_secret_view(visit, shown)


def enable(visit: Visit) -> Redirect:
    """Deliver again: from where it stopped, from now, or from a day."""
    start = visit.form.text("from")
    if start == "day":
        start = find_start(visit, visit.form.text("day"))
    visit.api.post(f"{ENDPOINT}/enable", {"from": start}, _key(visit), **visit.path)
    return _lead_back(visit, "endpoint_enabled")


def disable(visit: Visit) -> Redirect:
    visit.api.post(f"{ENDPOINT}/disable", {}, _key(visit), **visit.path)
    return _lead_back(visit, "endpoint_disabled")


def replay(visit: Visit) -> Redirect:
    """Post the events of some days again, the last one included up to its beginning."""
    body: dict[str, Any] = {"since": find_start(visit, visit.form.text("since"))}
    if until := visit.form.text("until"):
        body["until"] = find_start(visit, until)
    if types := [one for one in visit.form.all("types") if one]:
        body["types"] = types
    visit.api.post(f"{ENDPOINT}/replay", body, _key(visit), **visit.path)
    return _lead_back(visit, "replay_started")


def resend(visit: Visit) -> Redirect:
    path = f"{ENDPOINT}/deliveries/{{event_id}}/resend"
    event_id = visit.form.text("event_id")
    done = visit.api.post(path, {}, _key(visit), **visit.path, event_id=event_id).body
    return _lead_back(visit, "resent" if done["delivered"] else "not_resent")


def remove(visit: Visit) -> Redirect:
    visit.api.delete(ENDPOINT, **visit.path)
    return Redirect(PAGE, "endpoint_removed")


def _show(visit: Visit, tested: dict[str, Any] | None) -> View:
    wanted = {name: visit.query.get(name, "") for name in ("state", "type", "cursor")}
    endpoint, deliveries = visit.api.get_all(
        lambda: visit.api.get(ENDPOINT, **visit.path),
        lambda: visit.api.get(f"{ENDPOINT}/deliveries", wanted, **visit.path),
    )
    rows, following = deliveries.body["data"], deliveries.body["next"]
    kept = {name: value for name, value in wanted.items() if value and name != "cursor"}
    families = list_families(visit.language)
    shown = {
        "endpoint": endpoint.body,
        "version": endpoint.etag,
        "tested": tested,
        "rows": rows,
        "claims": read_claims(visit, (row["claim_id"] for row in rows)),
        "wanted": wanted,
        "states": STATES,
        "overlaps": OVERLAPS,
        "families": families,
        "kinds": _list_kinds(visit.language, families, endpoint.body["types"]),
        "more": f"?{urlencode(kept | {'cursor': following})}" if following else "",
        "here": _address(visit),
    }
    return View("portal/endpoint.html", endpoint.body["url"], shown, nav=NAV)


def _list_kinds(language: str, families: list[Any], chosen: list[str]) -> list[tuple[str, str]]:
    """Return what may be ticked: the families, and the single types that are chosen already."""
    known = [(pattern, name) for pattern, name, _ in families]
    single = [one for one in chosen if not one.endswith(".*")]
    return known + [(one, translate(language, f"act.{one}")) for one in single]


def _address(visit: Visit) -> str:
    return f"{PAGE}/endpoints/{visit.path['endpoint_id']}"


def _lead_back(visit: Visit, done: str) -> Redirect:
    return Redirect(_address(visit), done)


def _key(visit: Visit) -> Conditions:
    return Conditions(key=visit.conditions.key)
