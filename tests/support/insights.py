"""Claims for the tests of insights."""

from tests.support.customer import Customer
from tests.support.service import Service


def settle_two_claims(service: Service) -> tuple[Customer, Customer]:
    """Return two customers: one claim became an association, one was rejected as a fraud."""
    active, rejected = service.customer(), service.customer(country="FR")
    active.active()
    claim = rejected.file()
    rejected.review(claim, "start")
    rejected.review(claim, "reject", {"codes": ["fraud"], "message": "Forged."})
    service.advance("PT1H")
    return active, rejected
