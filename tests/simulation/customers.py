"""Customers, who open the links in their mails, answer at random, and change their answers."""

import json
import random
from collections.abc import Callable

from chalicelib.domain.claim import Claim
from chalicelib.domain.links import make_form_token
from chalicelib.domain.standard_webhooks import sign
from tests.simulation.environment import MailService, Sent
from tests.simulation.process import LINK_KEY, WEBHOOK_KEY, moment
from tests.simulation.requests import Request

ANSWERS = ("opt_out", "agree", "agree", "undo")


class Customers:
    def __init__(
        self,
        rng: random.Random,
        ms: Callable[[], int],
        claims: dict[str, Claim],
        mail_service: MailService,
    ) -> None:
        self.rng, self.ms, self.claims, self.mail_service = rng, ms, claims, mail_service
        self.numbers = 0
        self.confirmed: set[str] = set()

    def request(self) -> Request | None:
        """Return the next act of a customer who opened a mail; None when there is no mail yet."""
        links = [
            sent
            for sent in self.mail_service.sent.values()
            if sent.token and "@org-" not in sent.to
        ]
        if not links:
            return None
        pending = [one for one in links if one.confirms and one.mail_id not in self.confirmed]
        if pending and self.rng.random() < 0.5:
            return self.confirm(self.rng.choice(pending))
        links = [one for one in links if not one.confirms]
        if not links:
            return None
        return self.rng.choices((self.answer, self.snapshot, self.set, self.portal), (10, 2, 2, 2))[
            0
        ](self.rng.choice(links))

    def confirm(self, sent: Sent) -> Request:
        """Confirm what a mail asks to confirm, in time or too late."""
        self.confirmed.add(sent.mail_id)
        shown = make_form_token(LINK_KEY, sent.token, moment(self.ms()))
        form = {"form": shown, "confirm": "yes"}
        return Request(sent.to, "POST", f"/o/{sent.token}/confirm", form=form)

    def answer(self, sent: Sent) -> Request | None:
        claim = self._claim(sent)
        if claim is None:
            return None
        which = claim.id if self.rng.random() < 0.7 else "all"
        return self.decide(sent, claim, self._decision(claim), which)

    def decide(self, sent: Sent, claim: Claim, decision: str, which: str = "") -> Request:
        """Return the request that the form of the page behind a link makes."""
        form = {
            "decision": decision,
            "claim": which or claim.id,
            "form": make_form_token(LINK_KEY, sent.token, moment(self.ms())),
            "reason": "because",
        }
        return Request(sent.to, "POST", f"/o/{sent.token}", form=form, about=claim.id)

    def snapshot(self, sent: Sent) -> Request:
        return Request(
            sent.to,
            "GET",
            self.rng.choice((f"/o/{sent.token}", f"/o/{sent.token}/journal", "/verify-mail")),
        )

    def set(self, sent: Sent) -> Request | None:
        claim = self._claim(sent)
        act = self.rng.choice(("lock", "unlock", "unlock", "block", "allow-again", "allow-again"))
        form = {
            "form": make_form_token(LINK_KEY, sent.token, moment(self.ms())),
            "confirm": "yes",
            "organisation_id": claim.organisation_id if claim else "",
        }
        return Request(sent.to, "POST", f"/o/{sent.token}/{act}", form=form)

    def portal(self, sent: Sent) -> Request | None:
        """Send a decision from the vendor's own portal; it is sent again until it is answered."""
        claim = self._claim(sent)
        if claim is None:
            return None
        self.numbers += 1
        name = f"msg-{self.numbers}"
        body = {
            "tenant_id": claim.tenant_id,
            "claim_id": claim.id,
            "decision": self._decision(claim),
            "decided_by": "portal",
            "decided_at": moment(self.ms()).isoformat(),
        }
        return Request(
            "portal",
            "POST",
            "/webhooks/opt-out",
            json=body,
            headers={"webhook-id": name},
            about=claim.id,
        )

    def _decision(self, claim: Claim) -> str:
        if claim.answer.state in ("opted_out", "agreed") and self.rng.random() < 0.4:
            return "undo"
        return self.rng.choice(ANSWERS)

    def _claim(self, sent: Sent) -> Claim | None:
        here = [
            c
            for c in self.claims.values()
            if c.domain in sent.to or sent.to.partition("@")[2] == c.domain
        ]
        return self.rng.choice(here) if here else None


def sign_request(request: Request, ms: int) -> Request:
    """Return a message of the portal as it is sent now."""
    stamp, body = str(ms // 1000), json.dumps(request.json).encode()
    said = sign(WEBHOOK_KEY, request.headers["webhook-id"], stamp, body)
    return Request(
        request.who,
        request.method,
        request.path,
        json=request.json,
        about=request.about,
        headers={**request.headers, "webhook-timestamp": stamp, "webhook-signature": said},
    )
