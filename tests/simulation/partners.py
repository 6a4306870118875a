"""Partners, who file claims and act on their own claims at random."""

from dataclasses import replace
from typing import Any

from chalicelib.domain.claim import Claim
from chalicelib.domain.directory import Tenant
from tests.simulation.actor import Actor
from tests.simulation.directory_data import (
    PARTNERS,
    SALES,
    SERVICE,
    TENANTS,
    WORKLOADS,
)
from tests.simulation.process import moment
from tests.simulation.requests import Request


class Partners(Actor):
    """The requests of partners.

    Each is made for something that it applies to; None when there is none.
    """

    def file(self) -> Request:
        hot = self.contested is not None and self.rng.random() < 0.8
        tenant = self.contested if hot and self.contested else self.rng.choice(TENANTS)
        here = {
            c.organisation_id
            for c in self.claims.values()
            if c.standing and c.tenant_id == tenant.tenant_id
        }
        org = self.rng.choice(
            [one for one in PARTNERS if one not in here] or PARTNERS if hot else PARTNERS
        )
        area = (
            "business_applications"
            if hot
            else self.rng.choice(
                ("business_applications", "business_applications", "modern_work_security")
            )
        )
        items = (
            self._products(tenant.tenant_id, hot)
            if area == "business_applications"
            else self._workloads()
        )
        return self._file(org, tenant, area, items)

    def file_contested(self, org: str) -> Request:
        """Return a filing, not a draft, for the subscription that all partners claim."""
        assert self.contested
        items = self._products(self.contested.tenant_id, True)
        request = self._file(org, self.contested, "business_applications", items)
        return replace(request, json=request.json | {"submit": True})

    def _file(self, org: str, tenant: Tenant, area: str, items: list[dict[str, str]]) -> Request:
        person = {"name": "Anna", "title": "CIO", "email": f"anna@{tenant.domains[0]}"}
        today = moment(self.ms()).date()
        body = {
            "location_id": f"45160{PARTNERS.index(org):02d}",
            "tenant_id": tenant.tenant_id,
            "domain": tenant.domains[0],
            "solution_area": area,
            "items": items,
            "customer_contact": person,
            "submit": self.rng.random() < 0.85,
            "partner_role": self._role(area),
            "partner_contact": {"name": "Pia", "email": f"pia@{org.replace('_', '-')}.example"},
            "evidence": [
                {
                    "id": f"evd_{org}",
                    "kind": "signed_sow",
                    "acknowledged_on": f"{today.year - 1}-12-30",
                    "covers": [item.get("product") or item["workload"] for item in items],
                }
            ],
            **({"technical_contact": person} if area == "business_applications" else {}),
        }
        return self.post(f"{org}_admin", "/v1/claims", body)

    def submit(self) -> Request | None:
        return self._on(lambda c: c.status == "draft", lambda c: self._own(c, "submit", {}))

    def withdraw(self) -> Request | None:
        return self._on(
            lambda c: c.is_open or c.status in ("draft", "approved"),
            lambda c: self._own(c, "withdraw", {"reason": "no"}),
        )

    def respond(self) -> Request | None:
        return self._on(
            lambda c: c.status == "action_required",
            lambda c: self._own(c, "respond", {"message": "here"}),
        )

    def dispute(self) -> Request | None:
        return self._on(
            lambda c: c.status in ("rejected", "ended"),
            lambda c: self._own(c, "dispute", {"reason": "no, because"}),
        )

    def comment(self) -> Request | None:
        return self._on(lambda c: True, lambda c: self._own(c, "comments", {"text": "hello"}))

    def end(self) -> Request | None:
        return self._on(
            lambda c: c.association is not None and c.association.state != "ended",
            lambda c: self.post(
                f"{c.organisation_id}_admin",
                f"/v1/associations/{c.association_id}/end",
                {"reason": "done"},
                c,
            ),
        )

    def amend(self) -> Request | None:
        def make_request(c: Claim) -> Request:
            change: dict[str, Any] = self.rng.choice(
                (
                    {"partner_role": self._other_role(c)},
                    {"partner_role": self._other_role(c)},
                    {"name": f"n{self.numbers}"},
                    {"name": c.name},
                    {
                        "customer_contact": {
                            "name": "Bea",
                            "title": "CFO",
                            "email": f"bea@{c.domain}",
                        }
                    },
                )
            )
            return Request(
                f"{c.organisation_id}_admin",
                "PATCH",
                f"/v1/claims/{c.id}",
                json={"reason": "better", **change},
                headers={"Idempotency-Key": self._key(), "If-Match": f'"{c.version}"'},
                about=c.id,
            )

        return self._on(
            lambda c: c.status in ("draft", "submitted", "under_review", "action_required"),
            make_request,
        )

    def state(self) -> Request | None:
        case = self._one([c for c in self.cases.values() if c.state == "open"])
        parties = case.active_parties if case else ()
        silent = [one for one in parties if one.statement is None]
        party = self._one(silent if silent and self.rng.random() < 0.9 else parties)
        return (
            self.post(
                f"{party.organisation_id}_admin",
                f"/v1/arbitrations/{case.id}/statement",
                {"text": "we did it"},
            )
            if case and party
            else None
        )

    def read(self) -> Request | None:
        return self._on(
            lambda c: True,
            lambda c: Request(
                f"{c.organisation_id}_admin",
                "GET",
                self.rng.choice(
                    (
                        f"/v1/claims/{c.id}",
                        f"/v1/claims/{c.id}/history",
                        "/v1/claims",
                        "/v1/events",
                        "/v1/associations",
                    )
                ),
                about=c.id,
            ),
        )

    def seats(self) -> Request | None:
        return self._on(
            lambda c: c.association is not None,
            lambda c: Request(
                f"{c.organisation_id}_admin",
                "GET",
                f"/v1/associations/{c.association_id}/seats",
                about=c.id,
            ),
        )

    def _products(self, tenant_id: str, hot: bool) -> list[dict[str, str]]:
        at = 1 if tenant_id == TENANTS[0].tenant_id else 2
        ids = {
            SALES: f"{at}3333333-3333-4333-8333-333333333333",
            SERVICE: f"{at}4444444-4444-4444-8444-444444444444",
        }
        chosen = (
            (SALES,) if hot else self.rng.choice(((SALES,), (SALES,), (SERVICE,), (SALES, SERVICE)))
        )
        return [
            {"product": one} | ({"subscription_id": ids[one]} if self.rng.random() < 0.6 else {})
            for one in chosen
        ]

    def _workloads(self) -> list[dict[str, str]]:
        return [
            {"workload": one} for one in self.rng.choice((WORKLOADS, WORKLOADS[:1], WORKLOADS[:1]))
        ]

    def _role(self, area: str) -> str:
        return (
            self.rng.choice(("usage_recognition", "usage_recognition", "build_intent_advisor"))
            if area == "business_applications"
            else "use_or_consume"
        )

    def _other_role(self, claim: Claim) -> str:
        other = {
            "usage_recognition": "build_intent_advisor",
            "build_intent_advisor": "usage_recognition",
        }
        return other.get(claim.partner_role, claim.partner_role)
