"""Deliberate defects: each lets somebody reach something alone, and the search must find it."""

from typing import Any

from chalicelib.domain.claim import Claim
from chalicelib.domain.mail_records import MailRecord
from chalicelib.domain.steps import arbitration_decision, association, reviewer
from chalicelib.usecases import callers, customer_answers, tenant_settings
from chalicelib.usecases import deadlines as due_work
from tests.simulation.defects import replace_attributes, revoked_by_one_person


def found_address_needs_no_second_person() -> Any:
    """An address outside the tenant's domains gets the notice without a senior."""
    record = reviewer.record_found_address

    def at_once(claim: Claim, by: Any, ctx: Any, address: str, source: str, ok: bool) -> Any:
        return record(claim, by, ctx, address, source, True)

    return replace_attributes((reviewer, "record_found_address", at_once))


def finder_confirms_the_address() -> Any:
    """Whoever found the address confirms it as a senior."""
    confirm = reviewer.confirm_found_address

    def alone(claim: Claim, by: Any, *rest: Any) -> Any:
        return confirm(claim, by.evolve(sub=f"{by.sub}, again"), *rest)

    return replace_attributes((reviewer, "confirm_found_address", alone))


def finder_decides() -> Any:
    """Whoever found the address approves the claim."""
    return replace_attributes((reviewer, "require_uninvolved", lambda claim, by: None))


def block_does_not_cover_undo() -> Any:
    """An objection is undone although the partner is blocked."""
    check = customer_answers._check_answer

    def forgetful(claim: Claim, given: Any, ctx: Any, is_blocked: bool = False) -> None:
        check(claim, given, ctx, False)

    return replace_attributes(
        (customer_answers, "_check_answer", forgetful),
        (due_work, "opt_out_if_blocked", lambda services, claim, now: claim),
    )


def agreement_needs_no_confirmation() -> Any:
    """Whoever has the link of an own contact agrees at once."""
    given = customer_answers.GivenAnswer
    return replace_attributes((given, "needs_confirmation", lambda self, claim: False))


def claim_link_agrees() -> Any:
    """The contact that the claimant named agrees with effect."""
    return replace_attributes((callers.Guest, "may_judge", lambda self, claim: True))


def claim_link_sets() -> Any:
    """The contact that the claimant named locks, and blocks."""
    return replace_attributes((tenant_settings, "_require_tenant_link", lambda guest: None))


def named_contact_counts() -> Any:
    """Silence counts on a delivery to the address that the claimant named."""
    return replace_attributes((MailRecord, "is_qualifying", property(lambda self: True)))


def one_senior_decides_a_case() -> Any:
    """Who has proposed a winner may confirm it."""
    confirm = arbitration_decision.confirm

    def alone(case: Any, vote: Any, *rest: Any) -> Any:
        by = vote.by.evolve(sub=f"{vote.by.sub}, again")
        return confirm(case, vote._replace(by=by), *rest)

    return replace_attributes((arbitration_decision, "confirm", alone))


def one_reviewer_resumes() -> Any:
    """A reviewer resumes alone what rests on a mail that came back."""
    return replace_attributes((association, "_propose_resumption", lambda *rest: None))


def anyone_ends_an_association() -> Any:
    """Whose association it is does not matter."""
    return replace_attributes((callers.Caller, "require_own", lambda self, claim: None))


DEFECTS = (
    found_address_needs_no_second_person,
    finder_confirms_the_address,
    finder_decides,
    block_does_not_cover_undo,
    agreement_needs_no_confirmation,
    claim_link_agrees,
    claim_link_sets,
    named_contact_counts,
    one_senior_decides_a_case,
    one_reviewer_resumes,
    anyone_ends_an_association,
    revoked_by_one_person,
)
