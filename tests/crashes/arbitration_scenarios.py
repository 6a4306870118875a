"""Arbitration cases whose handlers are stopped."""

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.ids import slot_id
from tests.crashes.scenarios import Scenario, Scenarios, post, post_review, run_worker, services_of
from tests.support.arbitrations import hear_everyone
from tests.support.customer import Customer
from tests.support.service import Service

SCENARIOS = Scenarios()
REASONS = {
    "coverage": "whole item",
    "recency": "newer work",
    "customer": "said so",
    "continuity": "no break",
}


def rivals(service: Service, customer: Customer) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """File and approve two claims on one item; their case is opened next."""
    claims = customer.file(1), customer.file(2)
    customer.approve(claims[0], who="Ruth")
    customer.review(claims[1], "start", who="Rolf")
    service.settle()
    post_review(service, claims[1], "approve", who="Rolf").call()
    return claims


def open_case(service: Service, customer: Customer) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Open a case between two claims whose parties have made their statements."""
    claims = rivals(service, customer)
    service.settle()
    path, _ = case_of(service, service.token(None, "senior_reviewer", name="Sena"))
    hear_everyone(service, path.rpartition("/")[2])
    return claims


def case_of(service: Service, senior: str) -> tuple[str, str]:
    """Return path and version of the only case."""
    case = services_of(service).store.arbitrations.list_of("programme", None, 5)[0][0]
    path = f"/v1/arbitrations/{case.id}"
    return path, service.call("GET", path, by=senior).etag


def post_decision(service: Service, claim: Mapping[str, Any], act: str, who: str) -> Scenario:
    senior = service.token(None, "senior_reviewer", name=who)
    path, tag = case_of(service, senior)
    return post(
        service,
        f"{path}/{act}",
        {"winner": claim["id"]} | ({"reasons": REASONS} if act == "propose" else {}),
        senior,
        tag,
    )


def decide(service: Service, claim: Mapping[str, Any]) -> None:
    post_decision(service, claim, "propose", "Sena").call()
    post_decision(service, claim, "confirm", "Sven").call()
    service.settle()


@SCENARIOS.add
def a_case_opens(service: Service, customer: Customer) -> Scenario:
    claims = rivals(service, customer)
    found = services_of(service).store.claims.get(claims[0]["id"])
    assert found
    return run_worker(service, slot_id(found[0].tenant_id, found[0].item.name))


@SCENARIOS.add
def a_decision_is_proposed(service: Service, customer: Customer) -> Scenario:
    claims = open_case(service, customer)
    return post_decision(service, claims[0], "propose", "Sena")


@SCENARIOS.add
def a_decision_is_confirmed(service: Service, customer: Customer) -> Scenario:
    claims = open_case(service, customer)
    post_decision(service, claims[0], "propose", "Sena").call()
    return post_decision(service, claims[0], "confirm", "Sven")


@SCENARIOS.add
def a_statement(service: Service, customer: Customer) -> Scenario:
    rivals(service, customer)
    service.settle()
    path, _ = case_of(service, service.token(None, "senior_reviewer", name="Sena"))
    return post(service, f"{path}/statement", {"text": "We do the work."}, customer.by(1))
