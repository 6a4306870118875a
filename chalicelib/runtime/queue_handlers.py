"""Handlers of the queues and the schedule: each record by itself, and failed ones come again."""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from chalicelib.domain.mail_records import MailEvent
from chalicelib.ports import Services
from chalicelib.runtime import metrics
from chalicelib.usecases.deadlines import sweep
from chalicelib.usecases.due_work import run_due_work
from chalicelib.usecases.mail_events import handle_mail_event

FIGURE_OF = {"delivery": "MailsDelivered", "bounce": "MailsBounced", "complaint": "MailsComplained"}
KINDS = {"Delivery": "delivery", "Bounce": "bounce", "Complaint": "complaint"}
# A soft bounce may still be delivered: only what the service has given up on, or cannot tell,
# strikes an address out.
FINAL = frozenset({"Permanent", "Undetermined"})


def handle_work(services: Services, records: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Do the due work of each id in each message.

    Returns the messages that must come again (SQS partial batch response).
    """

    def handle(body: dict[str, Any]) -> None:
        for some_id in body["ids"]:
            run_due_work(services, some_id, services.clock.now())

    return _handle_each(records, handle)


def handle_mail_events(services: Services, records: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Record what became of mails, as the mail service reports it (SES by SNS, raw or wrapped).

    Returns the messages that must come again (SQS partial batch response).
    """

    def handle(body: dict[str, Any]) -> None:
        notification = json.loads(body["Message"]) if "Message" in body else body
        if (found := parse_mail_event(notification)) is not None:
            handle_mail_event(services, *found, services.clock.now())
            metrics.write_line({FIGURE_OF[found[1].type]: 1})

    return _handle_each(records, handle)


def handle_sweep(services: Services) -> None:
    """Send what is due to the worker, and log how much that was."""
    now = services.clock.now()
    metrics.log_sweep(*sweep(services, now), now)


def parse_mail_event(notification: dict[str, Any]) -> tuple[str, MailEvent] | None:
    """Read the mail's id and the event from an SES notification; None for kinds that say nothing
    about an address.
    """
    name = notification.get("eventType") or notification.get("notificationType") or ""
    kind = KINDS.get(name)
    mail = notification.get("mail") or {}
    named = mail.get("tags")
    tags = None if named is None else named.get("mail")
    if kind is None or not tags:
        return None
    detail = notification.get(name.lower()) or {}
    if kind == "bounce" and detail.get("bounceType") not in FINAL:
        return None
    at = datetime.fromisoformat(str(detail.get("timestamp") or mail["timestamp"]))
    if at.tzinfo is None:  # SES writes UTC (docs.aws.amazon.com/ses, event-publishing-retrieving)
        at = at.replace(tzinfo=UTC)
    return tags[0], MailEvent(type=kind, at=at, provider_id=mail.get("messageId"))


def _handle_each(
    records: Iterable[dict[str, Any]], handle: Callable[[dict[str, Any]], None]
) -> dict[str, Any]:
    failed, retried, count = [], 0, 0
    for record in records:
        count += 1
        retried += int(record.get("attributes", {}).get("ApproximateReceiveCount", 1)) > 1
        token = metrics.request_id.set(record["messageId"])
        try:
            handle(json.loads(record["body"]))
        # The edge of the process: one message that fails must not keep the others from being
        # handled. It comes again, and becomes a dead letter in the end.
        except Exception as error:  # noqa: BLE001
            metrics.write_line(level="error", error=metrics.describe_error(error))
            failed.append({"itemIdentifier": record["messageId"]})
        finally:
            metrics.request_id.reset(token)
    metrics.write_line(
        {"WorkDone": count - len(failed), "WorkRetried": retried, "WorkFailed": len(failed)}
    )
    return {"batchItemFailures": failed}
