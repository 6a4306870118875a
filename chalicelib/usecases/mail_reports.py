"""Parse the mail service's reports: SES event documents to events of this service.

Sources: docs.aws.amazon.com/ses, "Contents of event data that Amazon SES publishes", and for
bounces "Amazon SNS notification contents"; RFC 3464 for action and status.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from chalicelib.domain.mail_records import MailEvent, ReportType

# A mail that SES refused to deliver because of a virus has reached its recipient no more than one
# that bounced.
TYPES: Mapping[str, ReportType] = {
    "send": "send",
    "delivery": "delivery",
    "bounce": "bounce",
    "reject": "bounce",
    "complaint": "complaint",
}
# Codes are compared in lower case: SES's own interfaces spell them in two ways ("Transient" in
# events, "TRANSIENT" in API_Bounce), and action and feedback type are case-insensitive by RFC 3464
# (2.3.3) and RFC 5965.
NOT_FINAL = "transient"  # Permanent and Undetermined are final, and so is a type not known yet
# Transient bounces after which SES does not try again: the mail is not in the mailbox.
GIVEN_UP = frozenset(
    {
        "mailboxfull",
        "messagetoolarge",
        "contentrejected",
        "attachmentrejected",
        "customtimeoutexceeded",  # not delivered within the time that the sender allows
    }
)
NO_COMPLAINT = "not-spam"  # the recipient has marked the mail as no junk (RFC 6430)
# Statuses (RFC 3463): permanent; a full mailbox or too large a mail (4.2.2, 4.2.3, 4.3.4) keeps the
# mail out of the mailbox as well.
PERMANENT_STATUS = re.compile(r"\s*(5\.|4\.(2\.[23]|3\.4)\b)")
# Text of a server that refuses permanently (RFC 5321, 4.2.1; RFC 3463), as RFC 3464 (2.3.6) quotes
# it, with the type that the server gives, or as Postfix does ("host … said: 550 …").
PERMANENT_REPLY = re.compile(
    r"\s*([\w-]+\s*;\s*)?(.*\bsaid:\s*)?"
    r"(5(\d\d\b|\.\d{1,3}\.\d)|4\d\d[ -]4\.(2\.[23]|3\.4)\b)"
)
# Fields that hold an event, or an envelope of it: SNS, Lambda's events of SNS and SQS, EventBridge.
ENVELOPES = ("Message", "Records", "Sns", "body", "detail")
MAX_ENVELOPES = 6  # SES in EventBridge in SNS in a queue, each as Lambda passes it on


def parse_report(body: str, received_at: datetime) -> tuple[str, MailEvent] | None:
    """Parse a message of the mail service: the mail's id, and its event.

    The event may come as it is or in envelopes (`unwrap`). None when the message says nothing about
    an address of ours: another kind of event, an out-of-office reply, or no event at all (SES
    writes a sentence when an event destination is made).

    Args:
        body: the message.
        received_at: when it was received. Nothing happened later, and what has no readable moment
            happened then.
    """
    document = unwrap(_parse_object(body))
    name = _read_name(document)
    mail_id = _read_mail_id(document)
    detail = _as_object(document.get(name))
    if name not in TYPES or not mail_id or not _is_final(name, detail):
        return None
    mail = _as_object(document.get("mail"))
    provider_id = mail.get("messageId")
    event = MailEvent(
        type=TYPES[name],
        at=_parse_moment(detail.get("timestamp") or mail.get("timestamp"), received_at),
        provider_id=None if provider_id is None else str(provider_id),
    )
    return mail_id, event


def _is_final(name: str, detail: Mapping[str, Any]) -> bool:
    """Whether the event is about the address, and not about one attempt or an automatic reply."""
    if name == "complaint":
        return _read_code(detail, "complaintFeedbackType") != NO_COMPLAINT
    if name != "bounce" or _read_code(detail, "bounceType") != NOT_FINAL:
        return True
    recipients = detail.get("bouncedRecipients")
    failed = isinstance(recipients, list) and any(_has_failed(_as_object(r)) for r in recipients)
    return failed or _read_code(detail, "bounceSubType") in GIVEN_UP


def _has_failed(recipient: Mapping[str, Any]) -> bool:
    """Return whether delivery has failed permanently.

    Automatic replies carry no action, status or reply of a server.
    """
    action = _read_code(recipient, "action")
    return action == "failed" or (action != "delayed" and _is_refused(recipient))


def _is_refused(recipient: Mapping[str, Any]) -> bool:
    return bool(
        PERMANENT_STATUS.match(str(recipient.get("status") or ""))
        or PERMANENT_REPLY.match(str(recipient.get("diagnosticCode") or ""))
    )


def unwrap(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an event without its envelopes: of SNS, EventBridge and Lambda, in any order."""
    for _ in range(MAX_ENVELOPES):
        name = next((name for name in ENVELOPES if document.get(name)), None)
        if name is None:
            break
        held = document[name]
        held = held[0] if isinstance(held, list) else held
        document = _parse_object(held) if isinstance(held, str) else _as_object(held)
    return document


def _read_name(document: Mapping[str, Any]) -> str:
    """Return the type of an event in lower case; without one, that of the part that it has."""
    said = _read_code(document, "eventType") or _read_code(document, "notificationType")
    return said or next((name for name in TYPES if isinstance(document.get(name), dict)), "")


def _read_mail_id(document: Mapping[str, Any]) -> str | None:
    """Return the id that our own tag names; other senders of the account have no such tag."""
    tags = _as_object(_as_object(document.get("mail")).get("tags")).get("mail")
    value = tags[0] if isinstance(tags, list) and tags else tags
    return value if isinstance(value, str) else None


def _parse_object(text: str) -> Mapping[str, Any]:
    """Parse a document, which some programs write as a JSON text in JSON."""
    try:
        found = json.loads(text.removeprefix("\ufeff"))
        return _as_object(json.loads(found) if isinstance(found, str) else found)
    except (ValueError, RecursionError):  # the second: nested deeper than Python reads
        return {}


def _as_object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _read_code(part: Mapping[str, Any], name: str) -> str:
    """Return a code in lower case, empty when there is none."""
    return str(part.get(name) or "").strip().lower()


def _parse_moment(text: Any, received_at: datetime) -> datetime:
    """SES writes UTC, also without a zone."""
    try:
        at = datetime.fromisoformat(str(text))
        return min((at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC), received_at)
    except (ValueError, OverflowError):  # the second: in the first or last hours of the calendar
        return received_at
