"""What a scenario of a stopped handler is, and how its calls are made.

A scenario is built by a function that prepares everything and returns the call: a request, a form
or a message of a queue. It is made once, and again by its sender when no answer came. Without
`again` there is no second call: what is stored must be enough.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from chalicelib.usecases.due_work import run_due_work
from tests.support.api_client import Reply
from tests.support.customer import Customer
from tests.support.service import Service


class Scenario(NamedTuple):
    """The call, and whether its sender repeats it. `keyed`: its answer is stored and repeated."""

    call: Callable[[], Reply | None]
    again: bool = True
    keyed: bool = False
    patience: timedelta = timedelta()


ScenarioBuilder = Callable[[Service, Customer], Scenario]


class Scenarios(dict[str, ScenarioBuilder]):
    """Scenarios by name."""

    def add(self, build: ScenarioBuilder) -> ScenarioBuilder:
        """Add a scenario under the name of its function."""
        self[build.__name__] = build
        return build


def post(service: Service, path: str, body: Any, by: str, match: str | None = None) -> Scenario:
    """Return a call with an idempotency key, which its client repeats when no answer came."""
    return Scenario(
        lambda: service.call("POST", path, body, by=by, key="once", match=match), keyed=True
    )


def file_and_review(
    service: Service, customer: Customer, act: str, body: Any = None, started: bool = True
) -> Scenario:
    claim = customer.file()
    if started:
        customer.review(claim, "start")
    return post_review(service, claim, act, body)


def post_review(
    service: Service, claim: Mapping[str, Any], act: str, body: Any = None, who: str = "Rita"
) -> Scenario:
    reviewer, path = service.token(None, name=who), f"/v1/review/claims/{claim['id']}"
    tag = service.call("GET", path, by=reviewer).etag
    return post(service, f"{path}/{act}", body or {}, reviewer, tag)


def form(service: Service, path: str, said: Mapping[str, str], to: str = "") -> Scenario:
    """Submit a form of the customer's page, again when no answer came."""
    return Scenario(lambda: service.call("POST", path + to, form=said))


def answer_on_page(
    service: Service,
    customer: Customer,
    claim: Mapping[str, Any],
    decision: str,
    which: str = "",
) -> Scenario:
    path = service.link(claim["id"], customer.admin)
    said = {"decision": decision, "claim": which or claim["id"], "form": customer.form(path)}
    return form(service, path, said)


def run_worker(service: Service, some_id: str) -> Scenario:
    """Return the worker's run on an id; its message is delivered again."""
    return Scenario(lambda: work_on(service, some_id))


def expire_clock(
    service: Service, customer: Customer, claim: Mapping[str, Any], kind: str
) -> Scenario:
    """Return the worker's run on a claim one of whose clocks has run out.

    There is no message: the sweep finds the claim.
    """
    services = services_of(service)
    found = services.store.claims.get(claim["id"])
    clock = found[0].find_clock(kind) if found else None
    assert clock, f"no clock {kind}"
    services.clock.move(clock.due_at)
    return Scenario(lambda: work_on(service, claim["id"]), again=False)


def services_of(service: Service) -> Any:
    """Return the services of the process that runs now."""
    assert service.services
    return service.services


def work_on(service: Service, some_id: str) -> None:
    run_due_work(services_of(service), some_id, services_of(service).clock.now())
