"""What every actor can do: choose something that is stored, and send a request."""

import random
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from chalicelib.domain.arbitration import Arbitration
from chalicelib.domain.claim import Claim
from tests.simulation.directory_data import (
    TENANTS,
)
from tests.simulation.requests import Request

T = TypeVar("T")


class Actor:
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
        )  # the customer whose one subscription all partners claim, in some seeds

    def _key(self) -> str:
        self.numbers += 1
        return f"key-{self.numbers}"

    def post(
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

    def _own(self, claim: Claim, act: str, body: dict[str, Any]) -> Request:
        return self.post(
            f"{claim.organisation_id}_admin", f"/v1/claims/{claim.id}/{act}", body, claim
        )

    def _on(
        self, fits: Callable[[Claim], bool], request: Callable[[Claim], Request]
    ) -> Request | None:
        fitting = [c for c in self.claims.values() if fits(c)]
        hot = [c for c in fitting if self.contested and c.tenant_id == self.contested.tenant_id]
        claim = self._one(hot if hot and self.rng.random() < 0.8 else fitting)
        return request(claim) if claim else None

    def _one(self, some: Sequence[T]) -> T | None:
        return self.rng.choice(some) if some else None
