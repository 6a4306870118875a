"""The organisation's arbitrations: its own side of each, and its statement."""

from datetime import datetime

from chalicelib.web.pages.cases import find_window_end, has_answered, name_case
from chalicelib.web.pages.shell import people
from chalicelib.web.pages.shell.api_calls import Conditions
from chalicelib.web.pages.shell.files import list_files
from chalicelib.web.pages.shell.times import describe_time_left
from chalicelib.web.pages.shell.visit import Redirect, View, Visit

CASE = "/v1/arbitrations/{arbitration_id}"
READERS = frozenset({"incentives_admin", "incentives_user"})  # of cases (domain.md, "Who uses it")


def may_read_cases(visit: Visit) -> bool:
    """Return whether the roles of who is signed in may read arbitrations."""
    return bool(visit.caller.roles & READERS)


def show_arbitration(visit: Visit) -> View:
    case = visit.api.get(CASE, arbitration_id=visit.path["arbitration_id"]).body
    party, now = case["parties"][0], visit.call.now
    is_open = case["state"] == "open" and not party["left_because"]
    end = find_window_end(party)
    may_state = is_open and now < datetime.fromisoformat(end)
    shown = {
        "case": case,
        "party": party,
        "end": end,
        "left": describe_time_left(visit.language, end, now) if is_open else None,
        "may_state": may_state and "incentives_admin" in visit.caller.roles,
        "may_only_add": may_state and has_answered(party),
        "files": list_files(visit.form),
        "own_zone": people.find_zone(visit.call, visit.caller),
    }
    return View("portal/arbitration.html", name_case(case), shown, nav="GET /portal/arbitrations")


def give_statement(visit: Visit) -> Redirect:
    """Give the organisation's statement; a later one is added to it."""
    case_id = visit.path["arbitration_id"]
    body = visit.form.to_body(["text", "evidence"])
    key = Conditions(key=visit.conditions.key)
    visit.api.post(f"{CASE}/statement", body, key, arbitration_id=case_id)
    return Redirect(f"/portal/arbitrations/{case_id}", "stated")
