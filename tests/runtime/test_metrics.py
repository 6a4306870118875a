"""The log: every step with its figures, and no text of people, no addresses, no tokens."""

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalicelib.aws.queue import SqsWorkQueue
from chalicelib.domain.ids import tenant_key
from chalicelib.runtime import metrics, queue_handlers
from tests.support.in_process import in_process

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PRIVATE = "please not on any log"


@pytest.fixture
def service():
    with in_process() as made:
        yield made


def lines(capsys: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def figures(line: dict[str, Any]) -> dict[str, Any]:
    """The figures of a line as CloudWatch reads them."""
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "cpor"
    assert directive["Dimensions"] == [["stage"]], (
        "an id as a dimension would be a metric for every claim"
    )
    assert all(metrics.METRIC_UNITS[one["Name"]] == one["Unit"] for one in directive["Metrics"])
    return {one["Name"]: line[one["Name"]] for one in directive["Metrics"]}


def test_every_act_of_a_claims_life_is_logged_with_claim_request_and_states(service, capsys):
    customer = service.customer()
    claim = customer.active()
    history = [entry.act for entry in service.services.store.history.list_entries(claim["id"])]

    acts = [line for line in lines(capsys) if line.get("claim") == claim["id"]]

    assert [line["act"] for line in acts] == history
    approved = next(line for line in acts if line["act"] == "claim.approved")
    assert approved["from"]["claim"] == "under_review"
    assert approved["to"]["claim"] == "approved"
    assert approved["by"] == "reviewer"
    assert approved["request_id"]


def test_filings_decisions_and_mails_are_counted_once(service, capsys):
    customer = service.customer()
    customer.active()

    counted: Counter[str] = Counter()
    for line in lines(capsys):
        counted.update(figures(line) if "_aws" in line else {})

    assert counted["ClaimsFiled"] == 1
    assert counted["ClaimsDecided"] == 1
    assert counted["MailsSent"] == len(service.mails())


def test_a_calendar_in_use_that_ends_within_a_year_is_measured(service, capsys):
    service.customer().file()
    service.customer(country="LK", time_zone="Asia/Colombo").file()

    days = [
        figures(line)["CalendarDaysLeft"] for line in lines(capsys) if "CalendarDaysLeft" in line
    ]

    ends = (date(2026, 12, 31) - service.services.clock.now().date()).days
    assert set(days) == {ends}


def test_no_text_of_people_and_no_addresses_or_tokens_are_logged(service, capsys):
    customer = service.customer()
    claim = customer.file(comment=PRIVATE, name=PRIVATE)
    customer.review(claim, "start")
    customer.review(claim, "request-info", {"codes": ["poe_date_missing"], "message": PRIVATE})
    customer.act(claim, "respond", {"message": PRIVATE})
    customer.answer(claim, "opt_out", reason=PRIVATE, comment=PRIVATE)
    filed, mails = customer.filing(1), service.mails()

    out = capsys.readouterr().out

    people = [
        person[key]
        for kind in ("customer_contact", "technical_contact", "partner_contact")
        for person in [filed[kind]]
        for key in ("name", "email")
    ]
    tokens = [link.rpartition("/")[2] for mail in mails for link in mail["links"] if "/o/" in link]
    assert '"customer.opted_out"' in out
    assert tokens
    assert not [word for word in (PRIVATE, *people, *tokens, customer.by()) if word in out]


def test_a_sweep_logs_how_long_the_oldest_deadline_has_waited(service, capsys):
    customer = service.customer()
    service.kick = lambda: None
    service.post("/v1/claims", customer.filing(1), by=customer.by(1))
    service.services.clock.move(service.services.clock.now() + timedelta(minutes=7))
    capsys.readouterr()

    queue_handlers.handle_sweep(service.services)

    (line,) = lines(capsys)
    assert figures(line)["DueFound"] >= 1
    assert 200 <= figures(line)["OldestDueSeconds"] <= 420, (
        "a filing is due again after two minutes, until its mails are sent"
    )


def test_a_sweep_that_finds_nothing_is_logged_too(capsys):
    metrics.log_sweep(0, None, AT)

    (line,) = lines(capsys)
    assert figures(line) == {"DueFound": 0, "OldestDueSeconds": 0.0}


def test_a_batch_counts_repeated_and_failed_messages_without_their_text(service, capsys):
    repeated = {
        "messageId": "m-1",
        "body": json.dumps({"ids": PRIVATE}),
        "attributes": {"ApproximateReceiveCount": "3"},
    }
    broken = {"messageId": "m-2", "body": f"{{{PRIVATE}"}

    queue_handlers.handle_work(service.services.evolve(store=None), [repeated, broken])

    first, second, summary = lines(capsys)
    assert [(line["level"], line["request_id"]) for line in (first, second)] == [
        ("error", "m-1"),
        ("error", "m-2"),
    ]
    assert second["error"][0] == "json.decoder.JSONDecodeError"
    assert figures(summary) == {"WorkDone": 0, "WorkRetried": 1, "WorkFailed": 2}
    assert PRIVATE not in json.dumps([first, second, summary])


@pytest.mark.parametrize(
    ("kind", "figure"),
    [("Delivery", "MailsDelivered"), ("Bounce", "MailsBounced"), ("Complaint", "MailsComplained")],
)
def test_mail_events_are_counted_by_kind(service, capsys, kind, figure):
    customer = service.customer()
    claim = customer.file()
    mail = service.services.store.mails.list_of_claim(tenant_key(customer.tenant_id), claim["id"])[
        0
    ]
    event = {
        "eventType": kind,
        "mail": {"tags": {"mail": [mail.id]}, "timestamp": "2026-11-20T12:00:00Z"},
        "bounce": {"bounceType": "Permanent"},
    }
    capsys.readouterr()

    queue_handlers.handle_mail_events(
        service.services, [{"messageId": "1", "body": json.dumps(event)}]
    )

    assert [figures(line) for line in lines(capsys) if "_aws" in line and figure in line] == [
        {figure: 1}
    ]


@pytest.mark.parametrize(
    "body",
    [
        "Successfully validated SNS topic for Amazon SES event publishing.",
        '{"eventType": "Open", "mail": {"tags": {"mail": ["mai_1"]}}}',
        (
            '{"eventType": "Bounce", "mail": {"tags": {"mail": ["mai_1"]}}, '
            '"bounce": {"bounceType": "Transient", "timestamp": "2026-11-20T12:00:00Z"}}'
        ),
    ],
)
def test_a_message_that_is_no_event_of_a_mail_is_counted_and_not_repeated(service, capsys, body):
    capsys.readouterr()

    answer = queue_handlers.handle_mail_events(service.services, [{"messageId": "1", "body": body}])

    ignored, summary = (figures(line) for line in lines(capsys))
    assert answer == {"batchItemFailures": []}
    assert ignored == {"MailEventsIgnored": 1}
    assert summary == {"WorkDone": 1, "WorkRetried": 0, "WorkFailed": 0}


def test_ids_that_cannot_be_queued_are_logged_and_nothing_is_raised(capsys):
    def refuse(**_: Any) -> None:
        raise ClientError(
            {"Error": {"Code": "AccessDenied", "Message": PRIVATE}}, "SendMessageBatch"
        )

    SqsWorkQueue(SimpleNamespace(send_message_batch=refuse), "https://queue.example").enqueue(
        ["clm_1", "clm_2"]
    )

    (line,) = lines(capsys)
    assert line["level"] == "error"
    assert line["not_queued"] == 2
    assert line["error"][0] == "botocore.exceptions.ClientError AccessDenied"
    assert PRIVATE not in json.dumps(line)
