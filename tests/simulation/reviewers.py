"""Reviewers and seniors, who act at random on what is stored."""

from collections.abc import Callable, Sequence
from typing import Any

from chalicelib.domain.arbitration import Arbitration
from chalicelib.domain.claim import Claim
from tests.simulation.actor import Actor
from tests.simulation.directory_data import (
    REVIEWERS,
    SENIORS,
)
from tests.simulation.requests import Request

REASONS = {"coverage": "all", "recency": "new", "customer": "said so", "continuity": "no break"}


class Reviewers(Actor):
    """The requests of reviewers.

    Each is made for something that it applies to; None when there is none.
    """

    def start(self) -> Request | None:
        return self._on(lambda c: c.status == "submitted", lambda c: self._review(c, "start", {}))

    def take_next(self) -> Request:
        return self.post(self.rng.choice(REVIEWERS), "/v1/review/next", {})

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
            lambda c: self.post(
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
            lambda c: self.post(
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
                and c.association.open_revocation is not None
                and c.association.state != "ended"
            ),
            SENIORS,
        )

    def decline_revocation(self) -> Request | None:
        return self._association(
            "decline-revocation",
            lambda c: c.association is not None and c.association.open_revocation is not None,
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
            "propose",
            lambda case: {"winner": self._winner(case), "reasons": REASONS},
            lambda case: all(party.statement for party in case.active_parties),
        )

    def confirm(self) -> Request | None:
        return self._case(
            "confirm",
            lambda case: {"winner": case.proposal.winner if case.proposal else self._winner(case)},
            lambda case: case.proposal is not None,
        )

    def question(self) -> Request | None:
        return self._case(
            "request-info",
            lambda case: {"party": case.active_parties[0].claim_ids[0], "message": "why?"},
        )

    def _winner(self, case: Arbitration) -> str | None:
        party = self._one(case.active_parties) if self.rng.random() < 0.85 else None
        return party.ids[0] if party else None

    def _case(
        self,
        act: str,
        body: Callable[[Arbitration], dict[str, Any]],
        fits: Callable[[Arbitration], bool] = lambda case: True,
    ) -> Request | None:
        """Return a request for an open case; mostly for one that it applies to, if there is one."""
        cases = [c for c in self.cases.values() if c.state == "open"]
        fitting = [c for c in cases if fits(c)]
        case = self._one(fitting if fitting and self.rng.random() < 0.9 else cases)
        return (
            self.post(
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
            lambda c: self.post(
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
        return self.post(
            self.rng.choice(who), f"/v1/review/claims/{claim.id}/{act}", body, claim, claim.version
        )
