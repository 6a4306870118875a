"""Events of the mail service: which mail they are about, and when they happened."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.usecases.mail_reports import parse_report

MAIL = "mai_0"
RECIPIENT = ("emailAddress", "action", "status", "diagnosticCode")
RECEIVED = datetime(2026, 11, 20, 12, 1, tzinfo=UTC)


def an_event(**changes):
    mail = {"tags": {"mail": [MAIL]}, "timestamp": "2026-11-20T12:00:00Z", "messageId": "m-1"}
    return {
        "eventType": "Delivery",
        "mail": mail,
        "delivery": {"timestamp": "2026-11-20T12:00:05Z"},
        **changes,
    }


def parse(event):
    return parse_report(json.dumps(event), RECEIVED)


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


@pytest.mark.parametrize(
    "moment",
    [
        "yesterday",
        "Fri, 20 Nov 2026 12:00:05 GMT",
        1795176005,
        {"at": 1},
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00+14:00",
        "2026-11-21T12:00:00Z",
    ],
)
def test_what_cannot_be_a_moment_is_when_the_event_was_received(moment):
    _, event = parse(an_event(delivery={"timestamp": moment}))

    assert event.at == RECEIVED


def test_an_event_without_any_moment_or_message_is_when_it_was_received():
    _, event = parse(an_event(mail={"tags": {"mail": [MAIL]}}, delivery=None))

    assert (event.at, event.provider_id) == (RECEIVED, None)


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
        # docs.aws.amazon.com/ses, "Bounce types": the sender's own time limit has passed
        a_bounce("Transient", "CustomTimeoutExceeded", diagnosticCode="smtp; 451 4.4.1 no answer"),
        # Suppressed by the account, by a tenant of it, and by the validation of addresses
        a_bounce("Permanent", "OnTenantSuppressionList"),
        a_bounce("Permanent", "EmailValidationSuppressed"),
        a_bounce("Permanent", "UnsubscribedRecipient"),
        # Codes in the other spelling of SES (API_Bounce), and as RFC 3464 (2.3.3) lets servers
        a_bounce("PERMANENT", "GENERAL"),
        a_bounce("TRANSIENT", "mailboxfull"),
        a_bounce("Transient", action="Failed", status="4.4.7"),  # expired after days of attempts
        a_bounce("Transient", status=" 5.7.1 (delivery not authorized)"),
        # the reply alone, as RFC 3464 (2.3.6) quotes it: 5yz is final (RFC 5321, 4.2.1)
        a_bounce("Transient", diagnosticCode="smtp; 550 5.1.1 user unknown"),
        a_bounce("Transient", diagnosticCode="SMTP;554 mailbox disabled"),
        a_bounce("Transient", diagnosticCode="552 over quota"),
        a_bounce("Transient", diagnosticCode="smtp; 550-5.1.1 The account does not exist"),
        a_bounce("Transient", diagnosticCode="smtp;\r\n 554 5.7.1 blocked"),
        a_bounce("Transient", diagnosticCode="x-unix; 550 no such user"),
        a_bounce("Transient", diagnosticCode="X-Notes; 5.1.1 user unknown"),
        # RFC 3463: the mailbox is full, or the mail too large; and the reply of Gmail
        a_bounce("Transient", status="4.2.2"),
        a_bounce("Transient", status="4.2.3"),
        a_bounce("Transient", status="4.3.4"),
        a_bounce("Transient", diagnosticCode="smtp; 452 4.2.2 The account is over quota"),
        a_bounce("Transient", diagnosticCode="smtp; 452-4.2.2 The account is over quota"),
        # as Postfix quotes the server that it delivered to (bounce(8))
        a_bounce("Transient", diagnosticCode="X-Postfix; host mx[1.2.3.4] said: 550 5.1.1 unknown"),
        # the spelling of MatchingEventTypes (API_EventDestination)
        an_event(eventType="BOUNCE", bounce={"bounceType": "PERMANENT"}),
        a_bounce(None),  # as undetermined as it can be
        a_bounce("Blocked"),  # a type that this version does not know
        an_event(eventType="Bounce", bounce=None),
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
        # RFC 3464, 2.3.3: passed on, which is no failure
        a_bounce("Transient", action="relayed", status="2.0.0", diagnosticCode="smtp; 250 ok"),
        a_bounce("Transient", action="expanded", status="2.0.0"),
        a_bounce("Transient", diagnosticCode="smtp; 451 4.7.1 try again in 550 s"),
        a_bounce("Transient", diagnosticCode="X-Postfix; host mx[5.9.1.1] said: 450 4.2.0 later"),
        a_bounce("Transient", action="delayed", status="4.2.2"),
        a_bounce("Transient", status="4.2.1"),
        a_bounce("Transient", status="4.2.20"),
        a_bounce("Transient", diagnosticCode="smtp; 451 4.3.0 try again, see 4.2.2"),
        a_bounce("Transient", diagnosticCode="Unable to lookup DNS for fabrikam.example"),
        a_bounce("TRANSIENT", "GENERAL", diagnosticCode="smtp; 421 4.7.0 try again later"),
        a_bounce("Transient", action="Delayed", diagnosticCode="smtp; 550 greylisted"),
        an_event(eventType="Rendering Failure", failure={"templateName": "x"}),
        an_event(eventType="Subscription", subscription={"contactList": "x"}),
        an_event(eventType="Complaint", complaint={"complaintFeedbackType": "Not-Spam"}),
        an_event(eventType="DeliveryDelay", deliveryDelay={"delayType": "MailboxFull"}),
        an_event(eventType="Open", open={}),
        an_event(eventType="Click", click={"link": "https://cpor.example/o/x"}),
        {"notificationType": "AmazonSnsSubscriptionSucceeded", "message": "You have subscribed"},
        {"detail-type": "Sending Status Enabled", "detail": {"data": {"origin": "x"}}},
        # PostHog#88964: taken out of the junk folder
        an_event(eventType="Complaint", complaint={"complaintFeedbackType": "not-spam"}),
    ],
)
def test_what_says_nothing_against_an_address_is_let_go(event):
    assert parse(event) is None


# The feedback types that SES documents (RFC 5965, 6591), and none.
@pytest.mark.parametrize("feedback", ["abuse", "auth-failure", "fraud", "virus", "other", None])
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
        '{"Records": []}',
        '{"Records": [{"Sns": {"Message": "Successfully validated SNS topic."}}]}',
        '{"Records": [[{"Records": 1}]]}',
        '"Successfully validated SNS topic."',
        '{"Type": "SubscriptionConfirmation", "Message": "You have chosen to subscribe"}',
    ],
)
def test_a_message_that_is_no_event_is_let_go(body):
    assert parse_report(body, RECEIVED) is None


def a_notification(event):
    return {"Type": "Notification", "TopicArn": "arn:x", "Message": json.dumps(event)}


@pytest.mark.parametrize(
    "wrap",
    [
        lambda event: event,
        lambda event: {"Type": "Notification", "Message": json.dumps(event)},
        lambda event: {"detail-type": "Email Delivered", "source": "aws.ses", "detail": event},
        # EventBridge's rule with a topic as its target
        lambda event: {"Type": "Notification", "Message": json.dumps({"detail": event})},
        lambda event: {"notificationType": event.pop("eventType"), **event},
        # AWS Lambda, "Amazon SNS event" and "Amazon SQS event": a function that passes its own on
        lambda event: {"Records": [{"EventSource": "aws:sns", "Sns": a_notification(event)}]},
        lambda event: {"Records": [{"messageId": "1", "body": json.dumps(a_notification(event))}]},
        lambda event: a_notification({"detail-type": "Email Delivered", "detail": event}),
        # JSON in JSON: craft-campaign#203
        lambda event: json.dumps(event),
        lambda event: {"Type": "Notification", "Message": json.dumps(json.dumps(event))},
        lambda event: {"detail-type": "Email Delivered", "detail": json.dumps(event)},
        # without its type, which the part of the event tells
        lambda event: {name: part for name, part in event.items() if name != "eventType"},
    ],
)
def test_the_envelope_does_not_matter(wrap):
    mail_id, found = parse(wrap(an_event()))

    assert (mail_id, found.type, found.provider_id) == (MAIL, "delivery", "m-1")


def test_a_tag_may_have_one_value():
    event = an_event()
    event["mail"]["tags"] = {"mail": MAIL}

    mail_id, _ = parse(event)

    assert mail_id == MAIL


def test_a_byte_order_mark_before_an_event_does_not_matter():
    assert parse_report("\ufeff" + json.dumps(an_event()), RECEIVED) is not None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
DETAILS = st.fixed_dictionaries(
    {},
    optional={
        "timestamp": JSON,
        "bounceType": JSON,
        "bounceSubType": JSON,
        "complaintFeedbackType": JSON,
        "bouncedRecipients": JSON
        | st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(RECIPIENT, JSON)), max_size=2),
    },
)
EVENTS = st.fixed_dictionaries(
    {"eventType": st.sampled_from(["Send", "Delivery", "Bounce", "Reject", "Complaint"]) | JSON},
    optional={
        **dict.fromkeys(["send", "delivery", "bounce", "reject", "complaint"], DETAILS | JSON),
        "mail": JSON
        | st.fixed_dictionaries(
            {"tags": JSON | st.fixed_dictionaries({"mail": JSON | st.just([MAIL])})},
            optional={"timestamp": JSON, "messageId": JSON},
        ),
        "Message": JSON,
        "detail": JSON,
        "Records": JSON,
    },
)


@given(st.text() | JSON.map(json.dumps) | EVENTS.map(json.dumps))
def test_no_message_whatever_is_an_error(body):
    found = parse_report(body, RECEIVED)

    assert found is None or found[1].at <= RECEIVED
