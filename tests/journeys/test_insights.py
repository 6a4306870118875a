"""`GET /v1/insights`: what was counted, by time and property, and who sees it."""

import csv
import io
from datetime import timedelta

import pytest

from chalicelib.usecases.insight_tally import start_insights
from tests.support.insights import settle_two_claims

IN_PROCESS_ONLY = True  # the totals are those of everything in the table


@pytest.fixture
def lived(service):
    """Return two customers: one claim became an association, one was rejected as a fraud."""
    start_insights(service.services.store, service.services.clock.now())
    return settle_two_claims(service)


def read(service, by, query=""):
    return service.get(f"/v1/insights{query}", by=by)


@pytest.mark.parametrize("role", ["operator", "senior_reviewer", "auditor"])
def test_the_programme_sees_everything(service, lived, role):
    found = read(service, service.token(None, role))

    totals = found["totals"]
    assert totals["counts"]["submitted"] == 2
    assert totals["counts"]["activated"] == 1
    assert totals["counts"]["withdrawn"] == 0
    assert totals["by_code"] == {"rejected": {"fraud": 1}}
    assert totals["rates"]["approval"] == {"value": 0.5, "of": 1, "in": 2}
    assert totals["rates"]["reversal"] == {"value": None, "of": 0, "in": 0}
    assert totals["durations"]["submission_to_decision"]["n"] == 2
    assert found["now"] == {
        "claims": {"approved": 1},
        "associations": {"active": 1},
        "overdue": 0,
    }
    assert found["complete_until"] < service.now()
    assert [row["key"] for row in found["data"]] == [{}]


def test_a_partner_sees_its_own_claims_only(service, lived):
    active, rejected = lived

    own = read(service, rejected.by(), "?by=organisation")
    stranger = read(service, active.by(2))

    assert own["totals"]["counts"]["rejected"] == 1
    assert own["totals"]["counts"]["activated"] == 0
    assert own["now"]["associations"] == {}
    assert [row["key"] for row in own["data"]] == [{"organisation": rejected.partner()}]
    assert sum(stranger["totals"]["counts"].values()) == 0
    assert stranger["data"] == [{"key": {}, "name": None, **stranger["totals"]}]


def test_plain_reviewers_see_none(service, lived):
    reply = service.call("GET", "/v1/insights", by=service.token(None, "reviewer"))

    assert reply.status == 403


def test_totals_are_grouped_by_one_property(service, lived):
    active, rejected = lived
    by = service.token(None, "operator")

    countries = read(service, by, "?by=country")["data"]
    partners = read(service, by, "?by=organisation")["data"]
    codes = read(service, by, "?by=code")["data"]

    assert [(row["key"], row["counts"]["submitted"]) for row in countries] == [
        ({"country": "DE"}, 1),
        ({"country": "FR"}, 1),
    ]
    assert {row["key"]["organisation"]: row["counts"]["rejected"] for row in partners} == {
        active.partner(): 0,
        rejected.partner(): 1,
        **{row["key"]["organisation"]: 0 for row in partners if not row["counts"]["submitted"]},
    }
    assert [(row["key"], row["counts"]["rejected"]) for row in codes] == [({"code": "fraud"}, 1)]


def test_totals_are_grouped_by_time_and_property(service, lived):
    by, today = service.token(None, "auditor"), service.services.clock.now().date()
    start = today - timedelta(days=90)
    months = read(service, by, f"?by=month&from={start}&to={today}")
    both = read(service, by, f"?by=solution_area,week&from={start}&to={today}")

    named = [row["key"]["month"] for row in months["data"]]
    assert named == sorted(named)
    assert named[0] == f"{start:%Y-%m}"
    assert sum(row["counts"]["submitted"] for row in months["data"]) == 2
    assert both["by"] == ["week", "solution_area"]
    assert all(set(row["key"]) == {"week", "solution_area"} for row in both["data"])
    assert sum(row["counts"]["submitted"] for row in both["data"]) == 2


@pytest.mark.parametrize(("before", "after"), [(0, 0), (45, 0), (13, 17), (310, 70), (3, 370)])
def test_days_and_whole_months_add_up_to_the_same(service, lived, before, after):
    """Read ranges that have whole months, and not, and compare with the sum of their days."""
    by, today = service.token(None, "operator"), service.services.clock.now().date()
    first, last = today - timedelta(days=before + 10), today + timedelta(days=after)
    query = f"?from={first}&to={last}"

    whole = read(service, by, query)
    by_day = read(service, by, f"{query}&by=day")

    assert whole["totals"] == by_day["totals"]
    for name, number in whole["totals"]["counts"].items():
        assert number == sum(row["counts"][name] for row in by_day["data"])


def test_insights_can_be_read_as_csv(service, lived):
    reply = service.call(
        "GET", "/v1/insights?by=country&format=csv", by=service.token(None, "operator")
    )

    rows = list(csv.DictReader(io.StringIO(reply.text)))
    assert reply.headers["Content-Type"].startswith("text/csv")
    assert [(row["country"], row["submitted"]) for row in rows] == [("DE", "1"), ("FR", "1")]
    assert rows[0]["rate_approval"] == "1.0"
    assert rows[1]["rate_sla_kept"] == "1.0"


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("?by=tenant", "/by", "by_not_supported"),
        ("?by=day,week", "/by", "by_not_supported"),
        ("?by=country,product", "/by", "by_not_supported"),
        ("?from=2026-10-02&to=2026-10-01", "/from", "invalid_value"),
        ("?from=2025-01-01&to=2026-10-01", "/from", "range_too_long"),
        ("?from=2025-13-01", "/from", "not_a_date"),
        ("?from=9999-12-31&to=2026-10-01", "/from", "day_out_of_range"),
        ("?to=9999-12-31", "/to", "day_out_of_range"),
        ("?to=0001-01-01", "/to", "day_out_of_range"),
        ("?format=xml", "/format", "not_one_of"),
    ],
)
def test_a_range_or_grouping_that_cannot_be_answered_is_refused(service, query, pointer, code):
    reply = service.call("GET", f"/v1/insights{query}", by=service.token(None, "operator"))

    assert reply.status == 422
    assert [(one["pointer"], one["code"]) for one in reply.json["errors"]] == [(pointer, code)]


def test_nothing_is_counted_before_counting_has_begun(service):
    found = read(service, service.token(None, "operator"))

    assert found["complete_until"] is None
    assert sum(found["totals"]["counts"].values()) == 0
