"""Every way into the service: HTTP routes, queues of work, mail events and webhooks, the sweep."""

from chalicelib.runtime import startup  # isort: skip  # first: no garbage collection while importing
import logging
from typing import Any

from chalice.app import Chalice, CloudWatchEvent, Rate, SQSEvent

from chalicelib.runtime import wiring
from chalicelib.runtime.lazy_import import load
from chalicelib.runtime.settings import settings
from chalicelib.web.http.registration import register
from chalicelib.web.routes import PROBLEM_PAGE, ROUTES

settings().require_valid()
# Lambda has a handler for log records already; elsewhere there is none.
logging.basicConfig(format="%(levelname)s %(name)s %(message)s")
app = Chalice(app_name="cpor", configure_logs=False)
register(app, ROUTES, services=lambda event: wiring.services(), problem_page=PROBLEM_PAGE)


# As many workers as a table with eight thousand write units a second can bear (docs/scale.md), and
# no more: the rest of the account's concurrency is for the API.
@app.on_sqs_message(queue="cpor-work", batch_size=10, maximum_concurrency=100, name="worker")
def worker(event: SQSEvent) -> Any:
    return load("runtime.queue_handlers:handle_work")(wiring.services(), event.to_dict()["Records"])


@app.on_sqs_message(queue="cpor-mail-events", batch_size=10, name="mail_events")
def mail_events(event: SQSEvent) -> Any:
    return load("runtime.queue_handlers:handle_mail_events")(
        wiring.services(), event.to_dict()["Records"]
    )


# One endpoint an invocation, so that a slow receiver delays nobody else's events.
@app.on_sqs_message(queue="cpor-webhooks", batch_size=1, name="webhooks")
def webhooks(event: SQSEvent) -> Any:
    return load("runtime.queue_handlers:handle_webhooks")(
        wiring.services(), event.to_dict()["Records"]
    )


@app.schedule(Rate(1, unit=Rate.MINUTES), name="sweep")
def sweep(event: CloudWatchEvent) -> None:
    load("runtime.queue_handlers:handle_sweep")(wiring.services())


startup.finish()
