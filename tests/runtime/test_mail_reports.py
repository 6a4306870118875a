"""Events of the mail service: which mail they are about, and when they happened."""

import json
from datetime import UTC, datetime

import pytest

from chalicelib.usecases.mail_reports import parse_report

MAIL = "mai_0"


def an_event(**changes):
    mail = {"tags": {"mail": [MAIL]}, "timestamp": "2026-11-20T12:00:00Z", "messageId": "m-1"}
    return {
        "eventType": "Delivery",
        "mail": mail,
        "delivery": {"timestamp": "2026-11-20T12:00:05Z"},
        **changes,
    }


def parse(event):
    return parse_report(json.dumps(event))


@pytest.mark.parametrize(
    "mail",
    [
        None,
        {},
        {"tags": None},
        {"tags": {}},
        {"tags": {"mail": None}},
        {"tags": {"mail": []}},
        {"tags": {"other": ["x"]}},
    ],
)
def test_an_event_without_our_tag_is_about_no_mail(mail):
    assert parse(an_event(mail=mail)) is None


@pytest.mark.parametrize("detail", [None, {}, {"timestamp": None}, {"timestamp": ""}])
def test_without_a_moment_of_its_own_an_event_has_the_mails(detail):
    _, event = parse(an_event(delivery=detail))

    assert event.at == datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-20T12:00:05Z", datetime(2026, 11, 20, 12, 0, 5, tzinfo=UTC)),
        ("2026-11-20T12:00:05.123Z", datetime(2026, 11, 20, 12, 0, 5, 123_000, tzinfo=UTC)),
        ("2026-11-20T12:00:05", datetime(2026, 11, 20, 12, 0, 5, tzinfo=UTC)),
        ("2026-11-20T13:00:05+01:00", datetime(2026, 11, 20, 12, 0, 5, tzinfo=UTC)),
    ],
)
def test_a_moment_without_a_zone_is_in_utc(text, at):
    mail_id, event = parse(an_event(delivery={"timestamp": text}))

    assert mail_id == MAIL
    assert event.at == at


def a_bounce(kind, sub_type="General", **recipient):
    recipients = [{"emailAddress": "it@fabrikam.example", **recipient}]
    detail = {"bounceType": kind, "bounceSubType": sub_type, "bouncedRecipients": recipients}
    return an_event(eventType="Bounce", bounce=detail)


@pytest.mark.parametrize(
    "event",
    [
        a_bounce("Permanent"),
        a_bounce("Permanent", "OnAccountSuppressionList"),
        a_bounce("Undetermined", "Undetermined"),
        # AI-Shipping-Labs/website#827: a hard bounce that SES calls transient
        a_bounce("Transient", action="failed", status="5.3.0", diagnosticCode="smtp; 550 denied"),
        a_bounce("Transient", status="5.0.0"),  # mozilla/fxa-content-server#5629
        a_bounce("Transient", "MailboxFull", status="4.2.2"),  # typebot.io#2377, listmonk#982
        a_bounce("Transient", "MessageTooLarge"),
        a_bounce("Transient", "ContentRejected"),
        a_bounce("Transient", "AttachmentRejected"),
        an_event(eventType="Reject", reject={"reason": "Bad content"}),
    ],
)
def test_what_the_mail_service_has_given_up_on_is_a_bounce(event):
    _, found = parse(event)

    assert found.type == "bounce"


@pytest.mark.parametrize(
    "event",
    [
        a_bounce("Transient"),  # an out-of-office reply: phoenix_kit#156, fxa-auth-server#1943
        a_bounce("Transient", action="delayed", status="4.4.7"),
        an_event(eventType="DeliveryDelay", deliveryDelay={"delayType": "MailboxFull"}),
        an_event(eventType="Open", open={}),
        # PostHog#88964: taken out of the junk folder
        an_event(eventType="Complaint", complaint={"complaintFeedbackType": "not-spam"}),
    ],
)
def test_what_says_nothing_against_an_address_is_let_go(event):
    assert parse(event) is None


@pytest.mark.parametrize("feedback", ["abuse", "fraud", "virus", "other", None])
def test_a_complaint_strikes_the_address_out(feedback):
    _, found = parse(an_event(eventType="Complaint", complaint={"complaintFeedbackType": feedback}))

    assert found.type == "complaint"


@pytest.mark.parametrize(
    "body",
    [
        # ope-tech/laravel-ses#10: SES's own sentence when an event destination is made
        "Successfully validated SNS topic for Amazon SES event publishing.",
        "",
        "null",
        "[1]",
        '"text"',
        '{"eventType": null}',
        "[" * 100_000,
        '{"Type": "Notification", "Message": "Successfully validated SNS topic."}',
        '{"Type": "SubscriptionConfirmation", "Message": "You have chosen to subscribe"}',
    ],
)
def test_a_message_that_is_no_event_is_let_go(body):
    assert parse_report(body) is None


@pytest.mark.parametrize(
    "wrap",
    [
        lambda event: event,
        lambda event: {"Type": "Notification", "Message": json.dumps(event)},
        lambda event: {"detail-type": "Email Delivered", "source": "aws.ses", "detail": event},
    ],
)
def test_the_envelope_does_not_matter(wrap):
    mail_id, found = parse(wrap(an_event()))

    assert (mail_id, found.type, found.provider_id) == (MAIL, "delivery", "m-1")
