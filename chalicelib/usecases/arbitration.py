"""Cases: settled by the worker whenever a contested place has changed, spoken in by parties,
decided by two seniors.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.arbitration import Arbitration, Statement
from chalicelib.domain.claim import Claim
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.evidence import Proof
from chalicelib.domain.filing import ProofReference
from chalicelib.domain.history import Actor, Entry
from chalicelib.domain.ids import Kind, new_id, slot_id, tenant_key
from chalicelib.domain.item import id_suffix
from chalicelib.domain.refusals import Forbidden, NotFound, Refusal, StaleVersion
from chalicelib.domain.slot import Slot
from chalicelib.domain.steps import arbitration as steps
from chalicelib.domain.steps.common import build_notification, record_act, with_notification
from chalicelib.domain.subscription_snapshot import snapshot_item
from chalicelib.ports import Change, Services
from chalicelib.usecases.callers import Caller
from chalicelib.usecases.evidence import proofs_of, uses
from chalicelib.usecases.idempotency import StoredResponse, find_concurrent_response, make_receipt
from chalicelib.usecases.retry import retry
from chalicelib.usecases.reviewer import actor
from chalicelib.usecases.step_context import make_step_context
from chalicelib.usecases.unit_of_work import Asked, finished, with_slot

PROGRAMME = "programme"  # as whom reviewers list cases
Shown = Callable[[Arbitration], StoredResponse]


def settle(services: Services, slot_id: str, now: datetime) -> None:
    """What a changed place means for its case; asked again it answers the same."""
    retry(lambda: _settle(services, slot_id, now))


def escalate(services: Services, case_id: str, now: datetime) -> None:
    """A decision that is overdue goes to the operator's attention; the case stays in the queue."""

    def once() -> None:
        case = services.store.arbitrations.get(case_id)
        if case and case.state == "open" and not case.escalated and case.decision_due_at <= now:
            _commit(services, Change(arbitration=case.evolve(escalated=True, rev=case.rev + 1)))

    retry(once)


def state(
    services: Services,
    by: Caller,
    case_id: str,
    text: str,
    references: tuple[ProofReference, ...],
    now: datetime,
    asked: Asked,
    shown: Shown,
) -> StoredResponse:
    """A party's statement. Raises NotFound for a case that is not the caller's."""

    def once() -> StoredResponse:
        case = _mine(services, by, case_id)
        r = _reckoning(services, case, now)
        party = case.find_party(by.organisation)
        claims = services.store.claims.get_many(party.claim_ids[:1] if party else ())
        proofs = proofs_of(services, by, claims[0], references, now)
        after = steps.add_statement(
            case, by.organisation, Statement(text=text, evidence=proofs, at=now), r
        )
        return _said(
            services,
            after,
            claims,
            by.actor,
            "arbitration.statement_received",
            now,
            asked,
            shown,
            said=proofs,
        )

    return _answered(services, asked, now, once)


def ask(
    services: Services,
    by: Caller,
    case_id: str,
    party: str,
    text: str,
    now: datetime,
    asked: Asked,
    shown: Shown,
) -> StoredResponse:
    """A question to one party."""

    def once() -> StoredResponse:
        case = _found(services, case_id, asked)
        _related(services, by, case)
        r = _reckoning(services, case, now)
        claims = {
            c.organisation_id: c
            for c in services.store.claims.get_many([p.claim_ids[0] for p in case.active_parties])
        }
        due = {
            organisation: r.compute_end("statement", claim.partner)
            for organisation, claim in claims.items()
        }
        after = steps.add_question(case, party, text, due, r)
        asked_party = after.find_party_by_id(party)
        told = [claims[asked_party.organisation_id]] if asked_party else []
        until = asked_party.questions[-1].due_at if asked_party else None
        slot = _place(services, case)
        longer = (slot.evolve(rev=slot.rev + 1, case_schedule=after.schedule),)
        return _said(
            services,
            after,
            tuple(told),
            actor(by),
            "arbitration.info_requested",
            now,
            asked,
            shown,
            text,
            until,
            slots=longer,
        )

    return _answered(services, asked, now, once)


def propose(
    services: Services,
    by: Caller,
    case_id: str,
    winner: str | None,
    reasons: dict[str, str],
    now: datetime,
    asked: Asked,
    shown: Shown,
) -> StoredResponse:
    """The first senior's proposal."""

    def once() -> StoredResponse:
        case = _found(services, case_id, asked)
        _related(services, by, case)
        after = steps.propose(
            case,
            winner,
            reasons,
            actor(by),
            _took_part(_claims(services, case).values()),
            _reckoning(services, case, now),
        )
        return _said(services, after, (), actor(by), "", now, asked, shown)

    return _answered(services, asked, now, once)


def confirm(
    services: Services,
    by: Caller,
    case_id: str,
    winner: str | None,
    now: datetime,
    asked: Asked,
    shown: Shown,
) -> StoredResponse:
    """The second senior's confirmation: case, claims and place in one write."""

    def once() -> StoredResponse:
        case = _found(services, case_id, asked)
        _related(services, by, case)
        slot = _place(services, case)
        claims = _claims(services, case)
        r = _looking(services, case, claims, now)
        settled = steps.confirm(
            case, winner, actor(by), _took_part(claims.values()), claims, slot, r
        )
        assert settled.case  # a confirmation decides a case
        reply = shown(settled.case)
        change = changed(services, slot, claims, case, settled, now)
        if asked.idempotency_key:
            change = replace(change, receipt=make_receipt(asked.idempotency_key, reply, now))
        _commit(services, change)
        return reply

    return _answered(services, asked, now, once)


def changed(
    services: Services,
    slot: Slot,
    claims: dict[str, Claim],
    before: Arbitration | None,
    settled: steps.Settlement,
    now: datetime,
) -> Change:
    """Everything that settling or deciding a case writes: case, claims with their history, and the
    place once. What did not fit, and a claim whose proof was found in order while its rivals' case
    was being decided, are settled next.
    """
    done: list[tuple[Claim, tuple[Entry, ...]]] = []
    after, case = slot, settled.case
    for outcome in settled.outcomes:
        done.append(finished(services, claims[outcome.claim.id], outcome, now))
        after = with_slot(after, outcome, now)
    goes_on = case is not None and (case.state == "open" or settled.has_more)
    found = case is not None and case.state == "decided" and any(e.proven for e in after.contenders)
    after = after.evolve(
        rev=slot.rev + 1,
        case_id=case.id if case and goes_on else None,
        case_schedule=case.schedule if case else None,
        pending_settlement_since=now if settled.has_more or found else None,
    )
    known = _listing(before)
    return Change(
        claims=tuple(c for c, _ in done),
        entries=tuple(e for _, e in done),
        slots=(after,),
        arbitration=case.evolve(rev=case.rev + 1) if case else None,
        members=tuple(one for one in _listing(case) if one not in known),
    )


def _listing(case: Arbitration | None) -> tuple[str, ...]:
    """Who has a case among its cases: its parties, and the programme."""
    return (PROGRAMME, *(party.organisation_id for party in case.parties)) if case else ()


def opened(services: Services, by: Caller, case_id: str) -> Arbitration:
    """A case, for a party of it or for the programme. Raises NotFound."""
    return (
        _mine(services, by, case_id) if by.organisation_id else _found(services, case_id, Asked())
    )


def _settle(services: Services, slot_id: str, now: datetime) -> None:
    slot = services.store.slots.get(slot_id)
    if slot is None or slot.pending_settlement_since is None:
        return
    claims = {
        c.id: c for c in services.store.claims.get_many([e.claim_id for e in slot.contenders])
    }
    case = services.store.arbitrations.get(slot.case_id) if slot.case_id else None
    some = next(iter(claims.values()), None)
    r = _looked(
        services,
        make_step_context(
            services,
            some.catalogue_edition if some else services.catalogue.find_edition_on(now.date()).code,
            now,
        ),
        some,
        now,
    )
    settled = steps.settle(
        slot,
        claims,
        case,
        new_id(Kind.ARBITRATION, now, services.random_bytes, id_suffix(slot.tenant_id, slot.item)),
        r,
    )
    _commit(services, changed(services, slot, claims, case, settled, now))


def _commit(services: Services, change: Change) -> None:
    services.store.commit(change)
    unsettled = [
        slot_id(slot.tenant_id, slot.item.name)
        for slot in change.slots
        if slot.pending_settlement_since
    ]
    told = [
        claim.id
        for claim in change.claims
        if claim.outbox or (claim.due_at and claim.due_at <= claim.updated_at)
    ]
    services.work_queue.enqueue([*unsettled, *told])


def _said(
    services: Services,
    after: Arbitration,
    claims: tuple[Claim, ...],
    by: Actor,
    act: str,
    now: datetime,
    asked: Asked,
    shown: Shown,
    message: str = "",
    until: datetime | None = None,
    said: tuple[Proof, ...] = (),
    slots: tuple[Slot, ...] = (),
) -> StoredResponse:
    """Writes a case, with an entry in the history of the claims concerned.

    `said`: the files of a new statement.
    """
    done = []
    for claim in claims:
        told = (
            with_notification(
                claim,
                build_notification(
                    claim, "arbitration_question", "partner", message=message, due_at=until
                ),
            )
            if message
            else claim
        )
        done.append(
            finished(
                services, claim, record_act(claim, told, act, by, private={"message": message}), now
            )
        )
    reply = shown(after)
    _commit(
        services,
        Change(
            arbitration=after.evolve(rev=after.rev + 1),
            slots=slots,
            claims=tuple(c for c, _ in done),
            entries=tuple(e for _, e in done),
            receipt=make_receipt(asked.idempotency_key, reply, now)
            if asked.idempotency_key
            else None,
            uses=uses(after.tenant_id, (), said),
        ),
    )
    return reply


def _mine(services: Services, by: Caller, case_id: str) -> Arbitration:
    case = services.store.arbitrations.get(case_id)
    if case is None or case.find_party(by.organisation) is None:
        raise NotFound()
    return case


def _found(services: Services, case_id: str, asked: Asked) -> Arbitration:
    case = services.store.arbitrations.get(case_id)
    if case is None:
        raise NotFound()
    if asked.if_match not in (None, str(case.version)):
        raise StaleVersion(version=str(case.version))
    return case


def _answered(
    services: Services, asked: Asked, now: datetime, once: Callable[[], StoredResponse]
) -> StoredResponse:
    """What `once` answers, or what was answered to the same request before, or while this one was
    being refused.
    """
    try:
        return retry(
            lambda: find_concurrent_response(services, asked.idempotency_key, now) or once()
        )
    except Refusal:
        if again := find_concurrent_response(services, asked.idempotency_key, now):
            return again
        raise


def _claims(services: Services, case: Arbitration) -> dict[str, Claim]:
    return {
        c.id: c
        for c in services.store.claims.get_many(
            [one for party in case.active_parties for one in party.claim_ids]
        )
    }


def _place(services: Services, case: Arbitration) -> Slot:
    slot = services.store.slots.get(slot_id(case.tenant_id, case.item.name))
    if slot is None or slot.case_id != case.id:
        raise NotFound()
    return slot


def _related(services: Services, by: Caller, case: Arbitration) -> None:
    if services.partners.related(by.sub) & {party.organisation_id for party in case.parties}:
        raise Forbidden("conflict_of_interest")


def _took_part(claims: Iterable[Claim]) -> frozenset[str]:
    return frozenset(sub for claim in claims for sub in claim.review.deciders)


def _reckoning(services: Services, case: Arbitration, now: datetime) -> StepContext:
    claims = services.store.claims.get_many([case.parties[0].claim_ids[0]])
    return make_step_context(
        services,
        claims[0].catalogue_edition
        if claims
        else services.catalogue.find_edition_on(now.date()).code,
        now,
    )


def _looking(
    services: Services, case: Arbitration, claims: dict[str, Claim], now: datetime
) -> StepContext:
    some = next(iter(claims.values()), None)
    return _looked(services, _reckoning(services, case, now), some, now)


def _looked(
    services: Services, ctx: StepContext, claim: Claim | None, now: datetime
) -> StepContext:
    """With a look-up of the item, for a claim that is approved by this."""
    found = services.directory.subscriptions(tenant_key(claim.tenant_id)) if claim else None
    if claim is None or found is None:
        return ctx
    return ctx._replace(
        snapshot=snapshot_item(
            claim.item, found, services.catalogue.find_edition(claim.catalogue_edition), now
        )
    )
