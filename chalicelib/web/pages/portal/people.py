"""What administrators do with the people of their organisation."""

from typing import Any

from chalicelib.domain.refusals import NotFound
from chalicelib.web.pages.shell.api_calls import Conditions
from chalicelib.web.pages.shell.visit import Redirect, View, Visit

ACCOUNT = "/portal/account"
USER = "/v1/users/{user_id}"


def invite(visit: Visit) -> Redirect:
    body = visit.form.to_body(["name", "email", "roles"]) | {"locale": visit.language}
    visit.api.post("/v1/users", body, Conditions(key=visit.conditions.key))
    return Redirect(ACCOUNT, "invited")


def show_person(visit: Visit) -> View:
    users = visit.api.get("/v1/users", {"limit": "100"}).body["data"]
    user = next((one for one in users if one["id"] == visit.path["user_id"]), None)
    if user is None:
        raise NotFound
    return View("portal/person.html", user["name"], {"user": user}, nav="GET /portal/account")


def change_roles(visit: Visit) -> Redirect:
    return _change(visit, {"roles": visit.form.all("roles")}, "saved")


def change_state(visit: Visit) -> Redirect:
    state = visit.form.text("state")
    return _change(visit, {"state": state}, "enabled" if state == "active" else "disabled")


def remove(visit: Visit) -> Redirect:
    visit.api.delete(USER, user_id=visit.path["user_id"])
    return Redirect(ACCOUNT, "removed")


def _change(visit: Visit, body: dict[str, Any], done: str) -> Redirect:
    user_id = visit.path["user_id"]
    visit.api.patch(USER, body, visit.conditions, user_id=user_id)
    return Redirect(f"{ACCOUNT}/people/{user_id}", done)
