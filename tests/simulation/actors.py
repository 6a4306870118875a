"""Partners, reviewers and seniors, who act at random on what they could see."""

import random
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from chalicelib.domain.arbitration import Arbitration
from chalicelib.domain.claim import Claim
from tests.simulation.directory_data import (
    PARTNERS,
    REVIEWERS,
    SALES,
    SENIORS,
    SERVICE,
    TENANTS,
    WORKLOADS,
)
from tests.simulation.process import moment
from tests.simulation.requests import Request

T = TypeVar("T")
REASONS = {"coverage": "all", "recency": "new", "customer": "said so", "continuity": "no break"}


class Actors:
    """`claims` and `cases`: everything stored, by id, as the checker last saw it."""

    def __init__(
        self,
        rng: random.Random,
        ms: Callable[[], int],
        claims: dict[str, Claim],
        cases: dict[str, Arbitration],
    ) -> None:
        self.rng, self.ms, self.claims, self.cases = rng, ms, claims, cases
        self.numbers = 0
        self.contested = rng.choice(
            (*TENANTS, None)
        )  # the customer whose one subscription everybody wants, in some seeds

    def request(self) -> Request | None:
        """The next request of somebody; None when what was drawn has nothing to be done to."""
        acts: list[tuple[int, Callable[[], Request | None]]] = [
            (11, self.file),
            (2, self.submit),
            (1, self.withdraw),
            (5, self.respond),
            (7, self.amend),
            (3, self.dispute),
            (1, self.end),
            (2, self.comment),
            (3, self.state),
            (2, self.read),
            (2, self.seats),
            (13, self.start),
            (1, self.take_next),
            (3, self.ask),
            (13, self.approve),
            (3, self.reject),
            (1, self.say_internally),
            (2, self.find_address),
            (3, self.decide_dispute),
            (8, self.propose),
            (9, self.confirm),
            (1, self.question),
            (1, self.revoke),
            (2, self.confirm_revocation),
            (2, self.resume),
        ]
        return self.rng.choices([act for _, act in acts], [weight for weight, _ in acts])[0]()

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
        person = {"name": "Anna", "title": "CIO", "email": f"anna@{tenant.domains[0]}"}
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
        return self._post(f"{org}_admin", "/v1/claims", body)

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
            lambda c: self._post(
                f"{c.organisation_id}_admin",
                f"/v1/associations/{c.association_id}/end",
                {"reason": "done"},
                c,
            ),
        )

    def amend(self) -> Request | None:
        def wanted(c: Claim) -> Request:
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
            lambda c: c.status in ("draft", "submitted", "under_review", "action_required"), wanted
        )

    def state(self) -> Request | None:
        case = self._one([c for c in self.cases.values() if c.state == "open"])
        party = self._one(case.active_parties) if case else None
        return (
            self._post(
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

    def start(self) -> Request | None:
        return self._on(lambda c: c.status == "submitted", lambda c: self._review(c, "start", {}))

    def take_next(self) -> Request:
        return self._post(self.rng.choice(REVIEWERS), "/v1/review/next", {})

    def ask(self) -> Request | None:
        body = {"codes": ["poe_date_missing"], "message": "when?"}
        return self._on(
            lambda c: c.status in ("under_review", "disputed"),
            lambda c: self._review(c, "request-info", body),
        )

    def approve(self) -> Request | None:
        return self._on(
            lambda c: c.status == "under_review", lambda c: self._review(c, "approve", {})
        )

    def reject(self) -> Request | None:
        body = {"codes": ["insufficient_poe"], "message": "no"}
        return self._on(
            lambda c: c.status in ("under_review", "disputed"),
            lambda c: self._review(c, "reject", body),
        )

    def say_internally(self) -> Request | None:
        return self._on(
            lambda c: c.submitted_at is not None,
            lambda c: self._post(
                self.rng.choice(REVIEWERS),
                f"/v1/review/claims/{c.id}/comments",
                {"text": "hm", "visibility": "internal"},
                c,
            ),
        )

    def find_address(self) -> Request | None:
        return self._on(
            lambda c: (
                (c.is_open or c.status == "approved")
                and c.answer.state in ("notice_queued", "undeliverable", "not_objected")
            ),
            lambda c: self._post(
                self.rng.choice(REVIEWERS),
                f"/v1/review/claims/{c.id}/customer-address",
                {"email": f"found{self.rng.randrange(3)}@{c.domain}", "source": "web page"},
                c,
            ),
        )

    def decide_dispute(self) -> Request | None:
        outcome = self.rng.choice(("approve", "approve", "reject", "request_info"))
        code = "poe_date_missing" if outcome == "request_info" else "insufficient_poe"
        body = {"outcome": outcome, "codes": [code], "message": "so be it"}
        return self._on(
            lambda c: c.status == "disputed",
            lambda c: self._review(c, "decide-dispute", body, SENIORS),
        )

    def revoke(self) -> Request | None:
        return self._association(
            "revoke",
            lambda c: c.association is not None and c.association.state != "ended",
            SENIORS,
        )

    def confirm_revocation(self) -> Request | None:
        return self._association(
            "confirm-revocation",
            lambda c: (
                c.association is not None
                and c.association.revocation_by is not None
                and c.association.state != "ended"
            ),
            SENIORS,
        )

    def resume(self) -> Request | None:
        return self._association(
            "resume",
            lambda c: c.association is not None and c.association.state == "paused",
            REVIEWERS,
        )

    def propose(self) -> Request | None:
        return self._case(
            "propose", lambda case: {"winner": self._winner(case), "reasons": REASONS}
        )

    def confirm(self) -> Request | None:
        return self._case(
            "confirm",
            lambda case: {"winner": case.proposal.winner if case.proposal else self._winner(case)},
        )

    def question(self) -> Request | None:
        return self._case(
            "request-info",
            lambda case: {"party": case.active_parties[0].claim_ids[0], "message": "why?"},
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

    def _winner(self, case: Arbitration) -> str | None:
        party = self._one(case.active_parties) if self.rng.random() < 0.85 else None
        return party.ids[0] if party else None

    def _case(self, act: str, body: Callable[[Arbitration], dict[str, Any]]) -> Request | None:
        case = self._one([c for c in self.cases.values() if c.state == "open"])
        return (
            self._post(
                self.rng.choice(SENIORS),
                f"/v1/arbitrations/{case.id}/{act}",
                body(case),
                version=case.version,
            )
            if case
            else None
        )

    def _association(
        self, act: str, fits: Callable[[Claim], bool], who: Sequence[str]
    ) -> Request | None:
        return self._on(
            fits,
            lambda c: self._post(
                self.rng.choice(who),
                f"/v1/review/associations/{c.association_id}/{act}",
                {"codes": ["fraud"], "message": "well"},
                c,
                c.version,
            ),
        )

    def _review(
        self, claim: Claim, act: str, body: dict[str, Any], who: Sequence[str] = REVIEWERS
    ) -> Request:
        return self._post(
            self.rng.choice(who), f"/v1/review/claims/{claim.id}/{act}", body, claim, claim.version
        )

    def _own(self, claim: Claim, act: str, body: dict[str, Any]) -> Request:
        return self._post(
            f"{claim.organisation_id}_admin", f"/v1/claims/{claim.id}/{act}", body, claim
        )

    def _post(
        self,
        who: str,
        path: str,
        body: dict[str, Any],
        claim: Claim | None = None,
        version: int | None = None,
    ) -> Request:
        headers = {"Idempotency-Key": self._key()} | (
            {"If-Match": f'"{version}"'} if version is not None else {}
        )
        return Request(
            who, "POST", path, json=body, headers=headers, about=claim.id if claim else ""
        )

    def _key(self) -> str:
        self.numbers += 1
        return f"key-{self.numbers}"

    def _on(
        self, fits: Callable[[Claim], bool], request: Callable[[Claim], Request]
    ) -> Request | None:
        fitting = [c for c in self.claims.values() if fits(c)]
        hot = [c for c in fitting if self.contested and c.tenant_id == self.contested.tenant_id]
        claim = self._one(hot if hot and self.rng.random() < 0.8 else fitting)
        return request(claim) if claim else None

    def _one(self, some: Sequence[T]) -> T | None:
        return self.rng.choice(some) if some else None
