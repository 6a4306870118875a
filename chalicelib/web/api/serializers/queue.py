"""The reviewers' queue, as it is answered."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.arbitration import Arbitration
from chalicelib.domain.claim import Claim
from chalicelib.domain.review_tasks import ReviewTask
from chalicelib.usecases.display_names import NO_NAMES, DisplayNames
from chalicelib.usecases.lists import is_for_seniors
from chalicelib.web.api.response_models import review as models
from chalicelib.web.api.serializers.claims import serialize_item, serialize_named_item
from chalicelib.web.api.serializers.moments import format_moment


@dataclass(frozen=True)
class QueueReader:
    """The data that the rows of a queue need besides the waiting claims.

    Attributes:
        now: the moment of the request.
        conflicts: ids of the claims and cases that the reader keeps away from.
        names: of the customers and partners.
        find_item_name: finds the name of a product or workload by its code and edition.
    """

    now: datetime
    conflicts: frozenset[str] = frozenset()
    names: DisplayNames = NO_NAMES
    find_item_name: Callable[[str, str | None], str] = lambda code, edition: code


def serialize_queue_row(
    waiting: Claim | Arbitration | ReviewTask, reader: QueueReader
) -> models.QueueRow:
    """Write what waits in the reviewers' or seniors' queue."""
    if isinstance(waiting, Arbitration):
        return _serialize_arbitration_row(waiting, reader)
    if isinstance(waiting, ReviewTask):
        return _serialize_task_row(waiting, reader)
    return _serialize_claim_row(waiting, waiting.review.due_at, reader)


def _serialize_claim_row(
    claim: Claim, due: datetime | None, reader: QueueReader
) -> models.QueueRow:
    left = _count_seconds(due, reader.now)
    return {
        "kind": "claim",
        "id": claim.id,
        "claim_id": claim.id,
        "status": claim.status,
        "organisation_id": claim.organisation_id,
        "partner_name": reader.names.partners.get(claim.organisation_id) or claim.partner_name,
        "tenant_id": claim.tenant_id,
        "customer_name": reader.names.customers.get(claim.tenant_id) or claim.domain,
        "item": serialize_item(claim),
        "item_name": reader.find_item_name(claim.item.code, claim.catalogue_edition),
        "assignee": claim.review.assignee,
        "due_at": format_moment(due),
        "seconds_left": left,
        "overdue": left is not None and left < 0,
        "escalated": claim.review.escalated,
        "for_seniors": is_for_seniors(claim),
        "questions": claim.review.questions,
        "version": claim.version,
        "contested": claim.contested,
        "conflict": claim.id in reader.conflicts,
    }


def _serialize_arbitration_row(case: Arbitration, reader: QueueReader) -> models.QueueRow:
    left = _count_seconds(case.decision_due_at, reader.now)
    claim_id = case.parties[0].claim_ids[0]
    partners = [reader.names.partners.get(p.organisation_id) for p in case.active_parties]
    return {
        "kind": "arbitration",
        "id": case.id,
        "claim_id": claim_id,
        "status": case.state,
        "organisation_id": None,
        "partner_name": ", ".join(name for name in partners if name) or None,
        "tenant_id": case.tenant_id,
        "customer_name": reader.names.customers.get(case.tenant_id),
        "item": serialize_named_item(case.item),
        "item_name": reader.find_item_name(case.item.code, None),
        "assignee": case.assignee,
        "due_at": format_moment(case.decision_due_at),
        "seconds_left": left,
        "overdue": left is not None and left < 0,
        "escalated": case.escalated,
        "for_seniors": is_for_seniors(case),
        "questions": None,
        "version": case.version,
        "contested": True,
        "conflict": not reader.conflicts.isdisjoint({case.id, claim_id}),
    }


def _serialize_task_row(task: ReviewTask, reader: QueueReader) -> models.QueueRow:
    """Write a task about an association, by its id and state, or about a claim, by its kind."""
    claim, association = task.claim, task.claim.association
    row = _serialize_claim_row(claim, claim.task.due_at if claim.task else None, reader)
    row |= {
        "escalated": False,
        "for_seniors": is_for_seniors(task),
        "seconds_left": row["seconds_left"] or 0,
    }
    if association and claim.association_id and task.is_about_association:
        return row | {
            "kind": "association",
            "id": claim.association_id,
            "status": association.state,
        }
    return row | {"kind": "task", "status": claim.task.kind if claim.task else ""}


def _count_seconds(due: datetime | None, now: datetime) -> int | None:
    return int((due - now).total_seconds()) if due else None
