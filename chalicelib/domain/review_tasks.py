"""The task of a claim other than its review; it follows from the claim's state."""

from typing import NamedTuple

from chalicelib.domain.claim import Claim

TASKS = ("revocation", "undeliverable", "late_bounce")


class ReviewTask(NamedTuple):
    """A claim that is in the queue for its task."""

    claim: Claim

    @property
    def solution_area(self) -> str:
        return self.claim.solution_area

    @property
    def is_about_association(self) -> bool:
        """Whether it is about an association that is official or paused."""
        association = self.claim.association
        return association is not None and association.state not in ("pending", "ended")


def find_task(claim: Claim) -> str | None:
    """Return the kind of the claim's task.

    `revocation`: a second senior is to confirm it. `undeliverable`: an address is to be found.
    `late_bounce`: a notice that silence was counted on bounced later.
    """
    association, answer = claim.association, claim.answer
    if association and association.open_revocation:
        return "revocation"
    if not claim.is_live:
        return None
    if answer.state == "undeliverable":
        return "undeliverable"
    is_unproven = answer.state == "not_objected" and not answer.has_standing_delivery
    return "late_bounce" if is_unproven and not claim.has_association_in_force else None
