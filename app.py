"""Every way in: the HTTP routes, the worker's queue, the mail service's events, and the sweep."""

from chalicelib.runtime import startup  # isort: skip  # first: no garbage collection while importing
import logging
from typing import Any

from chalice.app import Chalice, CloudWatchEvent, Rate, SQSEvent

from chalicelib.runtime import wiring
from chalicelib.web.api import arbitrations, partner, public, reviewer, sandbox, webhooks
from chalicelib.web.http import registration
from chalicelib.web.pages import customer

logging.basicConfig(
    format="%(levelname)s %(name)s %(message)s"
)  # Lambda has a handler already; elsewhere there is none
app = Chalice(app_name="cpor", configure_logs=False)
ROUTES = (
    partner.routes,
    reviewer.routes,
    arbitrations.routes,
    customer.routes,
    webhooks.routes,
    sandbox.routes,
    public.routes,
)
registration.register(
    app, *ROUTES, services=lambda event: wiring.services(), problem_page=customer.problem_page
)


# As many workers as a table with eight thousand write units a second can bear (docs/scale.md), and
# no more: the API has its share of the account's concurrency whatever falls due.
@app.on_sqs_message(queue="cpor-work", batch_size=10, maximum_concurrency=100, name="worker")
def worker(event: SQSEvent) -> dict[str, Any]:
    from chalicelib.runtime import queue_handlers

    return queue_handlers.work(wiring.services(), event.to_dict()["Records"])


@app.on_sqs_message(queue="cpor-mail-events", batch_size=10, name="mail_events")
def mail_events(event: SQSEvent) -> dict[str, Any]:
    from chalicelib.runtime import queue_handlers

    return queue_handlers.mail_events(wiring.services(), event.to_dict()["Records"])


@app.schedule(Rate(1, unit=Rate.MINUTES), name="sweep")
def sweep(event: CloudWatchEvent) -> None:
    from chalicelib.runtime import queue_handlers

    queue_handlers.sweep(wiring.services())


startup.finish()
