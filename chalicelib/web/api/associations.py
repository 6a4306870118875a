"""A partner's own associations, and the figures of their items."""

import csv
import io
from datetime import date

from chalicelib.domain.claim import Claim
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.durations import add_duration
from chalicelib.domain.figures import Figures, clip_window, select_seats, select_usage
from chalicelib.domain.findings import Finding
from chalicelib.domain.refusals import Invalid
from chalicelib.domain.slot import Slot
from chalicelib.usecases import lists, partner
from chalicelib.usecases.figures import ReadFigures, read_figures
from chalicelib.web.api import request_models as requests
from chalicelib.web.api.paging import read_start, take_part, write_next
from chalicelib.web.api.response_models import associations as models
from chalicelib.web.api.responses import (
    make_renderer,
    make_request,
    require_caller,
    send_response,
)
from chalicelib.web.api.serializers.associations import (
    serialize_association,
    serialize_seats,
    serialize_usage,
)
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call

COLUMNS = (
    *("month", "licenses_sold", "licenses_deployed"),
    *("licenses_active", "licenses_qualified", "usage_percent"),
)


class MonthsQuery(requests.FiguresQuery, requests.WholeList):
    """Which months, and which part of them."""


def list_associations(call: Call, query: requests.AssociationsQuery) -> Answer[models.Associations]:
    caller, start = require_caller(call), read_start(call, query)
    wanted = lists.AssociationFilter(query.state, _find_last_day(call, query.ending_within))
    page = lists.PageStart(start, query.limit)
    found, last = lists.list_associations(call.services, caller, wanted, page)
    successors = partner.find_successors(call.services, found)
    data = [serialize_association(claim, call.now, successors.get(claim.id)) for claim in found]
    return Answer(body={"data": data, "next": write_next(call, query, last)})


def show_association(call: Call) -> Answer[models.Association]:
    caller, association_id = require_caller(call), call.path["association_id"]
    claim = partner.load_association(call.services, caller, association_id)
    successors = partner.find_successors(call.services, [claim])
    body = serialize_association(claim, call.now, successors.get(claim.id))
    return Answer(body=body, etag=claim.etag)


def end_association(call: Call, body: requests.Reason) -> Answer[models.Association]:
    def serialize(claim: Claim, slot: Slot, ctx: StepContext) -> models.Association:
        return serialize_association(claim, ctx.now)

    command = partner.EndAssociation(call.path["association_id"], body.reason)
    render = make_renderer(serialize)
    return send_response(
        partner.end_association(call.services, make_request(call), command, render)
    )


def list_seats(call: Call, query: MonthsQuery) -> Answer[models.SeatsByMonth]:
    rows = _read_figures(call, query, "seats")
    months = select_seats(rows, call.now.date(), query.from_, query.to)
    part, following = take_part(call, query, months, lambda one: one.month)
    return Answer(body={"data": [serialize_seats(month) for month in part], "next": following})


def list_usage(call: Call, query: MonthsQuery) -> Answer[models.UsageByMonth]:
    rows = _read_figures(call, query, "usage")
    months = select_usage(rows, call.now.date(), query.from_, query.to)
    part, following = take_part(call, query, months, lambda one: one.month)
    return Answer(body={"data": [serialize_usage(month) for month in part], "next": following})


def export_figures(call: Call, query: requests.FiguresQuery) -> Answer[str]:
    """Return seats and usage as CSV. They are months and numbers only."""
    today = call.now.date()
    seats = select_seats(_read_figures(call, query, "seats"), today, query.from_, query.to)
    usage = select_usage(_read_figures(call, query, "usage"), today, query.from_, query.to)
    months: dict[str, dict[str, object]] = {}
    for one in (*map(serialize_seats, seats), *map(serialize_usage, usage)):
        months.setdefault(one["month"], {}).update(one)
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(months[month] for month in sorted(months))
    headers = {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": 'attachment; filename="figures.csv"',
    }
    return Answer(body=text.getvalue(), headers=headers)


def _find_last_day(call: Call, duration: str | None) -> date | None:
    """Return the day that a duration from now leads to. Raises Invalid."""
    if duration is None:
        return None
    end = add_duration(call.now, duration)
    if end is None:
        raise Invalid([Finding(code="invalid_value", pointer="/ending_within")])
    return end.date()


def _read_figures(call: Call, query: requests.FiguresQuery, purpose: str) -> tuple[Figures, ...]:
    """Read the months that may be shown; the customer sees the reading in their journal.

    Raises Invalid for a range that ends before it begins.
    """
    if query.from_ and query.to and query.from_ > query.to:
        raise Invalid([Finding(code="invalid_value", pointer="/from")])
    first, last = clip_window(call.now.date(), query.from_, query.to)
    command = ReadFigures(call.path["association_id"], purpose, first, last)
    return read_figures(call.services, make_request(call), command)
