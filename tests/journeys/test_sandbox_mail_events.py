"""Event documents of SES in a sandbox are processed as in production."""

import json

import pytest


def report(service, mail, document):
    return service.call("POST", f"/sandbox/mail/{mail['id']}/events", {"ses": document})


def find_notice(service, claim, customer):
    return service.mails(claim["id"], "notice", to=customer.admin)[0]


def a_bounce(**changes):
    """Return a bounce as the mail service documents it, about another mail and recipient."""
    detail = {
        "bounceType": "Permanent",
        "bounceSubType": "General",
        "bouncedRecipients": [
            {"emailAddress": "recipient@example.com", "action": "failed", "status": "5.1.1"}
        ],
        "timestamp": "2016-10-14T20:09:46.861Z",
        "feedbackId": "0100017",
    }
    return {
        "eventType": "Bounce",
        "bounce": detail | changes,
        "mail": {
            "timestamp": "2016-10-14T20:09:45.000Z",
            "messageId": "EXAMPLE7c191be45",
            "destination": ["recipient@example.com"],
            "tags": {"ses:configuration-set": ["ConfigSet"]},
        },
    }


@pytest.mark.parametrize(
    ("document", "event", "answer"),
    [
        (a_bounce(), "bounce", "undeliverable"),
        (a_bounce(bounceType="Undetermined"), "bounce", "undeliverable"),
        (a_bounce(bounceType="Transient", bouncedRecipients=[]), None, "open"),
        (
            a_bounce(bounceType="Transient", bounceSubType="MailboxFull", bouncedRecipients=[{}]),
            "bounce",
            "undeliverable",
        ),
        ({"eventType": "Complaint", "complaint": {}}, "complaint", "undeliverable"),
        (
            {"eventType": "Complaint", "complaint": {"complaintFeedbackType": "not-spam"}},
            None,
            "open",
        ),
        (
            {"eventType": "Delivery", "delivery": {"recipients": ["x@example.com"]}},
            "delivery",
            "open",
        ),
        ({"eventType": "Send", "send": {}}, "send", "open"),
        ({"eventType": "Open"}, None, "open"),
        (
            {"notificationType": "Bounce", "bounce": {"bounceType": "Permanent"}},
            "bounce",
            "undeliverable",
        ),
        (
            {"Type": "Notification", "Message": json.dumps(a_bounce())},
            "bounce",
            "undeliverable",
        ),
        (
            {"detail-type": "Email Bounced", "source": "aws.ses", "detail": a_bounce()},
            "bounce",
            "undeliverable",
        ),
        ({"Type": "Notification", "Message": "Successfully validated SNS topic."}, None, "open"),
        ({}, None, "open"),
        ({"eventType": 5, "mail": "x", "bounce": []}, None, "open"),
    ],
)
def test_a_document_of_the_mail_service_has_its_effect(service, document, event, answer):
    customer = service.customer()
    claim = customer.file()
    notice = find_notice(service, claim, customer)

    reported = report(service, notice, document)

    assert (reported.status, reported.json) == (200, {"id": notice["id"], "type": event})
    assert customer.claim(claim)["customer_answer"] == answer
    # The emulator's own delivery may be recorded more than once.
    events = list(dict.fromkeys(find_notice(service, claim, customer)["events"]))
    assert events == list(dict.fromkeys(["delivery", *([event] if event else [])]))


@pytest.mark.parametrize("moment", ["yesterday", "9999-12-31T23:59:59-14:00", None, 5])
def test_a_bounce_counts_though_its_moment_is_none(service, moment):
    customer = service.customer()
    claim = customer.file()

    report(service, find_notice(service, claim, customer), a_bounce(timestamp=moment))

    assert customer.claim(claim)["customer_answer"] == "undeliverable"


@pytest.mark.parametrize("body", [{}, {"type": "bounce", "ses": {}}])
def test_an_event_is_given_in_one_of_two_ways(service, body):
    customer = service.customer()
    notice = find_notice(service, customer.file(), customer)

    refused = service.call("POST", f"/sandbox/mail/{notice['id']}/events", body)

    assert (refused.status, refused.json["errors"][0]["code"]) == (422, "one_of")
