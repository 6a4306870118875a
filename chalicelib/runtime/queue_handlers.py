"""Queue and schedule events: one record after the other, and what failed comes again."""

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from chalicelib.domain.mail_records import MailEvent
from chalicelib.ports import Services
from chalicelib.runtime import metrics
from chalicelib.usecases.deadlines import sweep as sweep_due
from chalicelib.usecases.due_work import run_due_work
from chalicelib.usecases.mail_events import mail_event

BECAME = {"delivery": "MailsDelivered", "bounce": "MailsBounced", "complaint": "MailsComplained"}
KINDS = {"Delivery": "delivery", "Bounce": "bounce", "Complaint": "complaint"}
# A soft bounce may still be delivered: only what the service has given up on, or cannot tell,
# strikes an address out.
FINAL = frozenset({"Permanent", "Undetermined"})


def work(services: Services, records: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Looks at each id of each message; answers which messages must come again (SQS partial batch
    response).
    """

    def one(body: dict[str, Any]) -> None:
        for some_id in body["ids"]:
            run_due_work(services, some_id, services.clock.now())

    return _each(records, one)


def mail_events(services: Services, records: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Takes in what the mail service says (SES by SNS, raw or wrapped)."""

    def one(body: dict[str, Any]) -> None:
        told = json.loads(body["Message"]) if "Message" in body else body
        if (found := event_of(told)) is not None:
            mail_event(services, *found, services.clock.now())
            metrics.line({BECAME[found[1].type]: 1})

    return _each(records, one)


def sweep(services: Services) -> None:
    """Sends what is due to the worker, and says how long the oldest of it has been waiting."""
    now = services.clock.now()
    metrics.swept(*sweep_due(services, now), now)


def event_of(told: dict[str, Any]) -> tuple[str, MailEvent] | None:
    """Mail id and event of an SES notification; None for kinds that say nothing about an address."""
    name = told.get("eventType") or told.get("notificationType") or ""
    kind = KINDS.get(name)
    tags = told.get("mail", {}).get("tags", {}).get("mail", [])
    if kind is None or not tags:
        return None
    detail = told.get(name.lower(), {})
    if kind == "bounce" and detail.get("bounceType") not in FINAL:
        return None
    at = datetime.fromisoformat(str(detail.get("timestamp") or told["mail"]["timestamp"]))
    return tags[0], MailEvent(type=kind, at=at, provider_id=told["mail"].get("messageId"))


def _each(
    records: Iterable[dict[str, Any]], do: Callable[[dict[str, Any]], None]
) -> dict[str, Any]:
    failed, retried, seen = [], 0, 0
    for record in records:
        seen += 1
        retried += int(record.get("attributes", {}).get("ApproximateReceiveCount", 1)) > 1
        named = metrics.about.set(record["messageId"])
        try:
            do(json.loads(record["body"]))
        except Exception as bug:  # noqa: BLE001 - the edge of the process: the message comes again, then is a dead letter
            metrics.line(level="error", error=metrics.defect(bug))
            failed.append({"itemIdentifier": record["messageId"]})
        finally:
            metrics.about.reset(named)
    metrics.line(
        {"WorkDone": seen - len(failed), "WorkRetried": retried, "WorkFailed": len(failed)}
    )
    return {"batchItemFailures": failed}
