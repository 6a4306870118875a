"""The data of the feed: three partners, two customers with their subscriptions, reviewers and
seniors.
"""

import json
import random
from typing import Any

from chalicelib.aws import keys
from chalicelib.aws.rows import Rows, make_row
from chalicelib.domain.directory import Subscription, Tenant
from chalicelib.domain.evidence import Evidence
from chalicelib.usecases.callers import Caller
from tests.simulation.process import CALLERS, moment
from tests.support import feed

PARTNERS = ("org_a", "org_b", "org_c")
REVIEWERS = ("rita", "rolf", "ruth")
SENIORS = ("sena", "sven", "susi", "stan")
SALES, SERVICE = "dynamics_365_sales_enterprise", "dynamics_365_customer_service_enterprise"
SKUS = {SALES: "DYN365_ENTERPRISE_SALES", SERVICE: "DYN365_ENTERPRISE_CUSTOMER_SERVICE"}
SUITE = {"EXCHANGE_S_ENTERPRISE": "Success", "SHAREPOINTENTERPRISE": "Success"}
WORKLOADS = ("exchange_online", "sharepoint_online")
STATES = ("active", "active", "active", "in_grace", "suspended", "deleted", "unknown")


def _tenant(number: int, **changes: Any) -> Tenant:
    name = f"customer{number}"
    whole = {
        "tenant_id": f"{number}{number}111111-1111-4111-8111-111111111111",
        "name": name.title(),
        "locale": "de",
        "domains": (f"{name}.example", f"{name}.onmicrosoft.com"),
        "contacts": (f"it@{name}.example", f"ceo@{name}.example"),
    }
    return feed.a_tenant(**{**whole, **changes})


TENANTS = (_tenant(1), _tenant(2, contacts=(), country="JP", time_zone="Asia/Tokyo", locale="ja"))


class DirectoryData:
    """The rows of the operator's feed, which change during a run. `subscriptions`: by id."""

    def __init__(self, rows: Rows, rng: random.Random, ms: int) -> None:
        self._rows, self._rng = rows, rng
        self.subscriptions: dict[str, Subscription] = {}
        self.partners = [feed.a_partner(name, f"45160{at:02d}") for at, name in enumerate(PARTNERS)]
        feed.write(rows, self.partners, TENANTS)
        for at, tenant in enumerate(TENANTS, start=1):
            self._sell(tenant, f"{at}3333333-3333-4333-8333-333333333333", SALES, state="active")
            self._sell(
                tenant,
                f"{at}4444444-4444-4444-8444-444444444444",
                SERVICE,
                state="active",
                waiting=rng.random() < 0.5,
            )
            self._suite(tenant, f"{at}5555555-5555-4555-8555-555555555555")
        for name in PARTNERS:
            proof = Evidence(
                id=f"evd_{name}",
                organisation_id=name,
                file_name="sow.pdf",
                content_type="application/pdf",
                size=10,
                sha256=name.encode().hex().ljust(64, "0"),
                created_at=moment(ms),
                expires_at=moment(ms),
            )
            rows.write([make_row(keys.evidence(proof.id), proof.model_dump_json())])
        rows.write([make_row(keys.reviewer("ruth"), json.dumps({"related_partners": ["org_c"]}))])
        CALLERS.update(_callers())

    def change(self) -> str:
        """Change the state of one of the subscriptions, and return a line that describes it."""
        one = self._rng.choice(list(self.subscriptions.values()))
        waiting = not all(v == "Success" for v in one.provisioning.values())
        if waiting:
            changed = one.evolve(provisioning={name: "Success" for name in one.provisioning})
        else:
            changed = one.evolve(state=self._rng.choice(STATES))
        self._feed(changed)
        provisioned = ", now provisioned" if waiting else ""
        return f"subscription {one.subscription_id[:2]} is {changed.state}{provisioned}"

    def heal(self) -> None:
        """Make every subscription active again."""
        for one in list(self.subscriptions.values()):
            self._feed(one.evolve(state="active"))

    def _sell(
        self, tenant: Tenant, subscription_id: str, product: str, state: str, waiting: bool = False
    ) -> None:
        self._feed(
            feed.a_subscription(
                tenant_id=tenant.tenant_id,
                subscription_id=subscription_id,
                sku_part_number=SKUS[product],
                state=state,
                provisioning={SKUS[product]: "PendingProvisioning" if waiting else "Success"},
            )
        )

    def _suite(self, tenant: Tenant, subscription_id: str) -> None:
        self._feed(
            feed.a_subscription(
                tenant_id=tenant.tenant_id,
                subscription_id=subscription_id,
                sku_part_number="SPE_E5",
                channel="csp",
                provisioning=SUITE,
            )
        )

    def _feed(self, one: Subscription) -> None:
        self.subscriptions[one.subscription_id] = one
        feed.write(self._rows, subscriptions=[one])


def _callers() -> dict[str, Caller]:
    found = {
        f"{name}_admin": Caller(
            sub=f"{name}_admin",
            name=name,
            organisation_id=name,
            roles=frozenset({"incentives_admin"}),
        )
        for name in PARTNERS
    }
    found |= {
        name: Caller(sub=name, name=name.title(), roles=frozenset({"reviewer"}))
        for name in REVIEWERS
    }
    return found | {
        name: Caller(sub=name, name=name.title(), roles=frozenset({"reviewer", "senior_reviewer"}))
        for name in SENIORS
    }
