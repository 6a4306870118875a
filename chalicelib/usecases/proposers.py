"""Who proposed what a second person is about to confirm: both must still be impartial then."""

from chalicelib.domain.claim import Claim
from chalicelib.domain.refusals import WrongState
from chalicelib.domain.slot import Slot
from chalicelib.ports import Services


def is_related(services: Services, proposer: str | None, claim: Claim, slot: Slot) -> bool:
    """Return whether the proposer is related to the claim's partner, or to a rival, by now."""
    if not proposer:
        return False
    related = services.partners.find_related_partners(proposer)
    return slot.is_conflict(claim.id, claim.organisation_id, related)


def refuse_related_proposer(
    services: Services, proposer: str | None, claim: Claim, slot: Slot
) -> None:
    """Raise WrongState for a proposal of somebody who is related by now: it does not count."""
    if is_related(services, proposer, claim, slot):
        raise WrongState("nothing_proposed", status=claim.status, event="confirm")
