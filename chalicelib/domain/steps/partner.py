"""What a partner does with its claim: create, submit, hold, respond, withdraw, end the association."""

from ..claim import Claim, Outcome
from ..clocks import Reckoning
from ..evidence import Proof
from ..history import TIME, Actor
from ..machines import CLAIM
from ..refusals import WrongState
from .common import answered, asked, closed, ended_association, happened, letter, moved, review_clocks, telling


def create(claim: Claim, by: Actor, r: Reckoning) -> Outcome:
    """A new claim in draft; untouched for 90 days it expires."""
    started = claim.with_clock(r.clock("draft", r.programme, "claim.created"))
    return happened(claim.but(status="none"), started, "claim.created", by)


def submit(claim: Claim, by: Actor, r: Reckoning, contested: bool, together: tuple[str, ...] = ()) -> Outcome:
    """All checks passed: the customer is asked and the review clock starts.

    `together`: the claims of the filing that are submitted in the same write; the first one carries the notice.
    """
    after = moved(claim, "provisioned" if claim.status == "awaiting_provisioning" else "submit")
    after = answered(after, "ask", round=1).without_clock("draft", "provisioning", "provisioning_recheck")
    after = after.but(submitted_at=claim.submitted_at or r.now, contested=contested, findings=())
    after = asked(review_clocks(after, r, "claim.submitted"), r, "claim.submitted")
    if not together or together[0] == claim.id:
        after = telling(after, letter(claim, "notice", "customer", claims=together or (claim.id,), round=1),
                        letter(claim, "submitted", "partner", claims=together or (claim.id,)))
    if contested:
        after = telling(after, letter(claim, "contested", "partner"))
    return happened(claim, after, "claim.submitted", by)


def hold(claim: Claim, by: Actor, r: Reckoning, waits_for: tuple[str, ...]) -> Outcome:
    """Only provisioning is missing: the claim waits up to seven days, looked at after 1 h and then every 6 h."""
    after = moved(claim, "hold").without_clock("draft").but(submitted_at=r.now, findings=waits_for)
    after = after.with_clock(r.clock("provisioning", r.programme, "claim.held"))
    first = r.clock("provisioning_recheck_first", r.programme, "claim.held")
    after = after.with_clock(first.but(kind="provisioning_recheck"))
    return happened(claim, telling(after, letter(claim, "held", "partner", codes=waits_for)), "claim.held", by,
                    reasons=waits_for)


def still_waiting(claim: Claim, r: Reckoning) -> Outcome:
    """The re-check found it not provisioned yet: the next look is due, nothing happened."""
    return Outcome(claim=claim.with_clock(r.clock("provisioning_recheck", r.programme, "claim.held")))


def found_wanting(claim: Claim, r: Reckoning, codes: tuple[str, ...]) -> Outcome:
    """The re-check found another error: back to the partner with the findings."""
    after = moved(claim, "found_wanting").but(findings=codes).without_clock("provisioning", "provisioning_recheck")
    after = after.with_clock(r.clock("draft", r.programme, "claim.returned"))
    return happened(claim, telling(after, letter(claim, "held_wanting", "partner", codes=codes)), "claim.returned",
                    TIME, reasons=codes)


def respond(claim: Claim, by: Actor, r: Reckoning, message: str, evidence: tuple[Proof, ...] = ()) -> Outcome:
    """The partner answers a question: the review goes on with its clock afresh."""
    after = moved(claim, "respond").but(evidence=(*claim.evidence, *evidence)).without_clock("partner_answer")
    return happened(claim, review_clocks(after, r, "claim.responded"), "claim.responded", by,
                    private={"message": message, "evidence": " ".join(p.id for p in evidence)})


def withdraw(claim: Claim, by: Actor, r: Reckoning, reason: str) -> Outcome:
    """The partner takes its claim back, before its association is official."""
    if claim.association and claim.association.state != "pending" and claim.status == "approved":
        raise WrongState("association_must_be_ended", status=claim.status)
    after = closed(claim, moved(claim, "withdraw"), r, "withdrawn", ("partner_ended",) if claim.association else ())
    if claim.status != "draft":
        after = telling(after, letter(claim, "withdrawn", "partner"))
    return happened(claim, after, "claim.withdrawn", by, private={"reason": reason})


def end_association(claim: Claim, by: Actor, r: Reckoning, reason: str, why: str = "partner_ended") -> Outcome:
    """An association ends, and its claim with it, in one write: from then on no figures."""
    if not claim.association or claim.association.state == "ended":
        raise WrongState(status=claim.association.state if claim.association else "none", event="end")
    after = ended_association(claim, why, r)
    after = moved(after, "end") if CLAIM.allows(claim.status, "end") else after
    after = after.but(clocks=(), decided_at=claim.decided_at)
    after = telling(after, letter(claim, "association_ended", "partner", codes=(why,)),
                    letter(claim, "claim_ended", "customer", codes=(why,)))
    return happened(claim, after, "association.ended", by, reasons=(why,), private={"reason": reason})
