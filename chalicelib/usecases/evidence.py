"""Files that come to a claim after it was filed: with an answer, an amendment, a dispute or a
statement.
"""

from collections.abc import Iterable
from datetime import datetime

from chalicelib.domain.checks.evidence import FileContext, check_files
from chalicelib.domain.claim import Claim
from chalicelib.domain.evidence import Proof
from chalicelib.domain.filing import ProofReference
from chalicelib.domain.ids import tenant_key
from chalicelib.domain.refusals import Invalid
from chalicelib.ports import Services
from chalicelib.usecases.callers import Caller

THERE = ("evidence_not_yours", "evidence_not_uploaded")


def proofs_of(
    services: Services,
    by: Caller,
    claim: Claim,
    references: tuple[ProofReference, ...],
    now: datetime,
    whole: bool = True,
) -> tuple[Proof, ...]:
    """New files for a claim, each checked as a filing's are; unless the `whole` of it is, only
    whether they are there at all. Raises Invalid.
    """
    found = [file for ref in references if (file := services.store.evidence.get(ref.id))]
    known = {
        file.id: (
            file,
            services.files.stored(file) if file.organisation_id == by.organisation_id else None,
        )
        for file in found
    }
    against = FileContext(
        by.organisation,
        known,
        (claim.partner.zone, claim.customer.zone),
        services.catalogue.find_edition(claim.catalogue_edition),
        now,
        claim.submitted_at or now,
    )
    wrong = tuple(f for f in check_files(references, against) if whole or f.code in THERE)
    if wrong:
        raise Invalid(wrong)
    return tuple(ref.proof(known[ref.id][0]) for ref in references)


def uses(
    tenant_id: str, before: Iterable[Proof], after: Iterable[Proof]
) -> tuple[tuple[str, str], ...]:
    """What is to be noted of the files that have come: their checksums, with the tenant they are
    used for from now on.
    """
    known = {proof.sha256 for proof in before}
    return tuple(
        (proof.sha256, tenant_key(tenant_id))
        for proof in after
        if proof.sha256 and proof.sha256 not in known
    )
