"""Filing: look everything up at once, check all of it, and store every claim of the filing or none."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain import checks
from chalicelib.domain.catalogue import Edition
from chalicelib.domain.claim import Claim, Look, Outcome
from chalicelib.domain.deadlines import Reckoning, Whereabouts
from chalicelib.domain.directory import Customer
from chalicelib.domain.filing import Filing
from chalicelib.domain.findings import Finding
from chalicelib.domain.history import Comment
from chalicelib.domain.ids import new_id, tenant_key
from chalicelib.domain.item import Item, lives
from chalicelib.domain.refusals import Forbidden, Invalid, LostRace, Refusal, TooMany, Unavailable
from chalicelib.domain.slot import Place
from chalicelib.domain.steps import partner as steps
from chalicelib.domain.subscription_snapshot import look_at
from chalicelib.ports import Change, Conflict, Desk, World
from chalicelib.usecases.access_journal import looked_up
from chalicelib.usecases.callers import Caller
from chalicelib.usecases.comments import contested
from chalicelib.usecases.limits import (
    FILINGS,
    LETTERS,
    Limit,
    look_up_counters,
    look_ups_left,
    tried,
)
from chalicelib.usecases.limits import refuse as refuse_more
from chalicelib.usecases.unit_of_work import (
    TRIES,
    Repeat,
    Reply,
    answered_meanwhile,
    finished,
    placed,
    receipt,
    reckoning,
    replayed,
)

Filed = tuple[tuple[Claim, Place], ...]
Answer = Callable[[str, Filed], Reply]


@dataclass(frozen=True)
class Read:
    """What was read for a filing, and what the checks make of it.

    `counts`: of the limits that it was counted on.
    """

    desk: Desk
    known: checks.Known
    findings: tuple[Finding, ...]
    counts: tuple[int, ...] = ()


def file(
    world: World, by: Caller, filing: Filing, now: datetime, repeat: Repeat, answer: Answer
) -> Reply:
    """Files a claim per item.

    Raises Invalid with all findings, Unavailable when the directory cannot be asked.
    """
    for attempt in range(TRIES):
        try:
            return _filed(world, by, filing, now, repeat, answer, consistent=attempt > 0)
        except Conflict:
            continue
        except TooMany:
            raise
        except Refusal as refusal:
            if attempt:
                if again := answered_meanwhile(world, repeat, now):
                    return again
                looked_in_vain(world, by, filing, refusal, now)
                raise
    raise LostRace()


def read(
    world: World,
    by: Caller,
    filing: Filing,
    now: datetime,
    repeat: Repeat | None = None,
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
    desk, customer, *counts = world.together(
        lambda: world.store.desk(
            by.organisation,
            tenant_id,
            items,
            [proof.id for proof in filing.evidence],
            (repeat.owner, repeat.key) if repeat else None,
            look_up_counters(by, tenant_id, now),
            consistent,
        ),
        lambda: world.directory.customer(tenant_id, filing.domain or ""),
        *tried(world, by, tenant_id, now, limits),
    )
    if desk.partner is None:
        raise Forbidden("organisation_unknown")
    known = _known(
        world,
        by,
        desk,
        customer,
        edition or world.catalogue.on(now.date(), world.settings.catalogue_edition),
        itself,
    )
    if not filing.submit:
        return Read(desk, known, checks.check_draft(filing, known), tuple(counts))
    if (
        itself and not whole
    ):  # the files were looked into when it was filed; a worker that checks again may not read them
        return Read(desk, known, checks.recheck(filing, known, now), tuple(counts))
    return Read(
        desk,
        known,
        checks.check(filing, _with_files(world, known, filing), now, submitted),
        tuple(counts),
    )


def errors(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings that block."""
    return tuple(finding for finding in findings if not finding.warning)


def refuse(findings: tuple[Finding, ...]) -> None:
    """Raises what the errors among the findings mean; held items are no reason to refuse."""
    if checks.only_unavailable(findings):
        raise Unavailable("directory_unavailable")
    if errors(findings) and not checks.only_waiting(findings):
        raise Invalid(findings)


def drafted(
    world: World, by: Caller, filing: Filing, found: Read, now: datetime, filing_id: str
) -> tuple[Claim, ...]:
    """A claim in draft for each item of a filing."""
    return tuple(
        _draft(world, by, filing, found, at, now, filing_id) for at in range(len(filing.items))
    )


def _filed(
    world: World,
    by: Caller,
    filing: Filing,
    now: datetime,
    repeat: Repeat,
    answer: Answer,
    consistent: bool,
) -> Reply:
    limits = () if consistent else (FILINGS, LETTERS)  # counted once, however often it is decided
    found = read(world, by, filing, now, repeat, consistent, limits=limits)
    if again := replayed(found.desk.receipt, repeat, now):
        return again
    refuse_more(limits, found.counts, now)
    look_ups_left(found.desk.counts, now)
    refuse(found.findings)
    filing_id = new_id("fil", now, world.chance, tenant_key(filing.tenant_id or ""))
    outcomes = _outcomes(
        world, by, filing, found, drafted(world, by, filing, found, now, filing_id), now
    )
    return _stored(world, by, filing, found, outcomes, filing_id, now, repeat, answer)


def _outcomes(
    world: World, by: Caller, filing: Filing, found: Read, drafts: tuple[Claim, ...], now: datetime
) -> list[Outcome]:
    """What becomes of each claim: a draft, held until it is provisioned, or submitted."""
    r = reckoning(world, found.known.edition.code, now)
    together = (
        tuple(c.id for at, c in enumerate(drafts) if not checks.waits(found.findings, at))
        if filing.submit
        else ()
    )
    return [_outcome(claim, at, by, filing, found, together, r) for at, claim in enumerate(drafts)]


def _outcome(
    claim: Claim,
    at: int,
    by: Caller,
    filing: Filing,
    found: Read,
    together: tuple[str, ...],
    r: Reckoning,
) -> Outcome:
    made = steps.create(claim, by.actor, r)
    if not filing.submit:
        return made
    if checks.waits(found.findings, at):
        codes = tuple(
            f.code for f in errors(found.findings) if f.pointer.startswith(f"/items/{at}/")
        )
        return made.then(steps.hold(made.claim, by.actor, r, codes))
    place = _place(found.desk, claim)
    return made.then(
        steps.submit(made.claim, by.actor, r, place.contested_for(by.organisation), together)
    )


def _stored(
    world: World,
    by: Caller,
    filing: Filing,
    found: Read,
    outcomes: list[Outcome],
    filing_id: str,
    now: datetime,
    repeat: Repeat,
    answer: Answer,
) -> Reply:
    """One transaction for the whole filing: claims, places, history, first comment and receipt."""
    before = [outcome.claim.but(seq=0, rev=0, version=0, outbox=()) for outcome in outcomes]
    done = [
        finished(world, was, outcome, now) for was, outcome in zip(before, outcomes, strict=True)
    ]
    claims = tuple(claim for claim, _ in done)
    now_there = [
        placed(_place(found.desk, claim), outcome, now)
        for claim, outcome in zip(claims, outcomes, strict=True)
    ]
    was_there = [_place(found.desk, claim) for claim in claims]
    reply = answer(filing_id, tuple(zip(claims, now_there, strict=True)))
    world.store.commit(
        Change(
            claims=claims,
            entries=tuple(entries for _, entries in done),
            places=tuple(
                after for was, after in zip(was_there, now_there, strict=True) if after != was
            ),
            comments=_first_comments(world, by, filing, claims, now),
            receipt=receipt(repeat, reply, now),
        )
    )
    world.work.soon([claim.id for claim in claims if claim.outbox])
    return reply


def _draft(
    world: World, by: Caller, filing: Filing, found: Read, at: int, now: datetime, filing_id: str
) -> Claim:
    known, tenant_id = found.known, filing.tenant_id or ""
    item = (
        checks.resolve(filing.items[at], tenant_id, known)
        if filing.submit
        else filing.items[at].as_sent()
    )
    aim = checks.aimed(filing, known.edition)
    tenant, partner = known.customer.tenant, known.partner
    assert aim.area and aim.role  # the checks have refused a filing without them
    return Claim(
        id=new_id("clm", now, world.chance, lives(tenant_id, item)),
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
        look=_look(item, known, now) if filing.submit else None,
        customer=Whereabouts(
            country=tenant.country, subdivision=tenant.subdivision, zone=tenant.time_zone
        )
        if tenant
        else Whereabouts(),
        partner=Whereabouts(country=partner.country, zone=partner.time_zone),
        language=tenant.locale if tenant else "en",
        partner_language=partner.locale,
        created_at=now,
        updated_at=now,
    )


def _proofs(filing: Filing, known: checks.Known, code: str) -> tuple:  # type: ignore[type-arg]
    """The files that cover this item, and the supporting ones that name none."""
    mine = (ref for ref in filing.evidence if not ref.covers or code in ref.covers)
    return tuple(ref.proof(known.evidence[ref.id][0]) for ref in mine if ref.id in known.evidence)


def _look(item: Item, known: checks.Known, now: datetime) -> Look | None:
    subscriptions = known.customer.subscriptions
    return look_at(item, subscriptions, known.edition, now) if subscriptions is not None else None


def _about(finding: Finding, at: int) -> bool:
    """Whether a warning concerns this item; `contested` is a field of its own."""
    return finding.code != "contested" and (
        not finding.pointer.startswith("/items/") or finding.pointer.startswith(f"/items/{at}")
    )


def _place(desk: Desk, claim: Claim) -> Place:
    return desk.places.get(claim.item.name) or Place(tenant_id=claim.tenant_id, item=claim.item)


def _first_comments(
    world: World, by: Caller, filing: Filing, claims: tuple[Claim, ...], now: datetime
) -> tuple[Comment, ...]:
    told = tuple(comment for claim in claims for comment in contested(world, claim, now))
    if not filing.comment:
        return told
    return (
        *told,
        *(
            Comment(
                id=new_id("cmt", now, world.chance),
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
    world: World, by: Caller, desk: Desk, customer: Customer, edition: Edition, itself: str
) -> checks.Known:
    assert desk.partner  # `read` has refused a caller whose organisation is unknown
    return checks.Known(
        partner=desk.partner,
        customer=customer,
        edition=edition,
        roles=by.roles,
        places=desk.places,
        tenant_locked=desk.hand.locked,
        partner_blocked=by.organisation in desk.hand.blocked,
        evidence={
            one: (file, None)
            for one, file in desk.evidence.items()
            if file.organisation_id == by.organisation
        },
        support_url=world.settings.support_url,
        enrolment_url=world.settings.enrolment_url,
        itself=itself,
        canonical=world.canonical,
    )


def _with_files(world: World, known: checks.Known, filing: Filing) -> checks.Known:
    """With what really lies in the object store, all files asked for at once."""
    files = [file for file, _ in known.evidence.values()]
    stored = world.together(*((lambda f=f: world.files.stored(f)) for f in files)) if files else ()
    return replace(known, evidence={f.id: (f, s) for f, s in zip(files, stored, strict=True)})


def looked_in_vain(
    world: World, by: Caller, filing: Filing, refusal: Refusal, now: datetime
) -> None:
    """A refused filing was a look-up, too: counted, and in the customer's journal."""
    if isinstance(refusal, Invalid) and filing.submit:
        looked_up(
            world,
            by,
            filing.tenant_id or "",
            "filing_refused",
            now,
            " ".join(i.code for i in filing.items),
        )
