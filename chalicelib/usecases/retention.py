"""Retention: private parts are deleted when their time is over. The deletion is recorded, and the
hash chain of the history stays verifiable.
"""

from collections.abc import Container, Iterable, Iterator
from datetime import datetime

from chalicelib.domain.arbitration import Arbitration
from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.durations import add_duration
from chalicelib.domain.evidence import Proof
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
CLAIMS_AT_ONCE = 100  # chosen: one call to the database (BatchGetItem), at most 6.4 MB of claims


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
    tenant = tenant_key(claim.tenant_id)
    cases = services.store.tenants.list_cases(tenant)
    own_cases = tuple(case for case in cases if case.has_claim(claim.id))
    if EVIDENCE in kinds:
        for file in _list_unused_files(services, claim, cases, now):
            services.files.delete(file)
    mails = services.store.mails.list_of_claim(tenant, claim.id) if NOTICES in kinds else ()
    ids = {one for mail in mails for one in mail.claim_ids} | {
        one for case in own_cases for party in case.parties for one in party.claim_ids
    }
    claims = services.store.claims.get_many(sorted(ids | {claim.id}))
    past = {
        kind: frozenset(one.id for one in claims if is_past_retention(services, one, kind, now))
        for kind in LENGTHS
    }
    if NOTICES in kinds:
        services.store.history.delete_private_parts(claim)
        services.store.mails.delete_recipients(
            mail.id for mail in mails if past[NOTICES].issuperset(mail.claim_ids)
        )
    for case in own_cases:
        _delete_in_case(services, case, claim.organisation_id, past)


def _delete_in_case(
    services: Services, case: Arbitration, organisation_id: str, past: dict[str, frozenset[str]]
) -> None:
    after = case.redact(organisation_id, past[NOTICES], past[EVIDENCE])
    if after != case:
        after = after.evolve(version=case.version + 1, rev=case.rev + 1)
        services.store.commit(Change(arbitration=after))


def _list_unused_files(
    services: Services, claim: Claim, cases: Iterable[Arbitration], now: datetime
) -> set[str]:
    """List the claim's files, and those of its party's statements, that no other claim needs.

    The claims of one filing, a renewal, a statement or a partner's reuse share files: claims of the
    same partner, at each tenant that the files were used for. What other partners have filed there
    costs no read. `cases`: those of the claim's tenant.
    """
    here = tenant_key(claim.tenant_id)
    proofs = [*_list_proofs(claim), *_list_stated_proofs(cases, {claim.id})]
    unused = {proof.id for proof in proofs}
    tenants = services.store.evidence.list_tenants_using(
        proof.sha256 for proof in proofs if proof.sha256
    ) | {here}
    ids, living = _list_claims_of_partner(services, claim, tenants), set()
    for at in range(0, len(ids), CLAIMS_AT_ONCE):
        for one in services.store.claims.get_many(ids[at : at + CLAIMS_AT_ONCE]):
            if not is_past_retention(services, one, EVIDENCE, now):
                living.add(one.id)
                unused -= {proof.id for proof in _list_proofs(one)}
    elsewhere = map(services.store.tenants.list_cases, sorted(tenants - {here}))
    for some in (cases, *elsewhere):
        unused -= {proof.id for proof in _list_stated_proofs(some, living)}
    return unused


def _list_claims_of_partner(
    services: Services, claim: Claim, tenants: frozenset[str]
) -> tuple[str, ...]:
    """List the ids of the partner's claims at some tenants.

    The partner's list lags, so the newest claims of the tenants are read, too.
    """
    newest = (
        one.id
        for tenant in sorted(tenants)
        for one in services.store.tenants.list_newest_claims(tenant, consistent=True)
        if one.organisation_id == claim.organisation_id
    )
    listed = services.store.claims.list_ids_of_partner(claim.organisation_id, tenants)
    return tuple(dict.fromkeys((*newest, *listed)))


def _list_proofs(claim: Claim) -> tuple[Proof, ...]:
    return (*claim.evidence, *claim.replaced_evidence)


def _list_stated_proofs(cases: Iterable[Arbitration], claim_ids: Container[str]) -> Iterator[Proof]:
    """List the files of the statements that are made for any of these claims."""
    for case in cases:
        for party in case.parties:
            if party.statement and any(one in claim_ids for one in party.claim_ids):
                yield from party.statement.evidence


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
