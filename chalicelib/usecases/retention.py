"""Retention: private parts are deleted when their time is over. The deletion is recorded, and the
hash chain of the history stays verifiable.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from chalicelib.domain.arbitration import Arbitration
from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.durations import add_duration
from chalicelib.domain.history import TIME
from chalicelib.domain.ids import tenant_key
from chalicelib.domain.slot import Slot
from chalicelib.domain.state_machines import CLOSED
from chalicelib.domain.steps.common import record_act
from chalicelib.ports import Change, Services
from chalicelib.usecases.decision_request import DecisionRequest
from chalicelib.usecases.request import Conditions
from chalicelib.usecases.retry import retry
from chalicelib.usecases.unit_of_work import decide

NOTICES, EVIDENCE = "notices_and_history", "evidence"
# The deadline of each kind of private parts.
LENGTHS = {NOTICES: "retention", EVIDENCE: "retention_evidence"}


def retain(services: Services, claim: Claim, now: datetime) -> Claim:
    """Delete what is past its time, then record it.

    Idempotent, also after an interruption. A file or a mail that another claim also uses is kept
    until that claim's time is over.
    """
    return retry(lambda: _retain_once(services, claim, now))


def is_past_retention(services: Services, claim: Claim, kind: str, now: datetime) -> bool:
    """Return whether the time of such private parts is over.

    Those of an open claim are always kept. This is calculated, not stored, so that two claims whose
    time ends at the same moment do not wait for each other.
    """
    length = services.catalogue.find_edition(claim.catalogue_edition).deadlines[LENGTHS[kind]]
    end = add_duration(_find_end(claim), length)
    return claim.status in CLOSED and end is not None and end <= now


def _retain_once(services: Services, claim: Claim, now: datetime) -> Claim:
    kinds = tuple(
        kind
        for kind in sorted(LENGTHS)
        if kind not in claim.redacted and is_past_retention(services, claim, kind, now)
    )
    if kinds:
        _delete(services, claim, kinds, now)

    def step(current: Claim, slot: Slot, ctx: StepContext) -> Outcome:
        return _record_deletion(current, ctx, kinds)

    return decide(services, DecisionRequest(claim.id, step, Conditions(now=now))).claim


def _delete(services: Services, claim: Claim, kinds: tuple[str, ...], now: datetime) -> None:
    """Delete the claim's files and words, and those of its party in an arbitration.

    What another claim also uses is kept until that claim's time is over.
    """
    claims, cases = _load_related(services, claim)
    own_cases = tuple(case for case in cases if case.has_claim(claim.id))
    past = {
        kind: frozenset(c.id for c in claims if is_past_retention(services, c, kind, now))
        for kind in LENGTHS
    }
    if EVIDENCE in kinds:
        own = {file for file, _ in _list_files((claim,), own_cases)}
        needed = {
            file
            for file, users in _list_files(claims, cases)
            if not past[EVIDENCE].issuperset(users)
        }
        for file in own - needed:
            services.files.delete(file)
    if NOTICES in kinds:
        mails = services.store.mails.list_of_claim(tenant_key(claim.tenant_id), claim.id)
        services.store.history.delete_private_parts(claim)
        services.store.mails.delete_recipients(
            mail.id for mail in mails if past[NOTICES].issuperset(mail.claim_ids)
        )
    for case in own_cases:
        _delete_in_case(services, case, past)


def _delete_in_case(services: Services, case: Arbitration, past: dict[str, frozenset[str]]) -> None:
    after = case.redact(past[NOTICES], past[EVIDENCE])
    if after != case:
        after = after.evolve(version=case.version + 1, rev=case.rev + 1)
        services.store.commit(Change(arbitration=after))


def _load_related(
    services: Services, claim: Claim
) -> tuple[tuple[Claim, ...], tuple[Arbitration, ...]]:
    """Load the claims and cases of the tenant, and of others that its files were used for."""
    here = tenant_key(claim.tenant_id)
    records = services.store.tenants.list_claims_and_cases(here)
    own_cases = (
        record
        for record in records
        if isinstance(record, Arbitration) and record.has_claim(claim.id)
    )
    statements = [
        party.statement for case in own_cases for party in case.parties if party.statement
    ]
    proofs = [
        *claim.evidence,
        *claim.replaced_evidence,
        *(proof for statement in statements for proof in statement.evidence),
    ]
    used_at = services.store.evidence.list_tenants_using(
        proof.sha256 for proof in proofs if proof.sha256
    )
    for tenant in sorted(used_at - {here}):
        records += services.store.tenants.list_claims_and_cases(tenant)
    claims = tuple(record for record in records if isinstance(record, Claim))
    cases = tuple(record for record in records if isinstance(record, Arbitration))
    return claims, cases


def _list_files(
    claims: Iterable[Claim], cases: Iterable[Arbitration]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """List each file with the claims that it is kept for.

    The claims of one filing, a renewal, a statement or a partner's reuse share files.
    """
    yield from (
        (proof.id, (claim.id,))
        for claim in claims
        for proof in (*claim.evidence, *claim.replaced_evidence)
    )
    parties = (party for case in cases for party in case.parties)
    yield from (
        (proof.id, party.claim_ids)
        for party in parties
        if party.statement
        for proof in party.statement.evidence
    )


def _find_end(claim: Claim) -> datetime:
    """Return when the claim or its association ended, the later of the two.

    A dispute may have been lost after the association's end.
    """
    ended_at = claim.association.ended_at if claim.association else None
    return max(filter(None, (ended_at, claim.decided_at)), default=claim.updated_at)


def _record_deletion(claim: Claim, ctx: StepContext, kinds: tuple[str, ...]) -> Outcome:
    """Remove persons and texts from the claim, and start the next clock if something is kept."""
    if not kinds or claim.status not in CLOSED:
        return Outcome(claim=claim)
    after = claim.evolve(redacted=(*claim.redacted, *kinds)).without_clock("retention")
    if NOTICES in kinds:
        after = _without_persons(after)
    if EVIDENCE in kinds:
        after = after.evolve(evidence=(), replaced_evidence=())
    if EVIDENCE not in after.redacted:
        due = add_duration(_find_end(claim), ctx.deadlines["retention_evidence"]) or ctx.now
        clock = ctx.build_clock("retention", ctx.programme, "retention").evolve(due_at=due)
        after = after.with_clock(clock)
    return record_act(claim, after, "retention.deleted", TIME, reasons=kinds)


def _without_persons(claim: Claim) -> Claim:
    association, decision = claim.association, claim.decision
    return claim.evolve(
        customer_contact=None,
        technical_contact=None,
        partner_contact=None,
        name=None,
        external_reference=None,
        revenue_details=None,
        filed_by="",
        review=claim.review.evolve(
            assignee=None, assignee_name=None, deciders=(), handlers=(), finders=()
        ),
        association=association and association.evolve(revocations=()),
        found_addresses=(),
        proposed_address=None,
        decision=decision and decision.evolve(message=None),
    )
