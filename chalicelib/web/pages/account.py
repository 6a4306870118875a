"""The account: who the reader is, what they prefer, and the people of their organisation."""

from typing import Any

from chalicelib.domain.refusals import UsersManagedElsewhere
from chalicelib.text.i18n import LANGUAGES, translate
from chalicelib.web.pages.shell import people
from chalicelib.web.pages.shell.visit import Redirect, View, Visit

# Zones that are offered; every other one can be typed. Chosen: one or more of each offset where
# partners are.
ZONES = (
    *("America/Los_Angeles", "America/Denver", "America/Chicago", "America/New_York"),
    *("America/Toronto", "America/Mexico_City", "America/Sao_Paulo", "Europe/London"),
    *("Europe/Paris", "Europe/Berlin", "Europe/Budapest", "Europe/Athens", "Africa/Johannesburg"),
    *("Asia/Dubai", "Asia/Kolkata", "Asia/Singapore", "Asia/Shanghai", "Asia/Tokyo"),
    *("Australia/Sydney", "Pacific/Auckland", "UTC"),
)


def show_account(visit: Visit) -> View:
    me = visit.api.get("/v1/me")
    shown = {
        "me": me.body,
        "version": me.etag,
        "zones": ZONES,
        "usual_zone": people.find_zone(visit.call, visit.caller),
        "language_names": [(code, translate(code, "language.name")) for code in LANGUAGES],
        "users": _list_users(visit),
        "is_admin": "incentives_admin" in visit.caller.roles,
    }
    title = translate(visit.language, "ui.account.title")
    return View("portal/account.html", title, shown)


def save_preferences(visit: Visit) -> Redirect:
    chosen = {
        "language": visit.form.text("language") or None,
        "time_zone": visit.form.text("time_zone") or None,
        "shortcuts": bool(visit.form.text("shortcuts")),
    }
    visit.api.patch("/v1/me", {"preferences": chosen}, visit.conditions)
    return Redirect(visit.address.rpartition("/")[0], "saved")


def _list_users(visit: Visit) -> list[dict[str, Any]] | None:
    """Return the organisation's people; None where this reader does not manage them here."""
    if "incentives_admin" not in visit.caller.roles:
        return None
    try:
        users: list[dict[str, Any]] = visit.api.get("/v1/users", {"limit": "100"}).body["data"]
    except UsersManagedElsewhere:
        return None
    return users
