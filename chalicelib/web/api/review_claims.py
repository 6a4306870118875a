"""What reviewers do: the queue, a claim, its evidence, and decisions on it."""

from chalicelib.domain.claim import Claim
from chalicelib.domain.history import Comment
from chalicelib.domain.slot import Slot
from chalicelib.usecases import lists, review_case, reviewer
from chalicelib.usecases.idempotency import StoredResponse
from chalicelib.usecases.unit_of_work import Asked
from chalicelib.web.api import request_models as requests
from chalicelib.web.api.paging import read_start, write_next
from chalicelib.web.api.response_models import review as models
from chalicelib.web.api.response_models.history import ThreadComment
from chalicelib.web.api.responses import (
    make_context,
    make_decision_request,
    make_idempotency_key,
    require_caller,
    send_response,
    store_response,
)
from chalicelib.web.api.serializers.history import serialize_thread_comment
from chalicelib.web.api.serializers.review import (
    serialize_case,
    serialize_queue_row,
    serialize_review_claim,
)
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call


def list_queue(call: Call, query: requests.QueueQuery) -> Answer[models.Queue]:
    caller = require_caller(call)
    assignee = {"me": caller.sub, "none": None}.get(query.assignee or "", query.assignee)

    def is_wanted(waiting: lists.Waiting) -> bool:
        row, area = serialize_queue_row(waiting, call.now), getattr(waiting, "solution_area", None)
        return (
            query.state in (None, row["status"])
            and query.overdue in (None, row["overdue"])
            and query.solution_area in (None, area)
            and (query.assignee is None or row["assignee"] == assignee)
        )

    found, last = lists.queue(call.services, is_wanted, read_start(call, query), query.limit)
    data = [serialize_queue_row(waiting, call.now) for waiting in found]
    return Answer(body={"data": data, "next": write_next(call, query, last)})


def show_case(call: Call) -> Answer[models.ReviewCase]:
    case = review_case.case(call.services, call.path["claim_id"])
    shown = _serialize_claim(call, case.claim, case.slot)
    return Answer(body=serialize_case(case, shown), etag=str(case.claim.version))


def start_next_review(call: Call, body: requests.Nothing) -> Answer[models.ReviewClaim]:
    caller = require_caller(call)
    return send_response(reviewer.take_next(call.services, caller, call.now, _make_request(call)))


def assign_claim(call: Call, body: requests.Assignment) -> Answer[models.ReviewClaim]:
    caller, claim_id = require_caller(call), call.path["claim_id"]
    assignee = body.reviewer or caller.sub
    name = caller.name if assignee == caller.sub else assignee
    decided = reviewer.assign(
        call.services, caller, claim_id, assignee, name, call.now, _make_request(call)
    )
    return send_response(decided.reply)


def start_review(call: Call, body: requests.Nothing) -> Answer[models.ReviewClaim]:
    caller, claim_id = require_caller(call), call.path["claim_id"]
    decided = reviewer.start(call.services, caller, claim_id, call.now, _make_request(call))
    return send_response(decided.reply)


def ask_partner(call: Call, body: requests.Question) -> Answer[models.ReviewClaim]:
    decided = reviewer.ask(
        call.services,
        require_caller(call),
        call.path["claim_id"],
        body.codes,
        body.message,
        call.now,
        _make_request(call),
    )
    return send_response(decided.reply)


def approve_claim(call: Call, body: requests.Approval) -> Answer[models.ReviewClaim]:
    decided = reviewer.approve(
        call.services,
        require_caller(call),
        call.path["claim_id"],
        body.message or "",
        call.now,
        _make_request(call),
    )
    return send_response(decided.reply)


def reject_claim(call: Call, body: requests.Rejection) -> Answer[models.ReviewClaim]:
    decided = reviewer.reject(
        call.services,
        require_caller(call),
        call.path["claim_id"],
        body.codes,
        body.message or "",
        call.now,
        _make_request(call),
    )
    return send_response(decided.reply)


def add_comment(call: Call, body: requests.ReviewComment) -> Answer[ThreadComment]:
    def respond(comment: Comment) -> StoredResponse:
        return store_response(serialize_thread_comment(comment), 201)

    stored = review_case.comment(
        call.services,
        require_caller(call),
        call.path["claim_id"],
        body.text,
        body.visibility == "internal",
        call.now,
        make_idempotency_key(call),
        respond,
    )
    return send_response(stored)


def download_evidence(call: Call) -> Answer[None]:
    claim_id, evidence_id = call.path["claim_id"], call.path["evidence_id"]
    file = review_case.proof(call.services, require_caller(call), claim_id, evidence_id)
    return Answer(303, headers={"Location": call.services.files.address(file)})


def decide_dispute(call: Call, body: requests.DisputeDecision) -> Answer[models.ReviewClaim]:
    decided = reviewer.decide_dispute(
        call.services,
        require_caller(call),
        call.path["claim_id"],
        body.outcome,
        body.codes,
        body.message or "",
        call.now,
        _make_request(call),
    )
    return send_response(decided.reply)


def record_address(call: Call, body: requests.FoundAddress) -> Answer[models.ReviewClaim]:
    decided = reviewer.find_address(
        call.services,
        require_caller(call),
        call.path["claim_id"],
        body.email,
        body.source,
        call.now,
        _make_request(call),
    )
    return send_response(decided.reply)


def _make_request(call: Call) -> Asked:
    return make_decision_request(call, lambda claim, slot: _serialize_claim(call, claim, slot))


def _serialize_claim(call: Call, claim: Claim, slot: Slot) -> models.ReviewClaim:
    return serialize_review_claim(claim, slot, call.language, make_context(call, claim))
