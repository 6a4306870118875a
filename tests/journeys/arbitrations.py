"""Arbitration cases as journeys read and decide them."""

from tests.support.arbitrations import hear_everyone

REASONS = {
    "coverage": "whole item",
    "recency": "newer work",
    "customer": "said so",
    "continuity": "no break",
}


def case_of(service, customer, number):
    """Return the one case in which a partner is a party."""
    return service.get("/v1/arbitrations", by=customer.by(number))["data"][0]


def decide(service, case, winner, first="Sena", second="Sven"):
    """Let two seniors decide after all statements: one proposes, the other confirms."""
    hear_everyone(service, case["id"])
    for act, who in (("propose", first), ("confirm", second)):
        senior = service.token(None, "senior_reviewer", name=who)
        tag = service.call("GET", f"/v1/arbitrations/{case['id']}", by=senior).etag
        body = {"winner": winner} | ({"reasons": REASONS} if act == "propose" else {})
        service.post(f"/v1/arbitrations/{case['id']}/{act}", body, by=senior, match=tag)


def propose(service, case, winner, who):
    """Let a senior propose a winner, and return the answer."""
    senior = service.token(None, "senior_reviewer", name=who)
    tag = service.call("GET", f"/v1/arbitrations/{case['id']}", by=senior).etag
    return service.call(
        "POST",
        f"/v1/arbitrations/{case['id']}/propose",
        {"winner": winner, "reasons": REASONS},
        by=senior,
        match=tag,
    )
