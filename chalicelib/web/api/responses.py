"""Between the edge and the use cases: who asks, how a repeat is known, and the answer's text."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic_core import to_json

from chalicelib.domain.claim import Claim
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.refusals import NotFound
from chalicelib.domain.slot import Slot
from chalicelib.usecases.callers import Caller
from chalicelib.usecases.idempotency import IdempotencyKey, StoredResponse
from chalicelib.usecases.step_context import make_step_context
from chalicelib.usecases.unit_of_work import Asked, etag
from chalicelib.web.api.response_models import claims as models
from chalicelib.web.api.serializers.claims import serialize_claim
from chalicelib.web.http.call import Answer, Call

JSON = {"Content-Type": "application/json"}
Shown = Callable[[Claim, Slot], Mapping[str, Any]]


def by(call: Call) -> Caller:
    """The caller, as the use cases know callers."""
    if call.caller is None:
        raise ValueError("a route without a caller has nobody to act")
    return call.caller


def idempotency_key(call: Call) -> IdempotencyKey | None:
    """How this request is recognised when it comes again: per organisation, or per person of the
    programme.
    """
    if call.idempotency is None:
        return None
    caller = by(call)
    return IdempotencyKey(
        caller.organisation_id or f"programme:{caller.sub}",
        call.idempotency.key,
        call.idempotency.fingerprint,
    )


def required(call: Call) -> IdempotencyKey:
    """The same, where the route demands a key."""
    found = idempotency_key(call)
    if found is None:
        raise ValueError("the route must be declared with creates=True")
    return found


def reply(body: Mapping[str, Any], status: int = 200, tag: str | None = None) -> StoredResponse:
    """What a use case stores as its answer."""
    return StoredResponse(status, to_json(body).decode(), tag)


def answer(given: StoredResponse) -> Answer:
    """A use case's answer, to be sent as it stands."""
    return Answer(given.status, given.body, given.etag, JSON, given.replayed)


def asked(call: Call, shown: Shown | None = None) -> Asked:
    """Everything about a decision that is not the step itself; it answers the claim as `shown`, or
    as its partner sees it.
    """
    seen = shown or claim_for(call)
    return Asked(
        idempotency_key=idempotency_key(call),
        if_match=call.if_match,
        answer=lambda claim, slot: reply(seen(claim, slot), tag=etag(claim)),
    )


def claim_for(call: Call) -> Callable[[Claim, Slot], models.Claim]:
    """A claim as this caller sees it."""
    roles = by(call).roles
    return lambda claim, slot: serialize_claim(claim, slot, call.language, roles, r_of(call, claim))


def r_of(call: Call, claim: Claim) -> StepContext:
    """How deadlines are reckoned for this claim at this moment."""
    return make_step_context(call.services, claim.catalogue_edition, call.now)


def told(given: StoredResponse | None) -> StoredResponse:
    """The answer that a decision was asked for."""
    if given is None:
        raise NotFound()
    return given
