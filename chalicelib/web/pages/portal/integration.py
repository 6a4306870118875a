"""How the organisation's programs are connected: its API keys, and where its events are posted."""

import re
from datetime import timedelta
from typing import Any

from chalicelib.domain.api_key import find_last_day
from chalicelib.text.i18n import translate
from chalicelib.web.pages.portal.events import list_families
from chalicelib.web.pages.shell.api_calls import Conditions
from chalicelib.web.pages.shell.visit import Redirect, View, Visit

PAGE = "/portal/integration"
NAV = f"GET {PAGE}"
KEYS, KEY = "/v1/api-keys", "/v1/api-keys/{key_id}"
ENDPOINTS = "/v1/webhook-endpoints"
EVERYTHING = {"limit": "100"}  # more than an organisation may have
USUAL_LIFE = timedelta(days=90)  # of a new key where nothing else is chosen


def show_integration(visit: Visit) -> View:
    """List API keys and webhook endpoints."""
    keys, endpoints = visit.api.get_all(
        lambda: visit.api.get(KEYS, EVERYTHING), lambda: visit.api.get(ENDPOINTS, EVERYTHING)
    )
    order = ("active", "expired", "revoked")
    shown = {
        "keys": sorted(keys.body["data"], key=lambda one: order.index(one["state"])),
        "endpoints": endpoints.body["data"],
        "base": visit.call.services.settings.public_base_url,
    }
    return View("portal/integration.html", translate(visit.language, "ui.nav.integration"), shown)


def show_key_form(visit: Visit) -> View:
    """Show the form of a new key, filled in like the one that it replaces."""
    replaced = visit.query.get("replace", "")
    keys = visit.api.get(KEYS, EVERYTHING).body["data"] if replaced else []
    now = visit.call.now
    shown = {
        "replaced": next((key for key in keys if key["id"] == replaced), None),
        "expires_on": (now.date() + USUAL_LIFE).isoformat(),
        "latest": find_last_day(now).isoformat(),
    }
    return View("portal/key.html", translate(visit.language, "ui.keys.make"), shown, nav=NAV)


def create_key(visit: Visit) -> View:
    """Make a key, and show it: this once."""
    body = visit.form.to_body(["name", "role", "expires_on", "contact"])
    networks = re.split(r"[\s,;]+", visit.form.text("from_addresses").strip())
    made = visit.api.post(
        KEYS,
        body | {"from_addresses": [network for network in networks if network]},
        Conditions(key=visit.conditions.key),
    ).body
    shown = {"kind": "key", "secret": made.get("key"), "about": made["name"], "back": PAGE}
    return make_secret_view(visit, shown)


def revoke_key(visit: Visit) -> Redirect:
    visit.api.delete(KEY, key_id=visit.path["key_id"])
    return Redirect(PAGE, "key_revoked")


def show_endpoint_form(visit: Visit) -> View:
    shown = {"families": list_families(visit.language)}
    title = translate(visit.language, "ui.hooks.make")
    return View("portal/new_endpoint.html", title, shown, nav=NAV)


def create_endpoint(visit: Visit) -> View:
    """Create an endpoint, and show its secret and the result of the test event."""
    body = visit.form.to_body(["url", "contact", "description"])
    made = visit.api.post(
        ENDPOINTS,
        body | {"types": visit.form.all("types")},
        Conditions(key=visit.conditions.key),
    ).body
    shown = {
        "kind": "endpoint",
        "secret": made["secret"],
        "about": made["url"],
        "endpoint": made,
        "back": f"{PAGE}/endpoints/{made['id']}",
    }
    return make_secret_view(visit, shown)


def make_secret_view(visit: Visit, shown: dict[str, Any]) -> View:
    """Return the page that shows a secret, in the answer to the form that made it."""
    title = translate(visit.language, f"ui.secret.title_{shown['kind']}")
    usual = {"until": None, "endpoint": None}
    return View("portal/secret.html", title, usual | shown, nav=NAV)
