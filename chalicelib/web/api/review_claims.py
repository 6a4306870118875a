"""What reviewers do: the queue, a claim, its evidence, and decisions on it."""

from collections.abc import Iterable
from functools import partial

from chalicelib.domain.arbitration import Arbitration
from chalicelib.domain.claim import Claim
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.history import Comment
from chalicelib.domain.review_tasks import ReviewTask
from chalicelib.domain.slot import Slot
from chalicelib.usecases import comments, lists, review_case, reviewer
from chalicelib.usecases.decision_request import Render
from chalicelib.usecases.display_names import DisplayNames, load_display_names
from chalicelib.usecases.idempotency import StoredResponse
from chalicelib.usecases.step_context import find_item_name, make_step_context
from chalicelib.web.api import request_models as requests
from chalicelib.web.api.filters import find_area_of, resolve_area
from chalicelib.web.api.paging import read_start, write_next
from chalicelib.web.api.response_models import review as models
from chalicelib.web.api.response_models.history import ThreadComment
from chalicelib.web.api.responses import (
    make_renderer,
    make_request,
    require_caller,
    send_response,
    store_response,
)
from chalicelib.web.api.review_codes import require_codes_of
from chalicelib.web.api.serializers.history import serialize_thread_comment
from chalicelib.web.api.serializers.queue import QueueReader, serialize_queue_row
from chalicelib.web.api.serializers.review import (
    CaseReader,
    serialize_case,
    serialize_review_claim,
)
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call


def list_queue(call: Call, query: requests.QueueQuery) -> Answer[models.Queue]:
    caller = require_caller(call)
    assignee = {"me": caller.sub, "none": None}.get(query.assignee or "", query.assignee)
    wanted_area = resolve_area(call, query.solution_area)

    unnamed = QueueReader(call.now)

    def is_wanted(waiting: lists.QueueEntry) -> bool:
        row = serialize_queue_row(waiting, unnamed)
        return (
            query.kind in (None, row["kind"])
            and query.state in (None, row["status"])
            and query.overdue in (None, row["overdue"])
            and query.for_seniors in (None, row["for_seniors"])
            and query.task in (None, isinstance(waiting, ReviewTask))
            and wanted_area in (None, _find_area(call, waiting))
            and (query.assignee is None or row["assignee"] == assignee)
        )

    found, last = lists.list_queue(call.services, is_wanted, read_start(call, query), query.limit)
    reader = QueueReader(
        now=call.now,
        conflicts=lists.find_conflicts(call.services, caller, found),
        names=_load_names(call, found),
        find_item_name=partial(find_item_name, call.services, call.now),
    )
    rows = [serialize_queue_row(waiting, reader) for waiting in found]
    # Who is related to whom is read for what was found, so such a page may have fewer rows.
    data = [row for row in rows if query.conflict in (None, row["conflict"])]
    return Answer(body={"data": data, "next": write_next(call, query, last)})


def show_case(call: Call, query: requests.Page) -> Answer[models.ReviewCase]:
    """Show the whole case; `query` pages its thread, of which the newest come first."""
    caller = require_caller(call)
    thread = review_case.ThreadPage(read_start(call, query), query.limit)
    case = review_case.load_review_case(
        call.services, make_request(call), call.path["claim_id"], thread
    )
    claim = case.claim
    ctx = make_step_context(call.services, call.now, claim.catalogue_edition)
    shown = serialize_review_claim(claim, case.slot, call.language, ctx)
    reader = CaseReader(
        language=call.language,
        is_senior=caller.is_senior,
        zone=call.services.calendars.describe(claim.partner).zone,
        item_name=ctx.edition.find_name(claim.item.code),
        comments_next=write_next(call, query, case.comments_next),
        find_item_name=partial(find_item_name, call.services, call.now),
    )
    return Answer(body=serialize_case(case, shown, reader), etag=claim.etag)


def start_next_review(call: Call, body: requests.Nothing) -> Answer[models.ReviewClaim]:
    return send_response(reviewer.take_next(call.services, make_request(call), _render_claim(call)))


def assign_claim(call: Call, body: requests.Assignment) -> Answer[models.ReviewClaim]:
    caller = require_caller(call)
    assignee = body.reviewer or caller.sub
    name = caller.name if assignee == caller.sub else assignee
    command = reviewer.Assign(call.path["claim_id"], assignee, name)
    return send_response(
        reviewer.assign(call.services, make_request(call), command, _render_claim(call))
    )


def start_review(call: Call, body: requests.Nothing) -> Answer[models.ReviewClaim]:
    claim_id, render = call.path["claim_id"], _render_claim(call)
    return send_response(reviewer.start(call.services, make_request(call), claim_id, render))


def ask_partner(call: Call, body: requests.Question) -> Answer[models.ReviewClaim]:
    command = reviewer.RequestInfo(call.path["claim_id"], body.codes, body.message or "")
    return send_response(
        reviewer.request_info(call.services, make_request(call), command, _render_claim(call))
    )


def approve_claim(call: Call, body: requests.Approval) -> Answer[models.ReviewClaim]:
    command = reviewer.Approve(call.path["claim_id"], body.message or "")
    return send_response(
        reviewer.approve(call.services, make_request(call), command, _render_claim(call))
    )


def reject_claim(call: Call, body: requests.Rejection) -> Answer[models.ReviewClaim]:
    command = reviewer.Reject(call.path["claim_id"], body.codes, body.message or "")
    return send_response(
        reviewer.reject(call.services, make_request(call), command, _render_claim(call))
    )


def add_review_comment(call: Call, body: requests.ReviewComment) -> Answer[ThreadComment]:
    def respond(comment: Comment) -> StoredResponse:
        return store_response(serialize_thread_comment(comment), 201)

    internal = body.visibility == "internal"
    command = comments.AddComment(call.path["claim_id"], body.text, internal)
    return send_response(
        comments.add_review_comment(call.services, make_request(call), command, respond)
    )


def download_evidence(call: Call) -> Answer[None]:
    claim_id, evidence_id = call.path["claim_id"], call.path["evidence_id"]
    file, version = review_case.load_evidence(
        call.services, require_caller(call), claim_id, evidence_id
    )
    return Answer(303, headers={"Location": call.services.files.create_download(file, version)})


def decide_dispute(call: Call, body: requests.DisputeDecision) -> Answer[models.ReviewClaim]:
    require_codes_of(body.outcome, body.codes)
    command = reviewer.DecideDispute(
        call.path["claim_id"], body.outcome, body.codes, body.message or ""
    )
    return send_response(
        reviewer.decide_dispute(call.services, make_request(call), command, _render_claim(call))
    )


def record_address(call: Call, body: requests.FoundAddress) -> Answer[models.ReviewClaim]:
    command = reviewer.RecordAddress(call.path["claim_id"], body.email, body.source)
    return send_response(
        reviewer.record_address(call.services, make_request(call), command, _render_claim(call))
    )


def confirm_address(call: Call, body: requests.FoundAddress) -> Answer[models.ReviewClaim]:
    command = reviewer.RecordAddress(call.path["claim_id"], body.email, body.source)
    return send_response(
        reviewer.confirm_address(call.services, make_request(call), command, _render_claim(call))
    )


def _load_names(call: Call, found: Iterable[lists.QueueEntry]) -> DisplayNames:
    claims = [waiting.claim if isinstance(waiting, ReviewTask) else waiting for waiting in found]
    partners = [
        claim.organisation_id
        for claim in claims
        if isinstance(claim, Claim) and not claim.partner_name
    ]
    partners += [
        party.organisation_id
        for case in claims
        if isinstance(case, Arbitration)
        for party in case.active_parties
    ]
    return load_display_names(call.services, [claim.tenant_id for claim in claims], partners)


def _find_area(call: Call, waiting: lists.QueueEntry) -> str | None:
    """Return the solution area of what waits; a case's follows from its item."""
    if isinstance(waiting, Arbitration):
        return find_area_of(call, waiting.item)
    return waiting.solution_area


def _render_claim(call: Call) -> Render:
    """Make the function that renders a claim, as reviewers see it, after a decision."""

    def serialize(claim: Claim, slot: Slot, ctx: StepContext) -> models.ReviewClaim:
        return serialize_review_claim(claim, slot, call.language, ctx)

    return make_renderer(serialize)
