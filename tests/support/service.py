"""The service as a journey meets it: requests to it, and customers made for the test."""

import itertools
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chalicelib.aws.sandbox import TestClock
from chalicelib.ports import Services
from tests.support import feed
from tests.support.api_client import ApiClient
from tests.support.customer import Customer

_numbers = itertools.count(1)


@dataclass
class Service(ApiClient):
    """A running service and the customers that a test has made in it.

    `services`: its ports, `s3`: the client of its object store, when it runs in this process.
    """

    services: Services | None = None
    s3: Any = None
    customers: list[Customer] = field(default_factory=list)

    def customer(self, **changes: Any) -> Customer:
        """A new German tenant with one Sales subscription, and partners of its own."""
        number, fresh = next(_numbers), uuid.uuid4().hex[:8]
        domain = f"kunde-{fresh}.example"
        tenant = feed.a_tenant(
            **{
                "tenant_id": str(uuid.uuid4()),
                "name": f"Kunde {number}",
                "domains": (domain, f"kunde{fresh}.onmicrosoft.com"),
                "contacts": (f"admin@{domain}",),
                **changes,
            }
        )
        made = Customer(self, tenant.tenant_id, domain, str(uuid.uuid4()), fresh)
        subscription = feed.a_subscription(
            tenant_id=tenant.tenant_id, subscription_id=made.subscription_id
        )
        partners = [feed.a_partner(made.partner(n), f"45{n:05d}") for n in range(1, 5)]
        feed.write(self.rows, partners, [tenant], [subscription])
        self.customers.append(made)
        return made

    def start(self, moment: str) -> None:
        """Set the clock before anything else happens, also back; in this process only."""
        assert self.services is not None
        assert isinstance(self.services.clock, TestClock)
        self.services.clock.move(datetime.fromisoformat(moment))

    def exchange(self, **parts: Any) -> None:
        """Takes parts of the world out for others; in this process only."""
        assert self.services is not None
        self.services = self.services.evolve(**parts)
