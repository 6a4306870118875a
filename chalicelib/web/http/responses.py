"""Between the edge and the use cases: who asks, how a repeat is known, and the answer's text."""

from collections.abc import Callable
from typing import Any

from pydantic_core import to_json

from chalicelib.domain.claim import Claim
from chalicelib.domain.deadlines import Reckoning
from chalicelib.domain.refusals import NotFound
from chalicelib.domain.slot import Place
from chalicelib.usecases.callers import Caller
from chalicelib.usecases.unit_of_work import Asked, Repeat, Reply, etag, reckoning
from chalicelib.web.api import serializers
from chalicelib.web.http.call import Answer, Call

JSON = {"Content-Type": "application/json"}
Shown = Callable[[Claim, Place], dict[str, Any]]


def by(call: Call) -> Caller:
    """The caller, as the use cases know callers."""
    if call.caller is None:
        raise ValueError("a route without a caller has nobody to act")
    return call.caller


def repeat(call: Call) -> Repeat | None:
    """How this request is recognised when it comes again: per organisation, or per person of the
    programme.
    """
    if call.idempotency is None:
        return None
    caller = by(call)
    return Repeat(
        caller.organisation_id or f"programme:{caller.sub}",
        call.idempotency.key,
        call.idempotency.fingerprint,
    )


def required(call: Call) -> Repeat:
    """The same, where the route demands a key."""
    found = repeat(call)
    if found is None:
        raise ValueError("the route must be declared with creates=True")
    return found


def reply(body: dict[str, Any], status: int = 200, tag: str | None = None) -> Reply:
    """What a use case stores as its answer."""
    return Reply(status, to_json(body).decode(), tag)


def answer(given: Reply) -> Answer:
    """A use case's answer, to be sent as it stands."""
    return Answer(given.status, given.body, given.etag, JSON, given.replayed)


def asked(call: Call, shown: Shown | None = None) -> Asked:
    """Everything about a decision that is not the step itself; it answers the claim as `shown`, or
    as its partner sees it.
    """
    seen = shown or claim_for(call)
    return Asked(
        repeat=repeat(call),
        if_match=call.if_match,
        answer=lambda claim, place: reply(seen(claim, place), tag=etag(claim)),
    )


def claim_for(call: Call) -> Shown:
    """A claim as this caller sees it."""
    roles = by(call).roles
    return lambda claim, place: serializers.claim(
        claim, place, call.language, roles, r_of(call, claim)
    )


def r_of(call: Call, claim: Claim) -> Reckoning:
    """How deadlines are reckoned for this claim at this moment."""
    return reckoning(call.world, claim.catalogue_edition, call.now)


def told(given: Reply | None) -> Reply:
    """The answer that a decision was asked for."""
    if given is None:
        raise NotFound()
    return given
