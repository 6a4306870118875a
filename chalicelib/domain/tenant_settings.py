"""The customer's settings for the whole tenant."""

from datetime import datetime, timedelta
from typing import Literal, Self

from chalicelib.domain.base import Frozen, Instant
from chalicelib.domain.claim import OUTBOX_RETRY_SECONDS
from chalicelib.domain.confirmations import Confirmation
from chalicelib.domain.ids import RandomBytes
from chalicelib.domain.notification import Notification, add_nonce


class RecordedAnswer(Frozen):
    """An answer to several claims, or the objection of a block, from the write that recorded it.

    id: unique within the tenant.
    link: id of the mail whose link was used.
    by: the kind of that link, as in `Answer.by`.
    claims: ids of the claims that are answered.
    reason, comment: the customer's words.
    at: when it was recorded.
    """

    id: str
    link: str
    by: str
    decision: Literal["opt_out", "undo"]
    claims: tuple[str, ...]
    reason: str = ""
    comment: str = ""
    at: Instant


class TenantSettings(Frozen):
    """Lock and blocks of one tenant.

    locked: no partner may submit a new claim.
    blocked: organisation ids of the partners that may not.
    outbox, outbox_retry, outbox_attempts: notifications to send, as in `Claim`.
    confirmations: acts that wait to be confirmed, and those of the last days.
    answers: answers to several claims that the worker finishes.
    rev: counts writes; 0: nothing was ever set.
    """

    tenant_id: str = ""
    locked: bool = False
    blocked: tuple[str, ...] = ()
    confirmations: tuple[Confirmation, ...] = ()
    answers: tuple[RecordedAnswer, ...] = ()
    outbox: tuple[Notification, ...] = ()
    outbox_retry: Instant | None = None
    outbox_attempts: int = 0
    rev: int = 0

    def find_obstacle(self, organisation_id: str) -> str | None:
        """Return the code of why a partner may neither claim nor dispute; None if it may."""
        if self.locked:
            return "tenant_locked"
        return "partner_blocked" if organisation_id in self.blocked else None

    def find_confirmation(self, confirmation_id: str) -> Confirmation | None:
        """Return a confirmation by its id."""
        return next(
            (
                confirmation
                for confirmation in self.confirmations
                if confirmation.id == confirmation_id
            ),
            None,
        )

    def with_notification(
        self, added: Notification, now: datetime, random_bytes: RandomBytes
    ) -> Self:
        """Return the next version of the settings, with one more notification to send."""
        return self.evolve(
            rev=self.rev + 1,
            outbox=add_nonce(self.outbox, (*self.outbox, added), random_bytes),
            outbox_retry=now + timedelta(seconds=OUTBOX_RETRY_SECONDS),
        )

    def find_objection(self, claim_id: str) -> RecordedAnswer | None:
        """Return the recorded opt-out of a claim."""
        return next(
            (
                answer
                for answer in self.answers
                if answer.decision == "opt_out" and claim_id in answer.claims
            ),
            None,
        )

    def find_answer(self, answer_id: str) -> RecordedAnswer | None:
        """Return a recorded answer by its id."""
        return next((answer for answer in self.answers if answer.id == answer_id), None)

    def without_finished_answers(self) -> "TenantSettings":
        """Return the settings without the answers that nothing in the outbox refers to."""
        waiting = {code for one in self.outbox for code in one.codes}
        return self.evolve(answers=tuple(answer for answer in self.answers if answer.id in waiting))

    def with_closed(self, now: datetime, *closed: Confirmation) -> Self:
        """Return the settings with these confirmations closed, without their words."""
        ids = {one.id for one in closed}
        changed = tuple(
            confirmation.evolve(closed_at=confirmation.closed_at or now, comment="")
            if confirmation.id in ids
            else confirmation
            for confirmation in self.confirmations
        )
        return self.evolve(confirmations=changed)
