"""What the mail service reports about a mail: SES event documents, as events of our own.

Sources: docs.aws.amazon.com/ses, "Contents of event data that Amazon SES publishes", and for
bounces "Amazon SNS notification contents"; RFC 3464 for action and status.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from chalicelib.domain.mail_records import MailEvent, ReportType

# A mail that SES refused to deliver because of a virus has reached its recipient no more than one
# that bounced.
TYPES: Mapping[str, ReportType] = {
    "Send": "send",
    "Delivery": "delivery",
    "Bounce": "bounce",
    "Reject": "bounce",
    "Complaint": "complaint",
}
FINAL_BOUNCES = frozenset({"Permanent", "Undetermined"})
# Transient bounces after which SES does not try again: the mail is not in the mailbox.
GIVEN_UP = frozenset({"MailboxFull", "MessageTooLarge", "ContentRejected", "AttachmentRejected"})
NO_COMPLAINT = "not-spam"  # the recipient has taken the mail out of junk (RFC 6430)


def parse_report(body: str) -> tuple[str, MailEvent] | None:
    """Read a message of the mail service: the mail's id, and what became of it.

    The event may come as it is, in an SNS or in an EventBridge envelope. None when the message says
    nothing about an address of ours: another kind of event, an out-of-office reply, or no event at
    all (SES writes a sentence when an event destination is made).
    """
    document = _unwrap(_parse_object(body))
    name = str(document.get("eventType") or document.get("notificationType") or "")
    mail_id = _read_mail_id(document)
    detail = _as_object(document.get(name.lower()))
    if name not in TYPES or not mail_id or not _is_final(name, detail):
        return None
    mail = _as_object(document.get("mail"))
    event = MailEvent(
        type=TYPES[name],
        at=_parse_moment(detail.get("timestamp") or mail["timestamp"]),
        provider_id=mail.get("messageId"),
    )
    return mail_id, event


def _is_final(name: str, detail: Mapping[str, Any]) -> bool:
    """Whether the event is about the address, and not about one attempt or an automatic reply."""
    if name == "Complaint":
        return detail.get("complaintFeedbackType") != NO_COMPLAINT
    if name != "Bounce" or detail.get("bounceType") in FINAL_BOUNCES:
        return True
    recipients = detail.get("bouncedRecipients")
    failed = isinstance(recipients, list) and any(_has_failed(_as_object(r)) for r in recipients)
    return failed or detail.get("bounceSubType") in GIVEN_UP


def _has_failed(recipient: Mapping[str, Any]) -> bool:
    """Whether delivery has failed for good. Automatic replies carry neither action nor status."""
    status = str(recipient.get("status") or "")
    return recipient.get("action") == "failed" or status.startswith("5.")


def _unwrap(document: Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(document.get("Message"), str):  # SNS without raw delivery
        return _parse_object(document["Message"])
    return _as_object(document.get("detail")) or document  # EventBridge


def _read_mail_id(document: Mapping[str, Any]) -> str | None:
    """Return the id that our own tag names; other senders of the account have no such tag."""
    tags = _as_object(_as_object(document.get("mail")).get("tags")).get("mail")
    return str(tags[0]) if isinstance(tags, list) and tags else None


def _parse_object(text: str) -> Mapping[str, Any]:
    try:
        return _as_object(json.loads(text))
    except (ValueError, RecursionError):  # the second: nested deeper than Python reads
        return {}


def _as_object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _parse_moment(text: Any) -> datetime:
    """SES writes UTC, also without a zone."""
    at = datetime.fromisoformat(str(text))
    return at if at.tzinfo else at.replace(tzinfo=UTC)
