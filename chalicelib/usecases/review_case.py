"""What reviewers read: the whole case; and what they say in its thread."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.arbitration import Arbitration
from chalicelib.domain.claim import Claim
from chalicelib.domain.evidence import Evidence
from chalicelib.domain.history import Comment, Entry
from chalicelib.domain.ids import tenant_key
from chalicelib.domain.mail_records import MailRecord
from chalicelib.domain.refusals import Forbidden, NotFound
from chalicelib.domain.slot import Slot
from chalicelib.ports import Services
from chalicelib.usecases.callers import Caller
from chalicelib.usecases.comments import said
from chalicelib.usecases.idempotency import IdempotencyKey, StoredResponse, replay_stored_response
from chalicelib.usecases.partner import written
from chalicelib.usecases.unit_of_work import empty_slot


@dataclass(frozen=True)
class Case:
    """Everything about one claim.

    `reused`: proofs whose very file another tenant's claim rests on, too.
    """

    claim: Claim
    slot: Slot
    comments: tuple[Comment, ...]
    history: tuple[Entry, ...]
    mails: tuple[MailRecord, ...]
    reused: frozenset[str] = frozenset()


def case(services: Services, claim_id: str) -> Case:
    """The whole case, in two round trips.

    Raises NotFound, for drafts too: they are the partner's own.
    """
    found = services.store.claims.get(claim_id)
    if found is None or found[0].submitted_at is None:
        raise NotFound()
    claim = found[0]
    comments, history, mails, reused = services.run_parallel(
        lambda: services.store.history.list_comments(claim_id),
        lambda: services.store.history.list_entries(claim_id),
        lambda: services.store.mails.list_of_claim(tenant_key(claim.tenant_id), claim_id),
        lambda: services.store.evidence.find_reused(
            [(p.id, p.sha256 or "") for p in claim.evidence], claim.tenant_id
        ),
    )
    return Case(claim, found[1] or empty_slot(claim), comments, history, mails, reused)


def proof(services: Services, by: Caller, claim_id: str, evidence_id: str) -> Evidence:
    """A file that a claim, or its partner's statement in a case, rests on. Raises NotFound, and
    Forbidden for the proof of a partner the reader is related to.
    """
    found, file, related = services.run_parallel(
        lambda: services.store.claims.get(claim_id),
        lambda: services.store.evidence.get(evidence_id),
        lambda: services.partners.related(by.sub),
    )
    if (
        found is None
        or found[0].submitted_at is None
        or file is None
        or file.id not in _files(services, found[0], file.id)
    ):
        raise NotFound()
    if found[0].organisation_id in related:
        raise Forbidden("conflict_of_interest")
    return file  # type: ignore[no-any-return]


def _files(services: Services, claim: Claim, wanted: str) -> frozenset[str]:
    """The claim's files; those of its partner's statements only when the one that is wanted is none
    of its own.
    """
    own = frozenset(p.id for p in claim.evidence)
    if wanted in own:
        return own
    cases = (
        one
        for one in services.store.tenants.list_claims_and_cases(tenant_key(claim.tenant_id))
        if isinstance(one, Arbitration)
    )
    parties = (party for case in cases for party in case.parties if claim.id in party.claim_ids)
    return own.union(p.id for party in parties if party.statement for p in party.statement.evidence)


def comment(
    services: Services,
    by: Caller,
    claim_id: str,
    text: str,
    internal: bool,
    now: datetime,
    idempotency_key: IdempotencyKey | None,
    answer: Callable[[Comment], StoredResponse],
) -> StoredResponse:
    """Adds to the thread, for the partner to read or for reviewers only."""
    found = services.store.claims.get(
        claim_id, (idempotency_key.owner, idempotency_key.key) if idempotency_key else None
    )
    if found is None or found[0].submitted_at is None:
        raise NotFound()
    if again := replay_stored_response(found[2], idempotency_key, now):
        return again
    made = said(services, by, claim_id, text, now, internal)
    return written(services, made, answer(made), now, idempotency_key)
