"""What reviewers call."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from chalicelib.usecases import lists, review_case, reviewer
from chalicelib.usecases.unit_of_work import Decided
from chalicelib.web.api.serializers.associations import serialize_association
from chalicelib.web.api.serializers.claims import serialize_proof
from chalicelib.web.api.serializers.history import (
    serialize_thread_comment,
    serialize_whole_history_row,
)
from chalicelib.web.api.serializers.review import (
    serialize_mail,
    serialize_queue_row,
    serialize_review_claim,
)
from chalicelib.web.http.call import Answer, Call
from chalicelib.web.http.paging import cursor, start
from chalicelib.web.http.responses import (
    Shown,
    answer,
    asked,
    by,
    idempotency_key,
    r_of,
    reply,
    told,
)
from chalicelib.web.http.routing import Routes

if TYPE_CHECKING:
    from chalicelib.web.api import request_models

REVIEWERS = frozenset({"reviewer", "senior_reviewer"})
SENIORS = frozenset({"senior_reviewer"})
READERS = REVIEWERS | {"auditor"}
routes = Routes()


@routes.get(
    "/v1/review/queue",
    who=READERS | {"operator"},
    query="QueueQuery",
    answers="Queue",
    summary="What waits for a reviewer",
)
def queue(call: Call) -> Answer:
    wanted: request_models.QueueQuery = call.query

    def fits(case: lists.Waiting) -> bool:
        row = serialize_queue_row(case, call.now)
        assignees = {None: row["assignee"], "me": by(call).sub, "none": None}
        return (
            wanted.state in (None, row["status"])
            and wanted.overdue in (None, row["overdue"])
            and (
                wanted.solution_area is None
                or getattr(case, "solution_area", None) == wanted.solution_area
            )
            and assignees.get(wanted.assignee, wanted.assignee) == row["assignee"]
        )

    found, more = lists.queue(call.services, fits, start(call), wanted.limit)
    return Answer(
        body={
            "data": [serialize_queue_row(case, call.now) for case in found],
            "next": cursor(call, more),
        }
    )


@routes.get(
    "/v1/review/claims/{claim_id}", who=READERS, answers="ReviewCase", summary="The whole case"
)
def case(call: Call) -> Answer:
    found = review_case.case(call.services, call.path["claim_id"])
    return Answer(
        etag=str(found.claim.version),
        body={
            "claim": _seen(call)(found.claim, found.slot),
            "checks": {"warnings": list(found.claim.warnings)},
            "evidence": [
                {**serialize_proof(p), "reused_elsewhere": p.id in found.reused}
                for p in found.claim.evidence
            ],
            "mails": [serialize_mail(mail) for mail in found.mails],
            "comments": [serialize_thread_comment(c) for c in found.comments],
            "history": [serialize_whole_history_row(row) for row in found.history],
        },
    )


@routes.post(
    "/v1/review/next",
    who=REVIEWERS,
    body="Nothing",
    answers="ReviewClaim",
    summary="Start the case that runs out first",
)
def take_next(call: Call) -> Answer:
    return answer(
        told(reviewer.take_next(call.services, by(call), call.now, asked(call, _seen(call))))
    )


@routes.post(
    "/v1/review/claims/{claim_id}/assign",
    who=REVIEWERS,
    body="Assignment",
    decides=True,
    answers="ReviewClaim",
    summary="Give a case to a person",
)
def assign(call: Call) -> Answer:
    to = call.body.reviewer or by(call).sub
    name = by(call).name if to == by(call).sub else to
    done = reviewer.assign(
        call.services, by(call), call.path["claim_id"], to, name, call.now, asked(call, _seen(call))
    )
    return answer(told(done.reply))


@routes.post(
    "/v1/review/claims/{claim_id}/start",
    who=REVIEWERS,
    body="Nothing",
    decides=True,
    answers="ReviewClaim",
    summary="Take a case up",
)
def begin(call: Call) -> Answer:
    return answer(
        told(
            reviewer.start(
                call.services, by(call), call.path["claim_id"], call.now, asked(call, _seen(call))
            ).reply
        )
    )


@routes.post(
    "/v1/review/claims/{claim_id}/request-info",
    who=REVIEWERS,
    body="Question",
    decides=True,
    answers="ReviewClaim",
    summary="Ask the partner",
)
def request_info(call: Call) -> Answer:
    body: request_models.Question = call.body
    done = reviewer.ask(
        call.services,
        by(call),
        call.path["claim_id"],
        body.codes,
        body.message,
        call.now,
        asked(call, _seen(call)),
    )
    return answer(told(done.reply))


@routes.post(
    "/v1/review/claims/{claim_id}/approve",
    who=REVIEWERS,
    body="Approval",
    decides=True,
    answers="ReviewClaim",
    summary="Approve",
)
def approve(call: Call) -> Answer:
    done = reviewer.approve(
        call.services,
        by(call),
        call.path["claim_id"],
        call.body.message or "",
        call.now,
        asked(call, _seen(call)),
    )
    return answer(told(done.reply))


@routes.post(
    "/v1/review/claims/{claim_id}/reject",
    who=REVIEWERS,
    body="Rejection",
    decides=True,
    answers="ReviewClaim",
    summary="Reject, with codes",
)
def reject(call: Call) -> Answer:
    body: request_models.Rejection = call.body
    done = reviewer.reject(
        call.services,
        by(call),
        call.path["claim_id"],
        body.codes,
        body.message or "",
        call.now,
        asked(call, _seen(call)),
    )
    return answer(told(done.reply))


@routes.post(
    "/v1/review/claims/{claim_id}/comments",
    who=REVIEWERS,
    body="ReviewComment",
    creates=True,
    answers="ThreadComment",
    summary="Say something",
)
def comment(call: Call) -> Answer:
    body: request_models.ReviewComment = call.body
    return answer(
        review_case.comment(
            call.services,
            by(call),
            call.path["claim_id"],
            body.text,
            body.visibility == "internal",
            call.now,
            idempotency_key(call),
            lambda made: reply(serialize_thread_comment(made), 201),
        )
    )


@routes.get(
    "/v1/review/claims/{claim_id}/evidence/{evidence_id}",
    who=READERS,
    status=303,
    summary="A short-lived download",
)
def evidence(call: Call) -> Answer:
    file = review_case.proof(
        call.services, by(call), call.path["claim_id"], call.path["evidence_id"]
    )
    return Answer(303, None, headers={"Location": call.services.files.address(file)})


@routes.post(
    "/v1/review/claims/{claim_id}/decide-dispute",
    who=SENIORS,
    body="DisputeDecision",
    decides=True,
    answers="ReviewClaim",
    summary="Answer a dispute",
)
def decide_dispute(call: Call) -> Answer:
    body: request_models.DisputeDecision = call.body
    done = reviewer.decide_dispute(
        call.services,
        by(call),
        call.path["claim_id"],
        body.outcome,
        body.codes,
        body.message or "",
        call.now,
        asked(call, _seen(call)),
    )
    return answer(told(done.reply))


@routes.post(
    "/v1/review/claims/{claim_id}/customer-address",
    who=REVIEWERS,
    body="FoundAddress",
    answers="ReviewClaim",
    summary="Record an independently found address",
)
def customer_address(call: Call) -> Answer:
    body: request_models.FoundAddress = call.body
    done = reviewer.find_address(
        call.services,
        by(call),
        call.path["claim_id"],
        body.email,
        body.source,
        call.now,
        asked(call, _seen(call)),
    )
    return answer(told(done.reply))


@routes.post(
    "/v1/review/associations/{association_id}/revoke",
    who=SENIORS,
    body="Revocation",
    decides=True,
    answers="Association",
    summary="Propose to revoke",
)
def revoke(call: Call) -> Answer:
    return _association(call, reviewer.propose_revocation)


@routes.post(
    "/v1/review/associations/{association_id}/confirm-revocation",
    who=SENIORS,
    body="Revocation",
    decides=True,
    answers="Association",
    summary="Revoke",
)
def confirm_revocation(call: Call) -> Answer:
    return _association(call, reviewer.confirm_revocation)


@routes.post(
    "/v1/review/associations/{association_id}/resume",
    who=REVIEWERS,
    body="Revocation",
    decides=True,
    answers="Association",
    summary="Resume a paused association",
)
def resume(call: Call) -> Answer:
    return _association(call, reviewer.resume)


def _association(call: Call, do: Callable[..., Decided]) -> Answer:
    body: request_models.Revocation = call.body
    shown = asked(call, lambda claim, slot: serialize_association(claim))
    return answer(
        told(
            do(
                call.services,
                by(call),
                call.path["association_id"],
                body.codes,
                body.message,
                call.now,
                shown,
            ).reply
        )
    )


def _seen(call: Call) -> Shown:
    """A claim as reviewers see it: as its partner does, and who works on it."""

    return lambda claim, slot: serialize_review_claim(claim, slot, call.language, r_of(call, claim))
