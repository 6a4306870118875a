"""Handlers of the queues and the schedule: each record is handled separately."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from chalicelib.domain.claim import Claim
from chalicelib.ports import Services
from chalicelib.runtime import metrics
from chalicelib.usecases.deadlines import sweep
from chalicelib.usecases.due_work import deliver_webhooks, run_due_work
from chalicelib.usecases.insight_check import Checked
from chalicelib.usecases.mail_events import handle_report
from chalicelib.usecases.webhook_wakeups import wake_endpoints

FIGURE_OF = {
    "send": "MailsConfirmed",
    "delivery": "MailsDelivered",
    "bounce": "MailsBounced",
    "complaint": "MailsComplained",
}


def handle_work(services: Services, records: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Do the due work of each id in each message.

    Returns the messages to receive again (SQS partial batch response).
    """

    changed: set[str] = set()

    def handle(body: str) -> None:
        for some_id in json.loads(body)["ids"]:
            done = run_due_work(services, some_id, services.clock.now())
            if isinstance(done, Claim):
                changed.add(done.organisation_id)
            elif isinstance(done, Checked):
                metrics.write_line({"InsightsWrong": len(done.wrong)}, partners=list(done.wrong))
            elif isinstance(done, frozenset):
                changed.update(done)

    failed = _handle_each(records, handle)
    wake_endpoints(services, changed)
    return failed


def handle_webhooks(services: Services, records: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Deliver what waits for the endpoint of each id, and ask again where more waits.

    A receiver's failure is no failure here. Returns the messages to receive again.
    """

    def handle(body: str) -> None:
        for endpoint_id in json.loads(body)["ids"]:
            deliver_webhooks(services, endpoint_id, services.clock.now())

    return _handle_each(records, handle)


def handle_mail_events(services: Services, records: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Record the mail service's reports.

    Messages that are not about a mail of this service are counted and dropped. Returns the messages
    to receive again (SQS partial batch response).
    """

    changed: set[str] = set()

    def handle(body: str) -> None:
        recorded = handle_report(services, body, services.clock.now())
        metrics.write_line({FIGURE_OF[recorded.type] if recorded else "MailEventsIgnored": 1})
        changed.update(recorded.organisation_ids if recorded else ())

    failed = _handle_each(records, handle)
    wake_endpoints(services, changed)
    return failed


def handle_sweep(services: Services) -> None:
    """Send what is due to the worker, and log how much that was."""
    now = services.clock.now()
    metrics.log_sweep(*sweep(services, now), now)


def _handle_each(
    records: Iterable[dict[str, Any]], handle: Callable[[str], None]
) -> dict[str, Any]:
    failed, retried, count = [], 0, 0
    for record in records:
        count += 1
        retried += int(record.get("attributes", {}).get("ApproximateReceiveCount", 1)) > 1
        token = metrics.request_id.set(record["messageId"])
        try:
            handle(record["body"])
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
