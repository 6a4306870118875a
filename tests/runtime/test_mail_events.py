"""Events of the mail service: which mail they are about, and when they happened."""

from datetime import UTC, datetime

import pytest

from chalicelib.runtime.queue_handlers import parse_mail_event

MAIL = "mai_0"


def an_event(**changes):
    mail = {"tags": {"mail": [MAIL]}, "timestamp": "2026-11-20T12:00:00Z", "messageId": "m-1"}
    return {
        "eventType": "Delivery",
        "mail": mail,
        "delivery": {"timestamp": "2026-11-20T12:00:05Z"},
        **changes,
    }


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
    assert parse_mail_event(an_event(mail=mail)) is None


@pytest.mark.parametrize("detail", [None, {}, {"timestamp": None}, {"timestamp": ""}])
def test_without_a_moment_of_its_own_an_event_has_the_mails(detail):
    _, event = parse_mail_event(an_event(delivery=detail))

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
    mail_id, event = parse_mail_event(an_event(delivery={"timestamp": text}))

    assert mail_id == MAIL
    assert event.at == at
