"""Load what reviewers read: the whole case, and its files."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.domain.claim import Claim
from chalicelib.domain.directory import NOT_READABLE, Subscription
from chalicelib.domain.evidence import Evidence, Proof
from chalicelib.domain.history import Comment, Entry
from chalicelib.domain.ids import tenant_key
from chalicelib.domain.mail_records import MailRecord
from chalicelib.domain.outcomes import empty_slot
from chalicelib.domain.refusals import Forbidden, NotFound
from chalicelib.domain.slot import Slot
from chalicelib.domain.steps.reviewer import require_uninvolved
from chalicelib.ports import Services, StoredClaim
from chalicelib.usecases.callers import Caller, require_senior_for_dispute
from chalicelib.usecases.display_names import NO_NAMES, DisplayNames, load_display_names
from chalicelib.usecases.malware_scan import require_clean
from chalicelib.usecases.request import Request

DECIDING = frozenset({"reviewer", "senior_reviewer"})


@dataclass(frozen=True)
class ReviewCase:
    """Everything about one claim.

    Attributes:
        claim: the claim.
        slot: its item's slot.
        comments: the newest of its thread, or those before, in order.
        comments_next: where those before them begin.
        history: its history.
        mails: the records of the mails about it.
        files: the records of its files, by id.
        others: the newest other claims on the customer that the reader may see.
        reused: ids of its files whose content another tenant's claim rests on, too.
        names: of the customer, of the partner, and of those that compete for the item.
        subscription: the item's subscription now; None: unknown.
        read_at: when the case was read.
        obstacle: the code of the reason why the reader may not decide; None: the reader may.
    """

    claim: Claim
    slot: Slot
    comments: tuple[Comment, ...]
    history: tuple[Entry, ...]
    mails: tuple[MailRecord, ...]
    read_at: datetime
    reused: frozenset[str] = frozenset()
    files: Mapping[str, Evidence] = field(default_factory=dict)
    others: tuple[Claim, ...] = ()
    comments_next: str | None = None
    names: DisplayNames = NO_NAMES
    obstacle: str | None = None
    subscription: Subscription | None = None


@dataclass(frozen=True)
class ThreadPage:
    """Which comments of a thread are wanted: so many before one, or the newest."""

    before: str | None
    limit: int


def load_review_case(
    services: Services, request: Request, claim_id: str, thread: ThreadPage
) -> ReviewCase:
    """Load the whole case, in two round trips: the claim, and what belongs to it.

    Where other claims of the customer are so old that they do not name their partner, in three.

    What a reader may just have written (claim, comments, history) is read as it is stored. The
    rest is read eventually consistently, at half the cost.

    Raises NotFound, for drafts too: they are the partner's own. Raises Forbidden for a reader who
        is related to the partner or to a competitor.
    """
    caller = request.caller
    claim, slot, related = _load_with_relations(services, caller, claim_id)
    competitors = [one.organisation_id for one in slot.list_competitors(claim.organisation_id)]
    named = competitors if claim.partner_name else [claim.organisation_id, *competitors]
    thread_page, history, mails, reused, files, newest, subscription, names = services.run_parallel(
        lambda: services.store.history.list_comment_page(
            claim_id, thread.before, thread.limit, backwards=True
        ),
        lambda: services.store.history.list_entries(claim_id, claim.head),
        lambda: services.store.mails.list_of_claim(
            tenant_key(claim.tenant_id), claim_id, consistent=False
        ),
        lambda: services.store.evidence.find_reused(
            [(proof.id, proof.sha256 or "") for proof in claim.evidence], claim.tenant_id
        ),
        lambda: services.store.evidence.get_many([proof.id for proof in claim.evidence]),
        lambda: services.store.tenants.list_newest_claims(tenant_key(claim.tenant_id)),
        lambda: _find_subscription(services, claim),
        lambda: load_display_names(services, [claim.tenant_id], named),
    )
    comments, before = thread_page
    others = drop_conflicts(services, related, (one for one in newest if one.id != claim.id))
    if unnamed := {one.organisation_id for one in others if not one.partner_name} - set(named):
        names = names.add(load_display_names(services, (), unnamed))
    return ReviewCase(
        claim=claim,
        slot=slot,
        comments=tuple(reversed(comments)),
        history=history,
        mails=mails,
        reused=reused,
        files=files,
        others=others,
        comments_next=before,
        names=names,
        subscription=subscription,
        read_at=request.now,
        obstacle=find_obstacle(claim, caller),
    )


def drop_conflicts(
    services: Services, related: frozenset[str], claims: Iterable[Claim]
) -> tuple[Claim, ...]:
    """Leave out drafts, and claims that a reader may not read because of related partners."""
    submitted = [one for one in claims if one.submitted_at is not None]
    if not related or not submitted:
        return tuple(submitted)
    slots = services.store.slots.get_many([(one.tenant_id, one.item) for one in submitted])
    return tuple(
        one
        for one in submitted
        if not (slots.get((one.tenant_id, one.item.name)) or empty_slot(one)).is_conflict(
            one.id, one.organisation_id, related
        )
    )


def load_readable(services: Services, caller: Caller, claim_id: str) -> tuple[Claim, Slot]:
    """Load a claim that a person of the programme may read. Raises NotFound, Forbidden."""
    claim, slot, _ = _load_with_relations(services, caller, claim_id)
    return claim, slot


def _load_with_relations(
    services: Services, caller: Caller, claim_id: str
) -> tuple[Claim, Slot, frozenset[str]]:
    """Load a claim and its slot, and which partners the reader is related to."""
    found, related = services.run_parallel(
        lambda: services.store.claims.get_to_show(claim_id),
        lambda: services.partners.find_related_partners(caller.sub),
    )
    return *require_readable(found, related), related


def _find_subscription(services: Services, claim: Claim) -> Subscription | None:
    """Look up the subscription of the claim's item; None when it is not known."""
    known = services.directory.subscriptions(tenant_key(claim.tenant_id))
    if known is None or known == NOT_READABLE:
        return None
    return next((one for one in known if one.subscription_id == claim.item.subscription_id), None)


def find_obstacle(claim: Claim, caller: Caller) -> str | None:
    """Return the code of why this person may not decide on a claim, None when they may."""
    if caller.roles.isdisjoint(DECIDING):
        return "forbidden"
    try:
        require_senior_for_dispute(claim, caller)
        require_uninvolved(claim, caller.as_reviewer)
    except Forbidden as refusal:
        return refusal.code
    return None


def require_readable(found: StoredClaim | None, related: frozenset[str]) -> tuple[Claim, Slot]:
    """Return a claim that a reviewer may read, with its slot. Raises NotFound, Forbidden."""
    if found is None or found.claim.submitted_at is None:
        raise NotFound()
    claim, slot = found.claim, found.slot or empty_slot(found.claim)
    if slot.is_conflict(claim.id, claim.organisation_id, related):
        raise Forbidden("conflict_of_interest")
    return claim, slot


def load_evidence(
    services: Services, caller: Caller, claim_id: str, evidence_id: str
) -> tuple[Evidence, str | None]:
    """Load a file that a claim, or its partner's statement in an arbitration, rests on.

    Returns its record and the version that was checked, None for one of an old claim.

    Raises NotFound, Forbidden for a reader who is related to the partner or to a competitor, and
    what `require_clean` raises.
    """
    found, file, related = services.run_parallel(
        lambda: services.store.claims.get(claim_id),
        lambda: services.store.evidence.get(evidence_id),
        lambda: services.partners.find_related_partners(caller.sub),
    )
    claim, _ = require_readable(found, related)
    proof = _find_proof(services, claim, file.id) if file else None
    if proof is None:
        raise NotFound()
    require_clean(services, (proof,))
    return file, proof.object_version


def _find_proof(services: Services, claim: Claim, evidence_id: str) -> Proof | None:
    """Find a file among those of the claim; if it is not there, among those of statements."""
    own = next((proof for proof in claim.evidence if proof.id == evidence_id), None)
    return own or next(
        (proof for proof in _list_stated(services, claim) if proof.id == evidence_id), None
    )


def _list_stated(services: Services, claim: Claim) -> Iterator[Proof]:
    """List the files of the statements that the claim's partner has made in arbitrations."""
    for case in services.store.tenants.list_cases(tenant_key(claim.tenant_id)):
        for party in case.parties:
            if claim.id in party.claim_ids and party.statement:
                yield from party.statement.evidence
