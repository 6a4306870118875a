"""Insights: what was counted of claims, in a range of days."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from chalicelib.domain.filing import RequestValue
from chalicelib.domain.insight_counts import COUNTS, DURATIONS
from chalicelib.domain.insight_report import (
    RATES,
    Group,
    list_codes,
    list_counts,
    list_durations,
    list_now,
    list_rates,
    parse_grouping,
)
from chalicelib.domain.insight_totals import ORGANISATION, UNKNOWN, Counts
from chalicelib.domain.timestamps import Day
from chalicelib.text.countries import name_country
from chalicelib.text.i18n import has_text, translate
from chalicelib.usecases import insights
from chalicelib.usecases.display_names import load_display_names
from chalicelib.usecases.step_context import find_item_name
from chalicelib.web.api.request_models import Name
from chalicelib.web.api.response_models import insights as models
from chalicelib.web.api.responses import require_caller
from chalicelib.web.api.serializers.moments import format_moment
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call

MAX_NAMES = 100  # partners whose names are looked up
# Where the names of values are, by property.
TEXTS = {
    "solution_area": ("solution_area.{}",),
    "partner_role": ("partner_role.{}.name",),
    "code": ("review_code.{}", "reason.{}"),
}


class InsightsQuery(RequestValue):
    """`by`: a time and a property, separated by a comma; each may be missing."""

    from_: Annotated[Day | None, Field(alias="from")] = None
    to: Day | None = None
    by: Name | None = None
    format: Literal["json", "csv"] = "json"


def show_insights(call: Call, query: InsightsQuery) -> Answer[models.Insights]:
    command = insights.ReadInsights(parse_grouping(query.by), query.from_, query.to)
    found = insights.read_insights(call.services, require_caller(call), command, call.now)
    names = [name for name in (command.grouping.time, command.grouping.value) if name]
    if query.format == "csv":
        return Answer(body=_write_csv(names, found.groups), headers=_CSV)
    now, name = list_now(found.now), _make_namer(call, found.groups)
    body: models.Insights = {
        "from": found.days.first.isoformat(),
        "to": found.days.last.isoformat(),
        "by": names,
        "time_zone": found.zone,
        "complete_until": format_moment(found.complete_until),
        "data": [
            {"key": group.key, "name": name(group.key), **_serialize(group.counts)}
            for group in found.groups
        ],
        "totals": _serialize(found.totals),
        "now": {
            "claims": now["claims"],
            "associations": now["associations"],
            "overdue": found.now.get("overdue", 0),
        },
    }
    return Answer(body=body)


_CSV = {
    "Content-Type": "text/csv; charset=utf-8",
    "Content-Disposition": 'attachment; filename="insights.csv"',
}


def _make_namer(call: Call, groups: tuple[Group, ...]) -> Callable[[Mapping[str, str]], str | None]:
    """Return a function that names what a row is about, in the caller's language."""
    partners = {group.key[ORGANISATION] for group in groups if ORGANISATION in group.key}
    few = sorted(partners)[:MAX_NAMES]
    known = load_display_names(call.services, (), few).partners if few else {}
    language = call.language

    def name(key: Mapping[str, str]) -> str | None:
        for kind, value in key.items():
            if kind == ORGANISATION:
                return known.get(value)
            if kind == "product":
                return find_item_name(call.services, call.now, value, None)
            if kind == "country":
                return name_country(language, value) if value != UNKNOWN else None
            for text in TEXTS.get(kind, ()):
                if has_text(text.format(value)):
                    return translate(language, text.format(value))
        return None

    return name


def _serialize(counts: Counts) -> models.InsightTotals:
    return {
        "counts": list_counts(counts),
        "by_code": list_codes(counts),
        "rates": {
            name: {"value": one.value, "of": one.of, "in": one.within}
            for name, one in list_rates(counts).items()
        },
        "durations": {
            name: {"n": one.n, "p50": one.p50, "p90": one.p90, "p95": one.p95, "unit": "s"}
            for name, one in list_durations(counts).items()
        },
    }


def _write_csv(names: list[str], groups: tuple[Group, ...]) -> str:
    """Write a row for each group: its key, counts, rates, and seconds of durations."""
    rates = [f"rate_{name}" for name in RATES]
    durations = [f"{name}_{part}" for name in DURATIONS for part in ("n", "p50", "p90", "p95")]
    text = io.StringIO()
    writer = csv.DictWriter(text, [*names, *COUNTS, *rates, *durations])
    writer.writeheader()
    writer.writerows({**group.key, **dict(_list_cells(group.counts))} for group in groups)
    return text.getvalue()


def _list_cells(counts: Counts) -> Iterator[tuple[str, Any]]:
    yield from list_counts(counts).items()
    for name, rate in list_rates(counts).items():
        yield f"rate_{name}", rate.value
    for name, duration in list_durations(counts).items():
        yield from ((f"{name}_{part}", number) for part, number in duration._asdict().items())
