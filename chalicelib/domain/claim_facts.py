"""The facts that a claim's history proves: claimant, customer, item, evidence and notice.

They are part of the public rows, as the partner is shown them, so that the hash chain covers them
(domain.md, "History").
"""

from collections.abc import Iterable

from chalicelib.domain.claim import Claim
from chalicelib.domain.evidence import Proof
from chalicelib.domain.mail_records import MailRecord

NOTICE_FACTS = ("organisation_id", "partner_role", "item", "subscription_id")


def list_claim_facts(claim: Claim) -> dict[str, str]:
    """List what a claim asks for; empty before the customer is asked."""
    if claim.answer.state == "not_asked":
        return {}
    facts = {
        "organisation_id": claim.organisation_id,
        "location_id": claim.location_id,
        "tenant_id": claim.tenant_id,
        "domain": claim.domain,
        "solution_area": claim.solution_area,
        "partner_role": claim.partner_role,
        "item": claim.item.code,
        "subscription_id": None if claim.hides_subscription else claim.item.subscription_id,
        "evidence": write_evidence(claim.evidence),
    }
    return {name: text for name, text in facts.items() if text}


def list_changed_facts(before: Claim, after: Claim) -> dict[str, str]:
    """List the facts that a step has changed or added. Facts that it removed are not listed."""
    known = list_claim_facts(before)
    return {name: text for name, text in list_claim_facts(after).items() if known.get(name) != text}


def list_notice_facts(claim: Claim, notices: Iterable[MailRecord]) -> dict[str, str]:
    """List what the notice asks for, and the hash of each notice's text."""
    facts = list_claim_facts(claim)
    hashes = sorted(notice.text_hash for notice in notices)
    asked = {name: facts[name] for name in NOTICE_FACTS if name in facts}
    return asked | ({"text_sha256": " ".join(hashes)} if hashes else {})


def list_notice_details(notices: Iterable[MailRecord]) -> dict[str, str]:
    """List the recipients and references of notices: private, since partners see neither."""
    sent = tuple(notices)
    recipients = " ".join(notice.recipient for notice in sent)
    return {"recipients": recipients, "references": " ".join(notice.id for notice in sent)}


def write_evidence(proofs: Iterable[Proof]) -> str:
    """Write files as `checksum@version`, separated by spaces; `-` where no version is pinned."""
    return " ".join(f"{proof.sha256}@{proof.object_version or '-'}" for proof in proofs)
