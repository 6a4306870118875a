"""Every way in: the HTTP routes, the worker's queue, the mail service's events, and the sweep."""

from chalicelib import starting  # isort: skip  # before all that is to profit
import logging
from typing import Any

from chalice.app import Chalice, CloudWatchEvent, Rate, SQSEvent

from chalicelib import wiring
from chalicelib.web import (
    http,
    routes_arbitration,
    routes_customer,
    routes_partner,
    routes_public,
    routes_reviewer,
    routes_sandbox,
    routes_webhook,
)

logging.basicConfig(
    format="%(levelname)s %(name)s %(message)s"
)  # Lambda has a handler already; elsewhere there is none
app = Chalice(app_name="cpor", configure_logs=False)
ROUTES = (
    routes_partner.routes,
    routes_reviewer.routes,
    routes_arbitration.routes,
    routes_customer.routes,
    routes_webhook.routes,
    routes_sandbox.routes,
    routes_public.routes,
)
http.register(
    app, *ROUTES, world=lambda event: wiring.world(), problem_page=routes_customer.problem_page
)


# As many workers as a table with eight thousand write units a second can bear (docs/scale.md), and
# no more: the API has its share of the account's concurrency whatever falls due.
@app.on_sqs_message(queue="cpor-work", batch_size=10, maximum_concurrency=100, name="worker")
def worker(event: SQSEvent) -> dict[str, Any]:
    from chalicelib import working

    return working.work(wiring.world(), event.to_dict()["Records"])


@app.on_sqs_message(queue="cpor-mail-events", batch_size=10, name="mail_events")
def mail_events(event: SQSEvent) -> dict[str, Any]:
    from chalicelib import working

    return working.mail_events(wiring.world(), event.to_dict()["Records"])


@app.schedule(Rate(1, unit=Rate.MINUTES), name="sweep")
def sweep(event: CloudWatchEvent) -> None:
    from chalicelib import working

    working.sweep(wiring.world())


starting.over()
