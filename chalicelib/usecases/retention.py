"""Retention: private parts go when their time is over, that is recorded, and the hash chain stays
verifiable.
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
from chalicelib.usecases.retry import retry
from chalicelib.usecases.unit_of_work import decide

NOTICES, EVIDENCE = "notices_and_history", "evidence"
LENGTHS = {
    NOTICES: "retention",
    EVIDENCE: "retention_evidence",
}  # the deadline of each kind of private parts


def retain(services: Services, claim: Claim, now: datetime) -> Claim:
    """What is over its time is deleted first, then recorded: done twice it does no harm, half done
    it is done again. A file or a mail that another claim rests on, too, waits for that one's time.
    """
    return retry(lambda: _retained(services, claim, now))


def _retained(services: Services, claim: Claim, now: datetime) -> Claim:
    what = tuple(
        sorted(
            one for one in LENGTHS if one not in claim.redacted and past(services, claim, one, now)
        )
    )
    if what:
        _delete(services, claim, what, now)
    return decide(services, claim.id, lambda c, p, r: _forgotten(c, p, r, what), now).claim


def past(services: Services, claim: Claim, what: str, now: datetime) -> bool:
    """Whether the time of such private parts is over: reckoned, not remembered, so that of two
    claims that are forgotten at the same moment neither waits for the other. Nothing of a living
    claim is.
    """
    length = services.catalogue.find_edition(claim.catalogue_edition).deadlines[LENGTHS[what]]
    end = add_duration(_ended(claim), length)
    return claim.status in CLOSED and end is not None and end <= now


def _delete(services: Services, claim: Claim, what: tuple[str, ...], now: datetime) -> None:
    """Deletes the claim's files and words, and those of its party in a case, unless somebody else's
    time is not over.
    """
    claims, cases = _beside(services, claim)
    over = {
        kind: frozenset(c.id for c in claims if past(services, c, kind, now)) for kind in LENGTHS
    }
    mine = tuple(case for case in cases if case.has_claim(claim.id))
    if EVIDENCE in what:
        needed = {file for file, of in _files(claims, cases) if not over[EVIDENCE].issuperset(of)}
        for file in {file for file, _ in _files((claim,), mine)} - needed:
            services.files.delete(file)
    if NOTICES in what:
        sent = services.store.mails.list_of_claim(tenant_key(claim.tenant_id), claim.id)
        services.store.mails.delete_recipients(
            mail.id for mail in sent if over[NOTICES].issuperset(mail.claim_ids)
        )
        services.store.history.delete_private_parts(claim)
    for case in mine:
        if (after := case.redact(over[NOTICES], over[EVIDENCE])) != case:
            services.store.commit(
                Change(arbitration=after.evolve(version=case.version + 1, rev=case.rev + 1))
            )


def _beside(services: Services, claim: Claim) -> tuple[tuple[Claim, ...], tuple[Arbitration, ...]]:
    """Every claim and case of the claim's tenant, and of others that its files were used for."""
    here = tenant_key(claim.tenant_id)
    found = services.store.tenants.list_claims_and_cases(here)
    said = [
        p.statement.evidence
        for one in found
        if isinstance(one, Arbitration) and one.has_claim(claim.id)
        for p in one.parties
        if p.statement
    ]
    used_at = services.store.evidence.list_tenants_using(
        proof.sha256 for proofs in (claim.evidence, *said) for proof in proofs if proof.sha256
    )
    found += tuple(
        one
        for tag in sorted(used_at - {here})
        for one in services.store.tenants.list_claims_and_cases(tag)
    )
    return tuple(c for c in found if isinstance(c, Claim)), tuple(
        c for c in found if isinstance(c, Arbitration)
    )


def _files(
    claims: Iterable[Claim], cases: Iterable[Arbitration]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each file with the claims that it stays for: one filing, a renewal, a statement or a
    partner's reuse share them.
    """
    yield from ((proof.id, (c.id,)) for c in claims for proof in c.evidence)
    yield from (
        (proof.id, p.claim_ids)
        for case in cases
        for p in case.parties
        if p.statement
        for proof in p.statement.evidence
    )


def _ended(claim: Claim) -> datetime:
    """When the claim or its association ended, whichever was later: a dispute may have been lost
    after an end.
    """
    ended = claim.association.ended_at if claim.association else None
    return max(filter(None, (ended, claim.decided_at)), default=claim.updated_at)


def _forgotten(claim: Claim, slot: Slot, ctx: StepContext, what: tuple[str, ...]) -> Outcome:
    """The claim without the persons and their words, and the next clock if something is still kept."""
    if not what or claim.status not in CLOSED:
        return Outcome(claim=claim)
    changes: dict[str, object] = {"redacted": (*claim.redacted, *what)}
    if NOTICES in what:
        changes |= {
            "customer_contact": None,
            "technical_contact": None,
            "partner_contact": None,
            "name": None,
            "external_reference": None,
            "revenue_details": None,
            "filed_by": "",
            "review": claim.review.evolve(
                assignee=None, assignee_name=None, deciders=(), handlers=()
            ),
            "association": claim.association and claim.association.evolve(revocation_by=None),
            "found_addresses": (),
            "decision": claim.decision.evolve(message=None) if claim.decision else None,
        }
    if EVIDENCE in what:
        changes["evidence"] = ()
    gone = claim.evolve(**changes).without_clock("retention")
    if EVIDENCE not in gone.redacted:
        due = add_duration(_ended(claim), ctx.deadlines["retention_evidence"]) or ctx.now
        gone = gone.with_clock(
            ctx.build_clock("retention", ctx.programme, "retention").evolve(due_at=due)
        )
    return record_act(claim, gone, "retention.deleted", TIME, reasons=what)
