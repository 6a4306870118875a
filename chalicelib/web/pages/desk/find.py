"""Finding by one field, and the pages of a customer and of a partner."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from chalicelib.text.countries import name_country
from chalicelib.text.i18n import choose_language, format_zone, translate
from chalicelib.web.pages.shell.visit import View, Visit

NAV = "GET /desk/find"
KINDS = ("claims", "arbitrations", "tenants", "partners")
ROWS = 25  # on a page (pages.md, "Tables")
NUMBER = re.compile(r"[0-9]{1,6}")


def show_search(visit: Visit) -> View:
    """Show the field and, once something is asked for, what it leads to."""
    q = visit.query.get("q", "").strip()
    found = visit.api.get("/v1/review/find", {"q": q}).body if q else dict.fromkeys(KINDS, ())
    shown = {"q": q, "found": found, "is_empty": bool(q) and not any(found.values())}
    return View("desk/find.html", translate(visit.language, "ui.find.title"), shown)


def show_customer(visit: Visit) -> View:
    """Show a customer with a page of the claims on it, the newest first."""
    name = "/v1/review/tenants/{tenant_id}"
    customer = visit.api.get(name, tenant_id=visit.path["tenant_id"]).body
    title = customer["name"] or customer["tenant_id"]
    start = visit.query.get("from", "")
    first = int(start) if NUMBER.fullmatch(start) else 0
    claims = customer["claims"][first : first + ROWS]
    has_more = len(customer["claims"]) > first + ROWS
    shown = {
        "customer": customer | {"claims": claims},
        "more": f"?from={first + ROWS}" if has_more else "",
        **_name_place(visit, customer),
    }
    return View("desk/tenant.html", title, shown, nav=NAV)


def show_partner(visit: Visit) -> View:
    """Show a partner with a page of its claims, those that match a text."""
    name, q = "/v1/review/partners/{organisation_id}", visit.query.get("q", "").strip()
    query = {"q": q, "cursor": visit.query.get("cursor", "")}
    partner = visit.api.get(name, query, organisation_id=visit.path["organisation_id"]).body
    kept = {"q": q} if q else {}
    more = f"?{urlencode(kept | {'cursor': partner['next']})}" if partner["next"] else ""
    shown = {"partner": partner, "q": q, "more": more, **_name_place(visit, partner)}
    return View("desk/partner.html", partner["name"], shown, nav=NAV)


def _name_place(visit: Visit, found: Mapping[str, Any]) -> dict[str, str]:
    """Name the country, the language that mails are in, and the time zone, where they are known."""
    language, zone = visit.language, found.get("time_zone")
    locale = found["locale"]
    return {
        "country": name_country(language, found["country"]),
        "reads": translate(choose_language(locale), "language.name") if locale else "",
        "zone": format_zone(language, zone) if zone else "",
    }
