"""What reviewers read: the whole case; and what they say in its thread."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.arbitration import Arbitration
from chalicelib.domain.claim import Claim
from chalicelib.domain.customer import MailRecord
from chalicelib.domain.evidence import Evidence
from chalicelib.domain.history import Comment, Entry
from chalicelib.domain.ids import tenant_key
from chalicelib.domain.refusals import Forbidden, NotFound
from chalicelib.domain.slot import Place
from chalicelib.ports import World
from chalicelib.usecases.callers import Caller
from chalicelib.usecases.comments import said
from chalicelib.usecases.partner import written
from chalicelib.usecases.unit_of_work import Repeat, Reply, nothing_there, replayed


@dataclass(frozen=True)
class Case:
    """Everything about one claim.

    `reused`: proofs whose very file another tenant's claim rests on, too.
    """

    claim: Claim
    place: Place
    comments: tuple[Comment, ...]
    history: tuple[Entry, ...]
    mails: tuple[MailRecord, ...]
    reused: frozenset[str] = frozenset()


def case(world: World, claim_id: str) -> Case:
    """The whole case, in two round trips.

    Raises NotFound, for drafts too: they are the partner's own.
    """
    found = world.store.case(claim_id)
    if found is None or found[0].submitted_at is None:
        raise NotFound()
    claim = found[0]
    comments, history, mails, reused = world.together(
        lambda: world.store.comments(claim_id),
        lambda: world.store.history(claim_id),
        lambda: world.store.mails_of(tenant_key(claim.tenant_id), claim_id),
        lambda: world.store.reused(
            [(p.id, p.sha256 or "") for p in claim.evidence], claim.tenant_id
        ),
    )
    return Case(claim, found[1] or nothing_there(claim), comments, history, mails, reused)


def proof(world: World, by: Caller, claim_id: str, evidence_id: str) -> Evidence:
    """A file that a claim, or its partner's statement in a case, rests on. Raises NotFound, and
    Forbidden for the proof of a partner the reader is related to.
    """
    found, file, related = world.together(
        lambda: world.store.case(claim_id),
        lambda: world.store.evidence(evidence_id),
        lambda: world.partners.related(by.sub),
    )
    if (
        found is None
        or found[0].submitted_at is None
        or file is None
        or file.id not in _files(world, found[0], file.id)
    ):
        raise NotFound()
    if found[0].organisation_id in related:
        raise Forbidden("conflict_of_interest")
    return file  # type: ignore[no-any-return]


def _files(world: World, claim: Claim, wanted: str) -> frozenset[str]:
    """The claim's files; those of its partner's statements only when the one that is wanted is none
    of its own.
    """
    own = frozenset(p.id for p in claim.evidence)
    if wanted in own:
        return own
    cases = (
        one
        for one in world.store.dossiers(tenant_key(claim.tenant_id))
        if isinstance(one, Arbitration)
    )
    parties = (party for case in cases for party in case.parties if claim.id in party.claim_ids)
    return own.union(p.id for party in parties if party.statement for p in party.statement.evidence)


def comment(
    world: World,
    by: Caller,
    claim_id: str,
    text: str,
    internal: bool,
    now: datetime,
    repeat: Repeat | None,
    answer: Callable[[Comment], Reply],
) -> Reply:
    """Adds to the thread, for the partner to read or for reviewers only."""
    found = world.store.case(claim_id, (repeat.owner, repeat.key) if repeat else None)
    if found is None or found[0].submitted_at is None:
        raise NotFound()
    if again := replayed(found[2], repeat, now):
        return again
    made = said(world, by, claim_id, text, now, internal)
    return written(world, made, answer(made), now, repeat)
