"""Finding by one field, and the pages of a customer and of a partner."""

from urllib.parse import urlencode

from chalicelib.text.i18n import translate
from chalicelib.web.pages.shell.visit import View, Visit

NAV = "GET /desk/find"
KINDS = ("claims", "arbitrations", "tenants", "partners")


def show_search(visit: Visit) -> View:
    """Show the field and, once something is asked for, what it leads to."""
    q = visit.query.get("q", "").strip()
    found = visit.api.get("/v1/review/find", {"q": q}).body if q else dict.fromkeys(KINDS, ())
    shown = {"q": q, "found": found, "is_empty": bool(q) and not any(found.values())}
    return View("desk/find.html", translate(visit.language, "ui.find.title"), shown)


def show_customer(visit: Visit) -> View:
    """Show a customer with every claim on it."""
    name = "/v1/review/tenants/{tenant_id}"
    customer = visit.api.get(name, tenant_id=visit.path["tenant_id"]).body
    title = customer["name"] or customer["tenant_id"]
    return View("desk/tenant.html", title, {"customer": customer}, nav=NAV)


def show_partner(visit: Visit) -> View:
    """Show a partner with a page of its claims, those that match a text."""
    name, q = "/v1/review/partners/{organisation_id}", visit.query.get("q", "").strip()
    query = {"q": q, "cursor": visit.query.get("cursor", "")}
    partner = visit.api.get(name, query, organisation_id=visit.path["organisation_id"]).body
    kept = {"q": q} if q else {}
    more = f"?{urlencode(kept | {'cursor': partner['next']})}" if partner["next"] else ""
    shown = {"partner": partner, "q": q, "more": more}
    return View("desk/partner.html", partner["name"], shown, nav=NAV)
