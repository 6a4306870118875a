"""What may be amended, in which state, and what a merge patch changes."""

from typing import Any

from chalicelib.domain.base import Frozen
from chalicelib.domain.catalogue import Edition
from chalicelib.domain.checks.catalogue_names import find_both_names
from chalicelib.domain.claim import Claim
from chalicelib.domain.evidence import Proof
from chalicelib.domain.filing import OLD_NAMES, Contact, RequestValue, RevenueDetails
from chalicelib.domain.findings import Finding

ALWAYS = (
    "name",
    "external_reference",
    "location_id",
    "partner_role",
    "customer_contact",
    "technical_contact",
    "partner_contact",
    "evidence",
    "revenue_details",
)
FIELDS: dict[str, tuple[str, ...]] = {
    "draft": (*ALWAYS, "domain"),
    "submitted": ALWAYS,
    "under_review": ALWAYS,
    "action_required": ALWAYS,
    "approved": ("evidence",),
}
# Fields that are objects: a patch changes the members that it has (RFC 7396, section 2).
OBJECTS: dict[str, type[Frozen]] = {
    "customer_contact": Contact,
    "technical_contact": Contact,
    "partner_contact": Contact,
    "revenue_details": RevenueDetails,
}
NEVER = ("tenant_id", "items", "solution_area", "item")
# Findings that depend on the role, whichever field they point to.
OF_THE_ROLE = (
    "already_claimed",
    "location_not_enrolled",
    "purchase_channel_not_eligible",
    "revenue_details_required",
    "revenue_details_not_allowed",
)
REQUIRED = ("location_id", "partner_role", "customer_contact", "partner_contact", "domain")


def list_editable_fields(claim: Claim) -> tuple[str, ...]:
    """Return the fields that may be amended now."""
    return FIELDS.get(claim.status, ())


def find_unamendable(claim: Claim, sent: dict[str, Any]) -> tuple[Finding, ...]:
    """Find fields that were sent and cannot be amended: never, not in this state, or sent twice."""
    found = list(find_both_names(sent))
    for name, value in sent.items():
        ours = OLD_NAMES.get(name, name)
        if name in NEVER:
            found.append(Finding(code="never_amended", pointer=f"/{name}", values={"field": name}))
        elif ours in ALWAYS + ("domain",) and ours not in list_editable_fields(claim):
            found.append(
                Finding(
                    code="not_amendable_now",
                    pointer=f"/{name}",
                    values={"field": name, "status": claim.status},
                )
            )
        elif ours in REQUIRED and value is None and claim.status != "draft":
            found.append(Finding(code="missing", pointer=f"/{name}"))
    return tuple(found)


def find_changed_fields(
    claim: Claim, sent: dict[str, Any], proofs: tuple[Proof, ...] | None, edition: Edition
) -> dict[str, Any]:
    """Return what the patch changes, by the claim's own field names.

    sent: the new value of each field; None removes it. Of an object only the members to change. A
    new role changes the engagement too. The files that an approved claim rests on are kept; they
    come after those that were sent, because findings point into the request.
    """
    found = {OLD_NAMES.get(name, name): value for name, value in sent.items() if name != "evidence"}
    found |= {
        name: _merge(getattr(claim, name) or OBJECTS[name](), patch)
        for name, patch in found.items()
        if name in OBJECTS and patch is not None
    }
    if proofs is not None:
        kept = {p.id: p for p in claim.evidence} if claim.status == "approved" else {}
        found["evidence"] = (
            *proofs,
            *(p for p in kept.values() if p.id not in {q.id for q in proofs}),
        )
    area = edition.find_area(claim.solution_area)
    role = area.find_role(found["partner_role"] or "") if area and "partner_role" in found else None
    if role:
        found |= {"partner_role": role.code, "engagement": role.engagement}
    return {name: value for name, value in found.items() if value != getattr(claim, name)}


def _merge(current: Frozen, patch: RequestValue) -> Frozen:
    """Return an object with the patch's members replaced; null restores a member's default."""
    default = type(current)()
    sent = {name: getattr(patch, name) for name in patch.model_fields_set}
    return current.evolve(
        **{name: getattr(default, name) if value is None else value for name, value in sent.items()}
    )


def is_concerned(finding: Finding, changed: dict[str, Any]) -> bool:
    """Return whether a finding concerns one of the changed fields.

    Other findings have causes that arose after filing, and are no reason to refuse the amendment.
    """
    first = finding.pointer.strip("/").split("/")[0]
    names = {OLD_NAMES.get(first, first)}
    return bool(names & set(changed)) or ("partner_role" in changed and finding.code in OF_THE_ROLE)
