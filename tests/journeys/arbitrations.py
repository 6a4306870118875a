"""Arbitration cases as journeys read and decide them."""

from tests.support.arbitrations import hear_everyone

REASONS = {
    "coverage": "whole item",
    "recency": "newer work",
    "customer": "said so",
    "continuity": "no break",
}


def open_case(service, customer):
    """Let two partners' claims for one item be approved. Return both, and the case that opens."""
    first, second = customer.file(1), customer.file(2)
    customer.approve(first, who="Ruth")
    customer.approve(second, who="Rolf")
    service.settle()
    return first, second, case_of(service, customer, 1)


def case_of(service, customer, number):
    """Return the one case in which a partner is a party."""
    return service.get("/v1/arbitrations", by=customer.by(number))["data"][0]


def decide(service, case, winner, first="Sena", second="Sven"):
    """Let two seniors decide after all statements: one proposes, the other confirms."""
    hear_everyone(service, case["id"])
    proposed = propose(service, case, winner, first)
    assert proposed.status == 200, proposed.text
    confirmed = vote(service, case, "confirm", {"winner": winner}, second)
    assert confirmed.status == 200, confirmed.text


def propose(service, case, winner, who):
    """Let a senior propose a winner, and return the answer."""
    return vote(service, case, "propose", {"winner": winner, "reasons": REASONS}, who)


def vote(service, case, what, body, who):
    """Send a senior's vote with the case's current version, and return the answer."""
    senior = service.token(None, "senior_reviewer", name=who)
    path = f"/v1/arbitrations/{case['id']}"
    tag = service.call("GET", path, by=senior).etag
    return service.call("POST", f"{path}/{what}", body, by=senior, match=tag)
