"""What reviewers see: the queue, a claim with who works on it, and its mails."""

from datetime import datetime

from chalicelib.domain.arbitration import Arbitration
from chalicelib.domain.association import Revocation
from chalicelib.domain.base import rfc3339
from chalicelib.domain.claim import Claim
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.mail_records import MailRecord
from chalicelib.domain.review_tasks import ReviewTask
from chalicelib.domain.slot import Slot
from chalicelib.usecases.review_case import ReviewCase
from chalicelib.web.api.response_models import review as models
from chalicelib.web.api.serializers.claims import (
    serialize_claim,
    serialize_item,
    serialize_named_item,
    serialize_proof,
)
from chalicelib.web.api.serializers.history import (
    serialize_thread_comment,
    serialize_whole_history_row,
)
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
        "revocations": [_serialize_revocation(one) for one in _list_revocations(claim)],
    }
    shown = serialize_claim(claim, slot, language, (), ctx)
    return {
        **shown,
        "item": serialize_item(claim),
        "contested": slot.is_contested_for(claim.organisation_id),
        "review": review,
    }


def serialize_case(
    case: ReviewCase, shown: models.ReviewClaim, comments_next: str | None
) -> models.ReviewCase:
    """Write the whole case; `shown`: its claim as every decision answers it."""
    return {
        "claim": shown,
        "checks": {"warnings": list(case.claim.warnings)},
        "evidence": [
            {**serialize_proof(proof), "reused_elsewhere": proof.id in case.reused}
            for proof in case.claim.evidence
        ],
        "mails": [serialize_mail(mail) for mail in case.mails],
        "comments": [serialize_thread_comment(comment) for comment in case.comments],
        "comments_next": comments_next,
        "history": [serialize_whole_history_row(row) for row in case.history],
    }


def serialize_queue_row(
    waiting: Claim | Arbitration | ReviewTask,
    now: datetime,
    conflicts: frozenset[str] = frozenset(),
) -> models.QueueRow:
    """Write what waits in the reviewers' or seniors' queue.

    conflicts: ids of the claims and cases that the reader keeps away from.
    """
    row = _serialize_row(waiting, now)
    return {**row, "conflict": not conflicts.isdisjoint({row["id"], row["claim_id"]})}


def _serialize_row(waiting: Claim | Arbitration | ReviewTask, now: datetime) -> models.QueueRow:
    if isinstance(waiting, Arbitration):
        return _serialize_arbitration_row(waiting, now)
    if isinstance(waiting, ReviewTask):
        return _serialize_task_row(waiting, now)
    return _serialize_claim_row(waiting, waiting.review.due_at, now)


def serialize_mail(mail: MailRecord) -> models.Mail:
    """Write a mail that was sent, and what became of it."""
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


def _serialize_claim_row(claim: Claim, due: datetime | None, now: datetime) -> models.QueueRow:
    left = _count_seconds(due, now)
    return {
        "kind": "claim",
        "id": claim.id,
        "claim_id": claim.id,
        "status": claim.status,
        "organisation_id": claim.organisation_id,
        "tenant_id": claim.tenant_id,
        "item": serialize_item(claim),
        "assignee": claim.review.assignee,
        "due_at": format_moment(due),
        "seconds_left": left,
        "overdue": left is not None and left < 0,
        "escalated": claim.review.escalated,
        "contested": claim.contested,
        "conflict": False,
    }


def _serialize_arbitration_row(case: Arbitration, now: datetime) -> models.QueueRow:
    left = _count_seconds(case.decision_due_at, now)
    return {
        "kind": "arbitration",
        "id": case.id,
        "claim_id": case.parties[0].claim_ids[0],
        "status": case.state,
        "organisation_id": None,
        "tenant_id": case.tenant_id,
        "item": serialize_named_item(case.item),
        "assignee": case.assignee,
        "due_at": format_moment(case.decision_due_at),
        "seconds_left": left,
        "overdue": left is not None and left < 0,
        "escalated": case.escalated,
        "contested": True,
        "conflict": False,
    }


def _serialize_task_row(task: ReviewTask, now: datetime) -> models.QueueRow:
    """Write a task about an association, by its id and state, or about a claim, by its kind."""
    claim, association = task.claim, task.claim.association
    row = _serialize_claim_row(claim, claim.task.due_at if claim.task else None, now)
    row |= {"escalated": False, "seconds_left": row["seconds_left"] or 0}
    if association and claim.association_id and task.is_about_association:
        return row | {
            "kind": "association",
            "id": claim.association_id,
            "status": association.state,
        }
    return row | {"kind": "task", "status": claim.task.kind if claim.task else ""}


def _count_seconds(due: datetime | None, now: datetime) -> int | None:
    return int((due - now).total_seconds()) if due else None
