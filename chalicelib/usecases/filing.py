"""Filing: look everything up at once, check all of it, and store every claim of the filing or none."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain import checks
from chalicelib.domain.catalogue import Edition
from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import CalendarRegion, StepContext
from chalicelib.domain.directory import DirectoryLookup
from chalicelib.domain.filing import Filing
from chalicelib.domain.findings import Finding
from chalicelib.domain.history import Comment
from chalicelib.domain.ids import Kind, new_id, tenant_key
from chalicelib.domain.item import Item, SubscriptionSnapshot, id_suffix
from chalicelib.domain.refusals import Forbidden, Invalid, LostRace, Refusal, TooMany, Unavailable
from chalicelib.domain.slot import Slot
from chalicelib.domain.steps import partner as steps
from chalicelib.domain.subscription_snapshot import snapshot_item
from chalicelib.ports import Change, Conflict, FilingInputs, FilingQuery, Services
from chalicelib.usecases.access_journal import looked_up
from chalicelib.usecases.callers import Caller
from chalicelib.usecases.comments import contested
from chalicelib.usecases.idempotency import (
    IdempotencyKey,
    StoredResponse,
    find_concurrent_response,
    make_receipt,
    replay_stored_response,
)
from chalicelib.usecases.limits import (
    FILINGS,
    LETTERS,
    Limit,
    look_up_counters,
    look_ups_left,
    tried,
)
from chalicelib.usecases.limits import refuse as refuse_more
from chalicelib.usecases.retry import TRIES
from chalicelib.usecases.step_context import make_step_context
from chalicelib.usecases.unit_of_work import finished, with_slot

Filed = tuple[tuple[Claim, Slot], ...]
Answer = Callable[[str, Filed], StoredResponse]


@dataclass(frozen=True)
class Read:
    """What was read for a filing, and what the checks make of it.

    `counts`: of the limits that it was counted on.
    """

    filing_inputs: FilingInputs
    known: checks.CheckContext
    findings: tuple[Finding, ...]
    counts: tuple[int, ...] = ()


def file(
    services: Services,
    by: Caller,
    filing: Filing,
    now: datetime,
    idempotency_key: IdempotencyKey,
    answer: Answer,
) -> StoredResponse:
    """Files a claim per item.

    Raises Invalid with all findings, Unavailable when the directory cannot be asked.
    """
    for attempt in range(TRIES):
        try:
            return _filed(
                services, by, filing, now, idempotency_key, answer, consistent=attempt > 0
            )
        except Conflict:
            continue
        except TooMany:
            raise
        except Refusal as refusal:
            if attempt:
                if again := find_concurrent_response(services, idempotency_key, now):
                    return again
                record_refused_lookup(services, by, filing, refusal, now)
                raise
    raise LostRace()


def read(
    services: Services,
    by: Caller,
    filing: Filing,
    now: datetime,
    idempotency_key: IdempotencyKey | None = None,
    consistent: bool = False,
    itself: str = "",
    edition: Edition | None = None,
    whole: bool = False,
    limits: tuple[Limit, ...] = (),
    submitted: datetime | None = None,
) -> Read:
    """Everything the checks need, in one round trip (and the files' own, if there are any), and the
    checks.

    `itself`: a claim that is checked again; the proof only when the `whole` of it is. `limits`:
    what this counts on; `submitted`: when a claim that is amended was.
    """
    tenant_id, items = filing.tenant_id or "", [item.as_sent() for item in filing.items]
    query = FilingQuery(
        organisation_id=by.organisation,
        tenant_id=tenant_id,
        items=items,
        evidence=[proof.id for proof in filing.evidence],
        receipt=(idempotency_key.owner, idempotency_key.key) if idempotency_key else None,
        counters=look_up_counters(by, tenant_id, now),
    )
    filing_inputs, customer, *counts = services.run_parallel(
        lambda: services.store.get_filing_inputs(query, consistent),
        lambda: services.directory.customer(tenant_id, filing.domain or ""),
        *tried(services, by, tenant_id, now, limits),
    )
    if filing_inputs.partner is None:
        raise Forbidden("organisation_unknown")
    known = _known(
        services,
        by,
        filing_inputs,
        customer,
        edition
        or services.catalogue.find_edition_on(now.date(), services.settings.catalogue_edition),
        itself,
    )
    if not filing.submit:
        return Read(filing_inputs, known, checks.check_draft(filing, known), tuple(counts))
    if (
        itself and not whole
    ):  # the files were looked into when it was filed; a worker that checks again may not read them
        return Read(filing_inputs, known, checks.recheck_claim(filing, known, now), tuple(counts))
    return Read(
        filing_inputs,
        known,
        checks.check_filing(filing, _with_files(services, known, filing), now, submitted),
        tuple(counts),
    )


def errors(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings that block."""
    return tuple(finding for finding in findings if not finding.warning)


def refuse(findings: tuple[Finding, ...]) -> None:
    """Raises what the errors among the findings mean; held items are no reason to refuse."""
    if checks.is_only_unavailable(findings):
        raise Unavailable("directory_unavailable")
    if errors(findings) and not checks.has_only_waiting_errors(findings):
        raise Invalid(findings)


def create_drafts(
    services: Services, by: Caller, filing: Filing, found: Read, now: datetime, filing_id: str
) -> tuple[Claim, ...]:
    """A claim in draft for each item of a filing."""
    return tuple(
        _draft(services, by, filing, found, at, now, filing_id) for at in range(len(filing.items))
    )


def _filed(
    services: Services,
    by: Caller,
    filing: Filing,
    now: datetime,
    idempotency_key: IdempotencyKey,
    answer: Answer,
    consistent: bool,
) -> StoredResponse:
    limits = () if consistent else (FILINGS, LETTERS)  # counted once, however often it is decided
    found = read(services, by, filing, now, idempotency_key, consistent, limits=limits)
    if again := replay_stored_response(found.filing_inputs.receipt, idempotency_key, now):
        return again
    refuse_more(limits, found.counts, now)
    look_ups_left(found.filing_inputs.counts, now)
    refuse(found.findings)
    filing_id = new_id(Kind.FILING, now, services.random_bytes, tenant_key(filing.tenant_id or ""))
    outcomes = _outcomes(
        services, by, filing, found, create_drafts(services, by, filing, found, now, filing_id), now
    )
    return _stored(services, by, filing, found, outcomes, filing_id, now, idempotency_key, answer)


def _outcomes(
    services: Services,
    by: Caller,
    filing: Filing,
    found: Read,
    drafts: tuple[Claim, ...],
    now: datetime,
) -> list[Outcome]:
    """What becomes of each claim: a draft, held until it is provisioned, or submitted."""
    r = make_step_context(services, found.known.edition.code, now)
    filed_together = (
        tuple(c.id for at, c in enumerate(drafts) if not checks.must_wait(found.findings, at))
        if filing.submit
        else ()
    )
    return [
        _outcome(claim, at, by, filing, found, filed_together, r) for at, claim in enumerate(drafts)
    ]


def _outcome(
    claim: Claim,
    at: int,
    by: Caller,
    filing: Filing,
    found: Read,
    filed_together: tuple[str, ...],
    ctx: StepContext,
) -> Outcome:
    made = steps.create(claim, by.actor, ctx)
    if not filing.submit:
        return made
    if checks.must_wait(found.findings, at):
        codes = tuple(
            f.code for f in errors(found.findings) if f.pointer.startswith(f"/items/{at}/")
        )
        return made.then(steps.hold(made.claim, by.actor, ctx, codes))
    slot = _place(found.filing_inputs, claim)
    return made.then(
        steps.submit(
            made.claim, by.actor, ctx, slot.is_contested_for(by.organisation), filed_together
        )
    )


def _stored(
    services: Services,
    by: Caller,
    filing: Filing,
    found: Read,
    outcomes: list[Outcome],
    filing_id: str,
    now: datetime,
    idempotency_key: IdempotencyKey,
    answer: Answer,
) -> StoredResponse:
    """One transaction for the whole filing: claims, places, history, first comment and receipt."""
    before = [outcome.claim.evolve(seq=0, rev=0, version=0, outbox=()) for outcome in outcomes]
    done = [
        finished(services, was, outcome, now) for was, outcome in zip(before, outcomes, strict=True)
    ]
    claims = tuple(claim for claim, _ in done)
    now_there = [
        with_slot(_place(found.filing_inputs, claim), outcome, now)
        for claim, outcome in zip(claims, outcomes, strict=True)
    ]
    was_there = [_place(found.filing_inputs, claim) for claim in claims]
    reply = answer(filing_id, tuple(zip(claims, now_there, strict=True)))
    services.store.commit(
        Change(
            claims=claims,
            entries=tuple(entries for _, entries in done),
            slots=tuple(
                after for was, after in zip(was_there, now_there, strict=True) if after != was
            ),
            comments=_first_comments(services, by, filing, claims, now),
            receipt=make_receipt(idempotency_key, reply, now),
        )
    )
    services.work_queue.enqueue([claim.id for claim in claims if claim.outbox])
    return reply


def _draft(
    services: Services,
    by: Caller,
    filing: Filing,
    found: Read,
    at: int,
    now: datetime,
    filing_id: str,
) -> Claim:
    known, tenant_id = found.known, filing.tenant_id or ""
    item = (
        checks.resolve_item(filing.items[at], tenant_id, known)
        if filing.submit
        else filing.items[at].as_sent()
    )
    aim = checks.find_area_and_role(filing, known.edition)
    tenant, partner = known.customer.tenant, known.partner
    assert aim.area and aim.role  # the checks have refused a filing without them
    return Claim(
        id=new_id(Kind.CLAIM, now, services.random_bytes, id_suffix(tenant_id, item)),
        filing_id=filing_id,
        organisation_id=by.organisation,
        partner_name=partner.name,
        filed_by=by.sub,
        tenant_id=tenant_id,
        domain=filing.domain or "",
        partner_domains=tuple(domain.lower() for domain in partner.domains),
        location_id=filing.location or None,
        solution_area=aim.area.code,
        partner_role=aim.role.code,
        engagement=aim.role.engagement,
        item=item,
        filled_in=item != filing.items[at].as_sent(),
        catalogue_edition=known.edition.code,
        customer_contact=filing.customer_contact,
        technical_contact=filing.technical_contact,
        partner_contact=filing.partner_contact,
        name=filing.name,
        external_reference=filing.external_reference,
        evidence=_proofs(filing, known, item.code),
        revenue_details=filing.revenue_details,
        warnings=tuple(f.code for f in found.findings if f.warning and _about(f, at)),
        snapshot=_look(item, known, now) if filing.submit else None,
        customer=CalendarRegion(
            country=tenant.country, subdivision=tenant.subdivision, zone=tenant.time_zone
        )
        if tenant
        else CalendarRegion(),
        partner=CalendarRegion(country=partner.country, zone=partner.time_zone),
        language=tenant.locale if tenant else "en",
        partner_language=partner.locale,
        created_at=now,
        updated_at=now,
    )


def _proofs(filing: Filing, known: checks.CheckContext, code: str) -> tuple:  # type: ignore[type-arg]
    """The files that cover this item, and the supporting ones that name none."""
    mine = (ref for ref in filing.evidence if not ref.covers or code in ref.covers)
    return tuple(ref.proof(known.evidence[ref.id][0]) for ref in mine if ref.id in known.evidence)


def _look(item: Item, known: checks.CheckContext, now: datetime) -> SubscriptionSnapshot | None:
    subscriptions = known.customer.subscriptions
    return (
        snapshot_item(item, subscriptions, known.edition, now)
        if subscriptions is not None
        else None
    )


def _about(finding: Finding, at: int) -> bool:
    """Whether a warning concerns this item; `contested` is a field of its own."""
    return finding.code != "contested" and (
        not finding.pointer.startswith("/items/") or finding.pointer.startswith(f"/items/{at}")
    )


def _place(filing_inputs: FilingInputs, claim: Claim) -> Slot:
    return filing_inputs.slots.get(claim.item.name) or Slot(
        tenant_id=claim.tenant_id, item=claim.item
    )


def _first_comments(
    services: Services, by: Caller, filing: Filing, claims: tuple[Claim, ...], now: datetime
) -> tuple[Comment, ...]:
    told = tuple(comment for claim in claims for comment in contested(services, claim, now))
    if not filing.comment:
        return told
    return (
        *told,
        *(
            Comment(
                id=new_id(Kind.COMMENT, now, services.random_bytes),
                claim_id=claim.id,
                at=now,
                by="partner",
                author=by.name,
                text=filing.comment,
            )
            for claim in claims
        ),
    )


def _known(
    services: Services,
    by: Caller,
    filing_inputs: FilingInputs,
    customer: DirectoryLookup,
    edition: Edition,
    itself: str,
) -> checks.CheckContext:
    assert filing_inputs.partner  # `read` has refused a caller whose organisation is unknown
    return checks.CheckContext(
        partner=filing_inputs.partner,
        customer=customer,
        edition=edition,
        roles=by.roles,
        slots=filing_inputs.slots,
        tenant_locked=filing_inputs.tenant_settings.locked,
        partner_blocked=by.organisation in filing_inputs.tenant_settings.blocked,
        evidence={
            one: (file, None)
            for one, file in filing_inputs.evidence.items()
            if file.organisation_id == by.organisation
        },
        support_url=services.settings.support_url,
        enrolment_url=services.settings.enrolment_url,
        own_claim_id=itself,
        normalize_domain=services.normalize_domain,
    )


def _with_files(
    services: Services, known: checks.CheckContext, filing: Filing
) -> checks.CheckContext:
    """With what really lies in the object store, all files asked for at once."""
    files = [file for file, _ in known.evidence.values()]
    stored = (
        services.run_parallel(*((lambda f=f: services.files.stored(f)) for f in files))
        if files
        else ()
    )
    return replace(known, evidence={f.id: (f, s) for f, s in zip(files, stored, strict=True)})


def record_refused_lookup(
    services: Services, by: Caller, filing: Filing, refusal: Refusal, now: datetime
) -> None:
    """A refused filing was a look-up, too: counted, and in the customer's journal."""
    if isinstance(refusal, Invalid) and filing.submit:
        looked_up(
            services,
            by,
            filing.tenant_id or "",
            "filing_refused",
            now,
            " ".join(i.code for i in filing.items),
        )
