"""What a person has to do about a claim that no review and no case asks for.

It follows from the claim's own state.
"""

from typing import NamedTuple

from chalicelib.domain.claim import Claim


class ReviewTask(NamedTuple):
    """A claim that stands in the queue for its task."""

    claim: Claim

    @property
    def solution_area(self) -> str:
        return self.claim.solution_area

    @property
    def is_about_association(self) -> bool:
        """Whether it is about what is official, or was until now."""
        made = self.claim.association
        return made is not None and made.state not in ("pending", "ended")


def find_task(claim: Claim) -> str | None:
    """`revocation`: a second senior is to confirm it; `undeliverable`: an address is to be found;
    `late_bounce`: what silence was counted on came back.
    """
    made = claim.association
    if made and made.state != "ended" and made.revocation_by:
        return "revocation"
    if not claim.is_open and claim.status != "approved":
        return None
    if claim.answer.state == "undeliverable":
        return "undeliverable"
    unproven = (
        claim.answer.state == "not_objected"
        and not claim.answer.has_standing_delivery
        and not claim.has_association_in_force
    )
    return "late_bounce" if unproven else None
