"""Check files that are added to a claim after filing, and keep the files that a claim accepts."""

from collections.abc import Iterable, Mapping
from functools import partial

from chalicelib.domain.checks.evidence import FileContext, check_files, is_as_announced
from chalicelib.domain.claim import Claim
from chalicelib.domain.evidence import Evidence, Proof, StoredFile
from chalicelib.domain.filing import ProofReference
from chalicelib.domain.ids import tenant_key
from chalicelib.domain.refusals import Invalid
from chalicelib.ports import Services
from chalicelib.usecases.request import Request

Uploads = Mapping[str, tuple[Evidence, StoredFile | None]]

MISSING = ("evidence_not_yours", "evidence_not_uploaded")


def check_proofs(
    services: Services,
    request: Request,
    claim: Claim,
    references: tuple[ProofReference, ...],
    only_presence: bool = False,
) -> tuple[Proof, ...]:
    """Check new files for a claim as those of a filing are checked, and return them as proofs.

    `only_presence`: whether to check only that the files are there. Raises Invalid.
    """
    uploads = _load_uploads(services, request, references)
    context = FileContext(
        request.caller.organisation,
        uploads,
        (claim.partner.zone, claim.customer.zone),
        services.catalogue.find_edition(claim.catalogue_edition),
        request.now,
        claim.submitted_at or request.now,
        # The filing's other items are known only from what its files cover.
        frozenset({claim.item.code}.union(*(proof.covers for proof in claim.evidence))),
    )
    findings = tuple(
        finding
        for finding in check_files(references, context)
        if finding.code in MISSING or not only_presence
    )
    if findings:
        raise Invalid(findings)
    kept = keep_files(services, uploads)
    return tuple(ref.proof(*kept[ref.id]) for ref in references)


def keep_files(services: Services, uploads: Uploads) -> Uploads:
    """Copy the files of a claim to where no lifecycle rule deletes them.

    Called before the claim is written; returns the versions that the claim has to pin. A file that
    is not as announced is left alone: a draft may refer to it until it is uploaded again.
    """

    def keep(evidence: Evidence, stored: StoredFile | None) -> StoredFile | None:
        if stored is None or not is_as_announced(evidence, stored):
            return stored
        return services.files.keep(evidence, stored)

    if not uploads:
        return {}
    kept = services.run_parallel(*(partial(keep, *upload) for upload in uploads.values()))
    return {file.id: (file, one) for (file, _), one in zip(uploads.values(), kept, strict=True)}


def list_new_uses(
    tenant_id: str, before: Iterable[Proof], after: Iterable[Proof]
) -> tuple[tuple[str, str], ...]:
    """List the checksums of new files, each with the key of the tenant that it is for."""
    known = {proof.sha256 for proof in before}
    return tuple(
        (proof.sha256, tenant_key(tenant_id))
        for proof in after
        if proof.sha256 and proof.sha256 not in known
    )


def _load_uploads(
    services: Services, request: Request, references: tuple[ProofReference, ...]
) -> Uploads:
    """Load the files, each with what the object store holds; a foreign file is not read."""
    found = [file for ref in references if (file := services.store.evidence.get(ref.id))]
    return {
        file.id: (
            file,
            services.files.inspect(file)
            if file.organisation_id == request.caller.organisation_id
            else None,
        )
        for file in found
    }
