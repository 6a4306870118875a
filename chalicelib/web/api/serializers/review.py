"""What reviewers see: the queue, a claim with who works on it, and its mails."""

from dataclasses import dataclass

from chalicelib.domain.association import Revocation
from chalicelib.domain.base import rfc3339
from chalicelib.domain.checks.results import group_warnings
from chalicelib.domain.claim import Claim
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.evidence import Proof
from chalicelib.domain.mail_records import MailRecord
from chalicelib.domain.next_actions import list_review_actions
from chalicelib.domain.slot import Slot
from chalicelib.text.i18n import translate
from chalicelib.usecases.review_case import ReviewCase
from chalicelib.web.api.response_models import review as models
from chalicelib.web.api.serializers.claims import (
    serialize_claim,
    serialize_item,
    serialize_proof,
)
from chalicelib.web.api.serializers.history import (
    serialize_thread_comment,
    serialize_whole_history_row,
)
from chalicelib.web.api.serializers.lookup import FindItemName, serialize_claim_row
from chalicelib.web.api.serializers.moments import format_moment


def serialize_review_claim(
    claim: Claim, slot: Slot, language: str, ctx: StepContext
) -> models.ReviewClaim:
    """Write a claim as reviewers see it: with its item, its review, and whether it has rivals."""
    review: models.Review = {
        "assignee": claim.review.assignee,
        "due_at": format_moment(claim.review.due_at),
        "questions": claim.review.questions,
        "escalated": claim.review.escalated,
        "revocations": [
            _serialize_revocation(revocation) for revocation in _list_revocations(claim)
        ],
    }
    shown = serialize_claim(claim, slot, language, (), ctx)
    return {
        **shown,
        "item": serialize_item(claim),
        "contested": slot.is_contested_for(claim.organisation_id),
        "review": review,
    }


@dataclass(frozen=True)
class CaseReader:
    """The data that the page of a case needs besides the case.

    Attributes:
        language: the reader's.
        is_senior: whether the reader is a senior.
        zone: the partner's time zone (IANA).
        item_name: of the product or workload.
        comments_next: the cursor of older comments.
        find_item_name: finds the name of a product or workload by its code and edition.
    """

    language: str
    is_senior: bool
    zone: str
    item_name: str
    comments_next: str | None
    find_item_name: FindItemName


def serialize_case(
    case: ReviewCase, shown: models.ReviewClaim, reader: CaseReader
) -> models.ReviewCase:
    """Write the whole case; `shown`: its claim as every decision answers it."""
    claim, names = case.claim, case.names
    actions = list_review_actions(claim, reader.is_senior) if case.obstacle is None else []
    return {
        "customer_name": names.customers.get(claim.tenant_id),
        "partner_name": names.partners.get(claim.organisation_id) or claim.partner_name,
        "item_name": reader.item_name,
        "partner_language": claim.partner_language,
        "partner_zone": reader.zone,
        "subscription": _serialize_subscription(case),
        "rivals": [
            {
                "claim_id": rival.claim_id,
                "organisation_id": rival.organisation_id,
                "partner_name": names.partners.get(rival.organisation_id),
                "standing": rival.standing,
            }
            for rival in case.slot.list_competitors(claim.organisation_id)
        ],
        "arbitration_id": case.slot.case_id,
        "may_decide": {
            "allowed": case.obstacle is None,
            "code": case.obstacle,
            "detail": case.obstacle
            and translate(reader.language, f"refusal.{case.obstacle}.detail"),
        },
        "next_actions": actions,
        "claim": shown,
        "checks": _serialize_checks(case),
        "evidence": [_serialize_evidence(proof, case) for proof in claim.evidence],
        "mails": [serialize_mail(mail) for mail in case.mails],
        "comments": [serialize_thread_comment(comment) for comment in case.comments],
        "comments_next": reader.comments_next,
        "other_claims": [
            serialize_claim_row(other, names, reader.find_item_name) for other in case.others
        ],
        "history": [serialize_whole_history_row(row) for row in case.history],
    }


def _serialize_checks(case: ReviewCase) -> models.CheckResults:
    """Write the checks at entry as results, with what is found about the files today."""
    claim, warnings = case.claim, list(case.claim.warnings)
    warnings += ["evidence_reused"] if case.reused else []
    warnings += ["contested"] if case.slot.is_contested_for(claim.organisation_id) else []
    return {
        "warnings": list(claim.warnings),
        "results": [
            {"check": name, "outcome": "look" if codes else "passed", "codes": codes}
            for name, codes in group_warnings(dict.fromkeys(warnings)).items()
        ],
    }


def _serialize_evidence(proof: Proof, case: ReviewCase) -> models.ReviewProof:
    """Write a file with what it was announced as, which was compared with its bytes."""
    shown, file = serialize_proof(proof), case.files.get(proof.id)
    if file is not None:  # a claim of an earlier version does not say it itself
        shown["content_type"], shown["size"] = file.content_type, file.size
        shown["uploaded_at"] = rfc3339(file.created_at)
    return {
        **shown,
        "reused_elsewhere": proof.id in case.reused,
    }


def _serialize_subscription(case: ReviewCase) -> models.SubscriptionNow | None:
    """Write the subscription as it is now, or as it was at the last look-up if it is not known."""
    now, last = case.subscription, case.claim.snapshot
    if now is not None:
        return {"state": now.state, "channel": now.channel, "looked_at": rfc3339(case.read_at)}
    if last is not None:
        return {"state": last.state, "channel": None, "looked_at": rfc3339(last.at)}
    return None


def serialize_mail(mail: MailRecord) -> models.Mail:
    """Write a sent mail and its events."""
    return {
        "id": mail.id,
        "kind": mail.kind,
        "recipient": mail.recipient,
        "source": mail.source,
        "qualifying": mail.is_qualifying,
        "language": mail.language,
        "sent_at": rfc3339(mail.sent_at),
        "template": mail.template,
        "template_hash": mail.template_hash,
        "text_hash": mail.text_hash,
        "provider_id": mail.provider_id,
        "events": [
            {"type": event.type, "at": rfc3339(event.at)}
            for event in mail.events
            if event.type != "send"  # only confirms that the mail was taken
        ],
    }


def _list_revocations(claim: Claim) -> tuple[Revocation, ...]:
    return claim.association.revocations if claim.association else ()


def _serialize_revocation(proposal: Revocation) -> models.Revocation:
    return {
        "by": proposal.by,
        "at": rfc3339(proposal.at),
        "until": format_moment(proposal.until),
        "codes": list(proposal.codes),
        "outcome": proposal.outcome,
        "closed_by": proposal.closed_by,
        "closed_at": format_moment(proposal.closed_at),
    }
