"""Amending a claim: a merge patch, checked as the filing was, without losing the claim's place."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.domain import amendments
from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.filing import ProofReference
from chalicelib.domain.refusals import Invalid, NotFound, WrongState
from chalicelib.domain.slot import Slot
from chalicelib.domain.steps import partner as steps
from chalicelib.ports import Services
from chalicelib.usecases.callers import Caller
from chalicelib.usecases.evidence import proofs_of
from chalicelib.usecases.filing import errors, read
from chalicelib.usecases.limits import LETTERS, refuse
from chalicelib.usecases.provisioning import filing_of
from chalicelib.usecases.unit_of_work import Asked, Decided, decide


def amend(
    services: Services,
    by: Caller,
    claim_id: str,
    sent: dict[str, Any],
    reason: str,
    now: datetime,
    asked: Asked,
) -> Decided:
    """Changes what was sent. Raises Invalid with every finding about it, NotFound, WrongState."""
    found = services.store.claims.get(claim_id)
    if found is None:
        raise NotFound()
    by.owns(found[0])
    claim, edition = found[0], services.catalogue.find_edition(found[0].catalogue_edition)
    if not amendments.list_editable_fields(claim):
        raise WrongState(status=claim.status, event="amend")
    if wrong := amendments.find_unamendable(claim, sent):
        raise Invalid(wrong)
    references: tuple[ProofReference, ...] | None = (
        sent.get("evidence") if "evidence" in sent else None
    )
    proofs = (
        proofs_of(services, by, claim, references or (), now, whole=False)
        if "evidence" in sent
        else None
    )
    changes = amendments.compute_changes(claim, sent, proofs, edition)
    _checked(services, by, claim, changes, now)

    def step(c: Claim, slot: Slot, ctx: StepContext) -> Outcome:
        if c.status != claim.status:
            raise WrongState(status=c.status, event="amend")
        return steps.amend(c, by.actor, ctx, changes, reason) if changes else Outcome(claim=c)

    return decide(services, claim_id, step, now, replace(asked, allowed=by.owns))


def _checked(
    services: Services, by: Caller, claim: Claim, changes: dict[str, Any], now: datetime
) -> None:
    """The checks at entry, as far as they concern what changes; a draft is checked when it is
    submitted.
    """
    if claim.status == "draft":
        return
    edition = services.catalogue.find_edition(claim.catalogue_edition)
    seen = read(
        services,
        by,
        filing_of(claim.evolve(**changes)),
        now,
        consistent=True,
        itself=claim.id,
        edition=edition,
        whole=True,
        limits=(LETTERS,),
        submitted=claim.submitted_at,
    )
    refuse((LETTERS,), seen.counts, now)
    wrong = [f for f in errors(seen.findings) if amendments.is_concerned(f, changes)]
    if wrong:
        raise Invalid(wrong)
