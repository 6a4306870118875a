"""What partners call."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chalicelib.domain import checks, ids
from chalicelib.domain.base import rfc3339
from chalicelib.domain.evidence import MAX_SIZE, TYPES, Evidence
from chalicelib.domain.figures import clip_window, select_seats, select_usage
from chalicelib.domain.filing import Filing, VerifyRequest
from chalicelib.domain.findings import Finding
from chalicelib.domain.refusals import Forbidden, Invalid
from chalicelib.usecases import amendments, event_feed, filing, lists, partner, provisioning
from chalicelib.usecases.idempotency import StoredResponse
from chalicelib.usecases.unit_of_work import Asked, etag
from chalicelib.web.api.serializers.associations import serialize_association
from chalicelib.web.api.serializers.catalogue import (
    describe_role,
    serialize_catalogue,
    serialize_locations,
)
from chalicelib.web.api.serializers.history import (
    serialize_bundle,
    serialize_comment,
    serialize_event,
    serialize_history_row,
)
from chalicelib.web.http.call import PARTNER, PROGRAMME, Answer, Call
from chalicelib.web.http.paging import cursor, start
from chalicelib.web.http.problems import shown
from chalicelib.web.http.responses import (
    answer,
    asked,
    by,
    claim_for,
    idempotency_key,
    reply,
    required,
    told,
)
from chalicelib.web.http.routing import Routes

if TYPE_CHECKING:
    from chalicelib.web.api import request_models

ACTING = frozenset({"incentives_admin", "incentives_user"})
ADMINISTRATORS = frozenset({"incentives_admin"})
routes = Routes()


@routes.get(
    "/v1/catalogue",
    who=PARTNER | PROGRAMME,
    query="CatalogueQuery",
    answers="Catalogue",
    summary="What can be claimed, and how",
)
def catalogue(call: Call) -> Answer:
    day = call.query.on or call.now.date()
    return Answer(
        body=serialize_catalogue(
            call.services.catalogue.find_edition_on(day, call.services.settings.catalogue_edition),
            call.language,
        )
    )


@routes.get(
    "/v1/locations", who=PARTNER, answers="Locations", summary="The organisation's own location ids"
)
def locations(call: Call) -> Answer:
    found = call.services.partners.partner(by(call).organisation)
    if found is None:
        raise Forbidden("organisation_unknown")
    return Answer(body=serialize_locations(found.location_ids))


@routes.post(
    "/v1/subscriptions/verify",
    who=ACTING,
    body=VerifyRequest,
    answers="Verified",
    summary="Look one subscription up",
)
def verify(call: Call) -> Answer:
    def told_of(verified: checks.VerificationResult) -> StoredResponse:
        return reply(
            {
                "ok": verified.ok,
                "subscription": verified.subscription and verified.subscription._asdict(),
                **_findings(verified.findings, call.language),
            }
        )

    return answer(
        partner.verify(call.services, by(call), call.body, call.now, idempotency_key(call), told_of)
    )


@routes.post(
    "/v1/claims/check",
    who=PARTNER,
    body=Filing,
    answers="Checked",
    summary="Try a filing out; nothing is stored",
)
def check(call: Call) -> Answer:
    def told_of(found: filing.Read) -> StoredResponse:
        wrong = filing.errors(found.findings)
        waiting = checks.has_only_waiting_errors(found.findings)
        items = [
            _tried(call, found, at, bool(wrong), waiting) for at in range(len(call.body.items))
        ]
        return reply(
            {
                "ok": not wrong,
                "would_become": "awaiting_provisioning"
                if waiting
                else None
                if wrong
                else "submitted",
                **_findings(found.findings, call.language),
                "items": items,
            }
        )

    return answer(
        partner.check(call.services, by(call), call.body, call.now, idempotency_key(call), told_of)
    )


@routes.post(
    "/v1/evidence",
    who=PARTNER,
    body="Upload",
    creates=True,
    answers="Announced",
    summary="Announce a file for upload",
)
def evidence(call: Call) -> Answer:
    wanted: request_models.Upload = call.body
    if wrong := _unfit(wanted):
        raise Invalid(wrong)
    file = Evidence(
        id=ids.new_id(ids.Kind.EVIDENCE, call.now, call.services.random_bytes),
        organisation_id=by(call).organisation,
        created_at=call.now,
        expires_at=call.now + partner.UPLOAD,
        **wanted.model_dump(),
    )

    def invited(made: Evidence, url: str, fields: dict[str, str]) -> StoredResponse:
        return reply(
            {
                "id": made.id,
                "upload": {"url": url, "fields": fields},
                "expires_at": rfc3339(made.expires_at),
            },
            201,
        )

    return answer(
        partner.announce(call.services, by(call), file, call.now, required(call), invited)
    )


@routes.post(
    "/v1/claims",
    who=PARTNER,
    body=Filing,
    creates=True,
    answers="Filed",
    summary="File a claim per item, all or nothing",
)
def file(call: Call) -> Answer:
    see = claim_for(call)

    def filed_as(filing_id: str, filed: filing.Filed) -> StoredResponse:
        return reply(
            {"filing_id": filing_id, "claims": [see(claim, slot) for claim, slot in filed]}, 201
        )

    return answer(
        filing.file(call.services, by(call), call.body, call.now, required(call), filed_as)
    )


@routes.get(
    "/v1/claims",
    who=PARTNER,
    query="ClaimsQuery",
    answers="Claims",
    summary="The organisation's claims, newest first",
)
def claims(call: Call) -> Answer:
    asked_for: request_models.ClaimsQuery = call.query
    wanted = lists.Wanted(
        status=asked_for.status,
        tenant_id=asked_for.tenant_id,
        product=asked_for.product,
        filing_id=asked_for.filing_id,
        updated_since=asked_for.updated_since,
        q=asked_for.q,
    )
    found, more = lists.claims(call.services, by(call), wanted, start(call), asked_for.limit)
    see = claim_for(call)
    return Answer(
        body={"data": [see(claim, slot) for claim, slot in found], "next": cursor(call, more)}
    )


@routes.get("/v1/claims/{claim_id}", who=PARTNER, answers="Claim", summary="One claim")
def claim(call: Call) -> Answer:
    found = partner.opened(call.services, by(call), call.path["claim_id"])
    return Answer(body=claim_for(call)(found.claim, found.slot), etag=etag(found.claim))


@routes.patch(
    "/v1/claims/{claim_id}",
    who=ACTING,
    body="Amendment",
    answers="Claim",
    summary="Amend a claim (merge patch)",
    problems=(422,),
)
def amend(call: Call) -> Answer:
    sent = {name: getattr(call.body, name) for name in call.body.model_fields_set - {"reason"}}
    done = amendments.amend(
        call.services,
        by(call),
        call.path["claim_id"],
        sent,
        call.body.reason,
        call.now,
        asked(call),
    )
    return answer(told(done.reply))


@routes.post(
    "/v1/claims/{claim_id}/submit",
    who=PARTNER,
    body="Nothing",
    answers="Claim",
    summary="Submit a draft",
    problems=(422,),
)
def submit(call: Call) -> Answer:
    done = provisioning.submit(call.services, by(call), call.path["claim_id"], call.now, _own(call))
    return answer(told(done.reply))


@routes.post(
    "/v1/claims/{claim_id}/withdraw",
    who=ACTING,
    body="Reason",
    answers="Claim",
    summary="Take a claim back",
)
def withdraw(call: Call) -> Answer:
    done = partner.withdraw(
        call.services, by(call), call.path["claim_id"], call.body.reason, call.now, asked(call)
    )
    return answer(told(done.reply))


@routes.post(
    "/v1/claims/{claim_id}/respond",
    who=ACTING,
    body="Response",
    answers="Claim",
    summary="Answer a reviewer's question",
)
def respond(call: Call) -> Answer:
    body: request_models.Response = call.body
    done = partner.respond(
        call.services,
        by(call),
        call.path["claim_id"],
        body.message,
        body.evidence,
        call.now,
        asked(call),
    )
    return answer(told(done.reply))


@routes.post(
    "/v1/claims/{claim_id}/dispute",
    who=ADMINISTRATORS,
    body="Dispute",
    answers="Claim",
    summary="Contradict a decision",
)
def dispute(call: Call) -> Answer:
    body: request_models.Dispute = call.body
    done = partner.dispute(
        call.services,
        by(call),
        call.path["claim_id"],
        body.reason,
        body.evidence,
        call.now,
        asked(call),
    )
    return answer(told(done.reply))


@routes.get(
    "/v1/claims/{claim_id}/bundle",
    who=PARTNER,
    answers="Bundle",
    summary="The whole case as one document",
)
def bundle(call: Call) -> Answer:
    found = partner.opened(call.services, by(call), call.path["claim_id"])
    history, said = call.services.run_parallel(
        lambda: call.services.store.history.list_entries(found.claim.id),
        lambda: call.services.store.history.list_comments(found.claim.id),
    )
    return Answer(
        body=serialize_bundle(
            found.claim, claim_for(call)(found.claim, found.slot), history, said, call.now
        )
    )


@routes.get(
    "/v1/claims/{claim_id}/comments", who=PARTNER, answers="Comments", summary="The claim's thread"
)
def comments(call: Call) -> Answer:
    found = partner.opened(call.services, by(call), call.path["claim_id"]).claim
    said = [c for c in call.services.store.history.list_comments(found.id) if not c.internal]
    return Answer(body={"data": [serialize_comment(c) for c in said], "next": None})


@routes.post(
    "/v1/claims/{claim_id}/comments",
    who=ACTING,
    body="CommentBody",
    creates=True,
    answers="Comment",
    summary="Say something",
)
def comment(call: Call) -> Answer:
    return answer(
        partner.comment(
            call.services,
            by(call),
            call.path["claim_id"],
            call.body.text,
            call.now,
            idempotency_key(call),
            lambda made: reply(serialize_comment(made), 201),
        )
    )


@routes.get(
    "/v1/claims/{claim_id}/history",
    who=PARTNER,
    answers="History",
    summary="Everything that happened, chained by hash",
)
def history(call: Call) -> Answer:
    found = partner.opened(call.services, by(call), call.path["claim_id"]).claim
    return Answer(
        body={
            "data": [
                serialize_history_row(row)
                for row in call.services.store.history.list_entries(found.id)
            ],
            "next": None,
        }
    )


@routes.get(
    "/v1/associations",
    who=PARTNER,
    query="AssociationsQuery",
    answers="Associations",
    summary="The organisation's associations",
)
def associations(call: Call) -> Answer:
    found, more = lists.associations(
        call.services, by(call), call.query.state, start(call), call.query.limit
    )
    return Answer(
        body={"data": [serialize_association(one) for one in found], "next": cursor(call, more)}
    )


@routes.get(
    "/v1/associations/{association_id}",
    who=PARTNER,
    answers="Association",
    summary="One association",
)
def association(call: Call) -> Answer:
    found = partner.association(call.services, by(call), call.path["association_id"])
    return Answer(body=serialize_association(found), etag=etag(found))


@routes.post(
    "/v1/associations/{association_id}/end",
    who=ADMINISTRATORS,
    body="Reason",
    answers="Association",
    summary="End an association",
)
def end(call: Call) -> Answer:
    shown_as = asked(call, lambda claim, slot: serialize_association(claim))
    done = partner.end_association(
        call.services, by(call), call.path["association_id"], call.body.reason, call.now, shown_as
    )
    return answer(told(done.reply))


@routes.get(
    "/v1/associations/{association_id}/seats",
    who=ACTING,
    query="FiguresQuery",
    answers="SeatsByMonth",
    summary="Seats by month",
)
def seats_of(call: Call) -> Answer:
    return _figures(call, "seats", select_seats)


@routes.get(
    "/v1/associations/{association_id}/usage",
    who=ACTING,
    query="FiguresQuery",
    answers="UsageByMonth",
    summary="Usage by month",
)
def usage_of(call: Call) -> Answer:
    return _figures(call, "usage", select_usage)


@routes.get(
    "/v1/events",
    who=PARTNER,
    query="EventsQuery",
    answers="Events",
    summary="What happened to the organisation's claims",
)
def events(call: Call) -> Answer:
    after = event_feed.position(call.query.after or "")
    found, there = event_feed.events(
        call.services, by(call), after, call.query.type, call.query.limit, call.now
    )
    return Answer(
        body={
            "data": [serialize_event(entry) for entry in found],
            "next": str(there) if there else None,
        }
    )


def _figures(call: Call, what: str, shape: Callable[..., Any]) -> Answer:
    since, until = call.query.from_, call.query.to
    if since and until and since > until:
        raise Invalid([Finding(code="invalid_value", pointer="/from")])
    first, last = clip_window(call.now.date(), since, until)
    rows = partner.figures(
        call.services, by(call), call.path["association_id"], what, first, last, call.now
    )
    return Answer(
        body={
            "data": [row.model_dump() for row in shape(rows, call.now.date(), since, until)],
            "next": None,
        }
    )


def _findings(findings: tuple[Finding, ...], language: str) -> dict[str, Any]:
    return {
        "errors": [shown(f, language) for f in findings if not f.warning],
        "warnings": [shown(f, language) for f in findings if f.warning],
    }


def _tried(call: Call, found: filing.Read, at: int, wrong: bool, waiting: bool) -> dict[str, Any]:
    """What would become of one item."""
    contested = any(
        f.code == "contested" and f.pointer.startswith(f"/items/{at}") for f in found.findings
    )
    held = waiting and checks.must_wait(found.findings, at)
    becomes = "awaiting_provisioning" if held else None if wrong and not waiting else "submitted"
    role = checks.find_area_and_role(call.body, found.known.edition).role
    return {
        **call.body.items[at].model_dump(exclude_none=True),
        "contested": contested,
        "would_become": becomes,
        "applicable_for": describe_role(found.known.edition, role.code, call.language)
        if role
        else None,
    }


def _unfit(wanted: "request_models.Upload") -> list[Finding]:
    """What is wrong with an announced file."""
    found = []
    if wanted.content_type not in TYPES:
        found.append(
            Finding(
                code="evidence_type_not_allowed",
                pointer="/content_type",
                values={"evidence_id": "", "file_name": wanted.file_name},
            )
        )
    if wanted.size > MAX_SIZE:
        found.append(
            Finding(
                code="evidence_too_large",
                pointer="/size",
                values={"evidence_id": "", "file_name": wanted.file_name, "most": str(MAX_SIZE)},
            )
        )
    if wanted.size < 1:
        found.append(Finding(code="too_small", pointer="/size", values={"least": "1"}))
    return found


def _own(call: Call) -> Asked:
    return replace(asked(call), allowed=by(call).owns)
