"""Write units and round trips of a claim's whole life, counted on the emulator, which reports write
units correctly.

    python -m bench.units

The real handlers run in this process over a table of the emulator, without its worker, so that
every call can be counted for the operation that made it. The sandbox's own rows (clock, mailbox) do
not count. Reads are calculated in docs/scale.md, because the emulator reports them wrongly.
"""

import contextlib
import io
import os
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chalice.app import Chalice

from chalicelib.aws import object_keys
from chalicelib.aws.clients import get_client
from chalicelib.aws.files import get_s3_client
from chalicelib.aws.rows import Rows
from chalicelib.runtime import wiring
from chalicelib.runtime.settings import Settings
from chalicelib.usecases.deadlines import tick
from tests.support.api_client import Reply
from tests.support.api_gateway import request
from tests.support.customer import Customer
from tests.support.in_process import InlineQueue
from tests.support.service import Service
from tests.support.tables import make_table
from tools.embedded import emulator

WRITES = frozenset({"TransactWriteItems", "PutItem", "UpdateItem", "BatchWriteItem"})
SANDBOX = frozenset({"CLOCK", "MAILBOX", "SECRET"})
GOALS = {"file": 14.0, "whole life": 67.0}  # docs/scale.md


@dataclass
class Meter:
    """Write units by operation."""

    at: str = ""
    units: dict[str, float] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)

    def note(self, units: float) -> None:
        self.units[self.at] = self.units.get(self.at, 0.0) + units
        self.calls[self.at] = self.calls.get(self.at, 0) + 1


@contextmanager
def meter_writes(meter: Meter) -> Iterator[None]:
    """Meter every write as long as it lasts, while the meter is at an operation."""

    def ask_for_units(params: dict[str, Any], model: Any, **_: Any) -> None:
        if meter.at and model.name in WRITES and _pk(params) not in SANDBOX:
            params["ReturnConsumedCapacity"] = "TOTAL"

    def note_units(parsed: dict[str, Any], **_: Any) -> None:
        if "ConsumedCapacity" in parsed:
            used = parsed["ConsumedCapacity"]
            tables = used if isinstance(used, list) else [used]
            meter.note(sum(one["CapacityUnits"] for one in tables))

    handlers = {
        "before-parameter-build.dynamodb": ask_for_units,
        "after-call.dynamodb": note_units,
    }
    events = get_client("dynamodb").meta.events
    for name, handler in handlers.items():
        events.register(name, handler)
    try:
        yield
    finally:
        for name, handler in handlers.items():
            events.unregister(name, handler)


def _pk(params: Mapping[str, Any]) -> str | None:
    return params.get("Item", {}).get("pk", {}).get("S")


def main() -> None:
    """Run one claim through its life and print what each operation wrote."""
    with tempfile.TemporaryDirectory() as scratch:
        running = emulator.start(Path(scratch), None)
        try:
            os.environ |= {
                "AWS_ACCESS_KEY_ID": "test",
                "AWS_SECRET_ACCESS_KEY": "test",
                "AWS_DEFAULT_REGION": "us-east-1",
                "AWS_ENDPOINT_URL": running.endpoint,
            }
            with contextlib.redirect_stdout(io.StringIO()):
                meter = _life(running.endpoint)
            show(meter)
        finally:
            running.stop()


def show(meter: Meter) -> None:
    """Print a table with the goals."""
    print(f"\n{'operation':<42}{'write units':>12}{'calls':>8}")
    for name, units in meter.units.items():
        print(f"{name:<42}{units:>12.0f}{meter.calls[name]:>8}")
    life = sum(units for name, units in meter.units.items() if name != "reminder on the third day")
    print(
        f"{'whole life, without the reminder':<42}{life:>12.0f}    goal {GOALS['whole life']:.0f}"
    )


def _life(endpoint: str) -> Meter:
    """Run a claim through its life, from filing to activation by silence."""
    meter, service, work = Meter(), *_service(endpoint)
    customer: Customer = service.customer()
    filing, by = customer.filing(), customer.by()
    service.token(None, name="Rita")
    services = service.services
    assert services is not None
    services.secrets.link_key()
    service.kick = lambda: None
    with meter_writes(meter):
        meter.at = "file (12 in the transaction, 2 limits)"
        claim = service.post("/v1/claims", filing, by=by)["claims"][0]
        meter.at = "notify: two notices, one receipt of filing"
        tick(services, claim["id"], services.clock.now())
        meter.at = "deliver: two addresses"
        work.do_all(services)
        service.mails()
        meter.at = "page"
        service.call("GET", service.link(claim["id"], customer.admin))
        meter.at = "review: start"
        customer.review(claim, "start")
        meter.at = "approve, and notify the partner"
        service.kick = lambda: work.do_all(services)
        customer.review(claim, "approve")
        meter.at = "reminder on the third day"
        service.advance("P6D")
        meter.at = "silence and activation in one write"
        service.to(services.store.claims.get_many([claim["id"]])[0].answer.due_at.isoformat())
        meter.at = ""
    return meter


def _service(endpoint: str) -> tuple[Service, InlineQueue]:
    from chalicelib.web.http import registration
    from chalicelib.web.routes import ROUTES

    table, bucket = f"units-{uuid.uuid4().hex[:8]}", f"units-{uuid.uuid4().hex[:8]}"
    make_table(get_client("dynamodb"), table)
    get_s3_client(endpoint).create_bucket(Bucket=bucket)
    work = InlineQueue()
    services = wiring.build_services(
        Settings(
            stage="local",
            table_name=table,
            evidence_bucket=bucket,
            aws_endpoint_url=endpoint,
        )
    ).evolve(work_queue=work)
    made = Chalice("cpor", configure_logs=False)
    registration.register(made, ROUTES, services=lambda event: services)

    def send(method: str, path: str, body: Any, by: str | None, headers: Any, form: Any) -> Reply:
        answer = request(made, method, path, json=body, form=form, headers=headers, token=by)
        return Reply(answer.status, answer.headers, answer.body)

    def put(announced: Any, content: bytes) -> None:
        get_s3_client(endpoint).put_object(
            Bucket=bucket,
            Key=object_keys.key_of_unclaimed(announced["id"]),
            Body=content,
            ContentType="application/pdf",
        )

    return Service(
        "units",
        send,
        put,
        Rows(get_client("dynamodb"), table),
        lambda: work.do_all(services),
        services=services,
    ), work


if __name__ == "__main__":
    main()
