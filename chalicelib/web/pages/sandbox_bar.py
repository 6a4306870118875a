"""The bar that sandbox stages show on every page: the test clock, moved from where one is."""

from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode

from chalicelib.domain.base import rfc3339
from chalicelib.domain.calendars import CalendarRegion
from chalicelib.domain.findings import Finding
from chalicelib.domain.refusals import Invalid
from chalicelib.web.api.sandbox import move_time, parse_advance
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.bodies import parse_form
from chalicelib.web.http.call import Call
from chalicelib.web.pages.shell import headers, public

AHEAD = timedelta(days=365)  # in which the next deadline is looked for


def move_clock_from_bar(call: Call) -> Answer[str]:
    """Move time forward by a duration, by a business day, to the next deadline, or to a moment."""
    headers.refuse_other_sites(call.headers, call.services.settings)
    form = parse_form(call.raw_body, call.headers.get("content-type", ""))
    move, back = form.get("move", [""])[-1], form.get("back", ["/"])[-1]
    target = _find_target(call, move)
    move_time(call, target, f"to {rfc3339(target)}")
    to = back if headers.is_own_path(back) else "/"
    path, _, query = to.partition("?")
    kept = dict(parse_qsl(query)) | {"moved": rfc3339(call.now)}
    return public.redirect(call, f"{path}?{urlencode(kept)}")


def _find_target(call: Call, move: str) -> datetime:
    if move == "business_day":
        region = CalendarRegion(
            country=call.services.settings.programme_country,
            zone=call.services.settings.programme_time_zone,
        )
        return call.services.calendars.end_of_day(call.now, 1, region)
    if move == "next":
        due = call.services.store.queues.list_due(call.now + AHEAD, 1)
        return max(due[0][1], call.now) if due else call.now
    if move.startswith("P"):
        return parse_advance(call.now, move)
    try:
        target = datetime.fromisoformat(move)
    except ValueError as wrong:
        raise Invalid([Finding(code="not_a_moment", pointer="/move")]) from wrong
    if target.tzinfo is None:
        raise Invalid([Finding(code="not_a_moment", pointer="/move")])
    return max(target, call.now)
