"""Filing: one form, the check of the answers, and filing them or keeping them as drafts."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chalicelib.text.i18n import translate
from chalicelib.web.http.answer import Answer
from chalicelib.web.pages.portal.preflight import make_sections
from chalicelib.web.pages.shell.api_calls import Conditions
from chalicelib.web.pages.shell.files import add_covers, list_files
from chalicelib.web.pages.shell.forms import Form
from chalicelib.web.pages.shell.visit import Redirect, View, Visit

MOST_ITEMS = 10  # domain.md, "A filing and its claims"
SENT = (
    *("location_id", "tenant_id", "domain", "customer_contact", "technical_contact"),
    *("partner_contact", "name", "external_reference", "comment", "evidence", "revenue_details"),
)
UPLOAD = ("file_name", "content_type", "sha256")


def show_form(visit: Visit) -> View:
    """Show the form: empty, with what was typed, or with what is known of an earlier customer."""
    catalogue, locations = _read_choices(visit)
    customers = visit.api.get("/v1/customers", {"limit": "50"}).body["data"]
    shown = _show(visit, catalogue, locations)
    view = replace(shown, shown={**shown.shown, "customers": customers})
    chosen = next((c for c in customers if c["tenant_id"] == visit.query.get("customer")), None)
    if chosen is None or visit.form.fields:
        return view
    return replace(view, form=Form(_fill_in(chosen)))


def change(visit: Visit) -> View:
    """Show the form again with one item more or less, or with the answers that were checked."""
    return _show(visit, *_read_choices(visit))


def check(visit: Visit) -> View:
    """Check the answers; show them with what happens next, or the form with what is wrong."""
    catalogue, locations = _read_choices(visit)
    body = _make_body(visit, catalogue)
    checked = visit.api.post("/v1/claims/check", body, Conditions()).body
    if checked["errors"] and checked["would_become"] is None:
        problem = {
            "title": translate(visit.language, "ui.filing.not_yet"),
            "status": 422,
            "detail": "",
            "errors": checked["errors"],
        }
        form = replace(visit.form, problem=problem)
        view = _show(visit, catalogue, locations)
        tried = _describe_check(checked, body, catalogue, locations)
        return replace(view, status=422, form=form, shown={**view.shown, **tried})
    names = _name_items(catalogue)
    shown = {
        "body": body,
        "checked": checked,
        "sections": make_sections(checked, names),
        "fields_sent": [(n, v) for n, values in visit.form.fields.items() for v in values],
        "names": names,
        "files": list_files(visit.form),
        "covered": {one["id"]: one["covers"] for one in body.get("evidence", ())},
        "location": _find_location(body, locations),
    }
    title = translate(visit.language, "ui.check.title")
    return View("portal/check.html", title, shown, nav="GET /portal/claims")


def try_out(visit: Visit) -> View:
    """Show the expected result of the form, while it is filled in."""
    catalogue, locations = _read_choices(visit)
    body = _make_body(visit, catalogue)
    checked = visit.api.post("/v1/claims/check", body, Conditions()).body
    shown = _describe_check(checked, body, catalogue, locations)
    return View("portal/preflight.html", "", shown)


def _describe_check(
    checked: Mapping[str, Any],
    body: Mapping[str, Any],
    catalogue: Mapping[str, Any],
    locations: list[Mapping[str, Any]],
) -> dict[str, Any]:
    """Return what the panel of the pre-flight shows."""
    chosen = next(
        (location for location in locations if location["id"] == body.get("location_id")), None
    )
    return {
        "checked": checked,
        "sections": make_sections(checked, _name_items(catalogue)),
        "partner_type": chosen and chosen["partner_type"],
    }


def file(visit: Visit) -> Redirect:
    return _file(visit, submit=True)


def keep_draft(visit: Visit) -> Redirect:
    return _file(visit, submit=False)


def show_filing(visit: Visit) -> View:
    """Show the claims that were filed together, and submit its drafts."""
    filing_id = visit.path["filing_id"]
    claims = visit.api.get("/v1/filings/{filing_id}", filing_id=filing_id).body["claims"]
    drafts = [claim for claim in claims if "submit" in claim["next_actions"]]
    title = translate(
        visit.language,
        "ui.filing.together",
        customer=claims[0].get("customer_name") or claims[0]["domain"],
    )
    shown = {"claims": claims, "drafts": drafts}
    return View("portal/filing.html", title, shown, nav="GET /portal/claims")


def submit_filing(visit: Visit) -> Redirect:
    filing_id = visit.path["filing_id"]
    key = Conditions(key=visit.conditions.key)
    visit.api.post("/v1/filings/{filing_id}/submit", {}, key, filing_id=filing_id)
    return Redirect(f"/portal/filings/{filing_id}", "submitted")


def announce_file(visit: Visit) -> Answer[str]:
    """Say where the browser uploads a file to."""
    body: dict[str, Any] = visit.form.to_body(UPLOAD)
    body["size"] = visit.form.count("size", 0)
    key = f"{visit.form.text('once')}.{body.get('sha256', '')}"
    made = visit.api.post("/v1/evidence", body, Conditions(key=key)).body
    return Answer(201, json.dumps(made), headers={"Content-Type": "application/json"})


def _file(visit: Visit, submit: bool) -> Redirect:
    catalogue = visit.api.get("/v1/catalogue").body
    body = _make_body(visit, catalogue) | {"submit": submit}
    key = Conditions(key=visit.form.text("once"))
    made = visit.api.post("/v1/claims", body, key).body
    done = "filed" if submit else "kept"
    if len(made["claims"]) == 1:
        return Redirect(f"/portal/claims/{made['claims'][0]['id']}", done)
    return Redirect(f"/portal/filings/{made['filing_id']}", done)


def _read_choices(visit: Visit) -> tuple[Mapping[str, Any], list[Mapping[str, Any]]]:
    catalogue, locations = visit.api.get_all(
        lambda: visit.api.get("/v1/catalogue"), lambda: visit.api.get("/v1/locations")
    )
    return catalogue.body, locations.body["data"]


def _make_body(visit: Visit, catalogue: Mapping[str, Any]) -> dict[str, Any]:
    """Return the filing as the API takes it; `role` is area and role, `code` an item."""
    body = visit.form.to_body(SENT)
    area, _, role = visit.form.text("role").partition("|")
    body |= {"solution_area": area} if area else {}
    body |= {"partner_role": role} if role else {}
    workloads = {one["code"] for a in catalogue["solution_areas"] for one in a["workloads"]}
    body["items"] = [
        _make_item(code, visit.form.text(f"items/{number}/subscription_id"), workloads)
        for number in range(_count_items(visit))
        if (code := visit.form.text(f"items/{number}/code"))
    ]
    _choose_covers(visit, body)
    return body


def _choose_covers(visit: Visit, body: dict[str, Any]) -> None:
    """Let each file prove the items that are ticked for it, or all of them."""
    codes = [item.get("product") or item["workload"] for item in body["items"]]
    by_number = {
        str(number): code
        for number in range(_count_items(visit))
        if (code := visit.form.text(f"items/{number}/code"))
    }
    evidence = body.get("evidence")
    for row, proof in zip(list_files(visit.form), evidence or (), strict=False):
        if chosen := [by_number[cover] for cover in row.covers if cover in by_number]:
            proof["covers"] = list(dict.fromkeys(chosen))
    add_covers(body, codes)


def _make_item(code: str, subscription_id: str, workloads: set[str]) -> dict[str, str]:
    if code in workloads:
        return {"workload": code}
    return {"product": code} | (
        {"subscription_id": subscription_id.strip()} if subscription_id else {}
    )


def _fill_in(customer: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the form's fields as the newest claim for a customer had them."""
    fields = {name: customer[name] for name in ("tenant_id", "domain", "location_id")}
    fields["role"] = f"{customer['solution_area']}|{customer['partner_role']}"
    for who in ("customer_contact", "technical_contact", "partner_contact"):
        fields |= {f"{who}/{name}": value for name, value in (customer[who] or {}).items()}
    return {name: [value] for name, value in fields.items() if value}


def _count_items(visit: Visit) -> int:
    """Return how many items the form shows. `act`: `add`, or `remove` for the last one."""
    shown = min(visit.form.count("count", 1), MOST_ITEMS)
    act = visit.form.text("act")
    return max(1, min(MOST_ITEMS, shown + (act == "add") - (act == "remove")))


def _show(visit: Visit, catalogue: Mapping[str, Any], locations: list[Mapping[str, Any]]) -> View:
    shown = {
        "catalogue": catalogue,
        "locations": [(one["id"], f"{one['name']}, {one['id']}") for one in locations],
        "count": _count_items(visit),
        "most": MOST_ITEMS,
        "files": list_files(visit.form),
        "customers": (),
        "sections": (),
    }
    title = translate(visit.language, "ui.filing.title")
    return View("portal/file.html", title, shown, nav="GET /portal/claims")


def _name_items(catalogue: Mapping[str, Any]) -> dict[str, str]:
    return {
        one["code"]: one["name"]
        for area in catalogue["solution_areas"]
        for one in (*area["products"], *area["workloads"])
    }


def _find_location(body: Mapping[str, Any], locations: list[Mapping[str, Any]]) -> str:
    names = {location["id"]: location["name"] for location in locations}
    chosen = str(body.get("location_id", ""))
    return f"{names.get(chosen, '')} {chosen}".strip()
