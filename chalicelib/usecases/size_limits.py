"""Limits on the size of what a partner sends.

A row has at most 400 KB (DynamoDB): what a partner may fill leaves room for every later step of the
customer, the reviewers and time, which are never refused for size.
"""

from collections.abc import Callable
from typing import TypeVar

from chalicelib.domain.additions import Additions
from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.findings import Finding
from chalicelib.domain.refusals import Invalid, Refusal
from chalicelib.domain.slot import Slot
from chalicelib.ports import Services
from chalicelib.usecases.idempotency import StoredResponse
from chalicelib.usecases.rate_limits import Limit, count_now, count_only_done
from chalicelib.usecases.request import Request
from chalicelib.usecases.retry import retry

# Chosen: a hundred and more partners in every role. Their entries, and their windows in a case, are
# less than half of what a slot's row may have.
MAX_CONTENDERS = 500
MAX_CLAIM = 64 * 1024  # bytes of a claim's JSON before compression (domain.md, "A filing")
# Fields that the programme and other partners fill: they do not count for the partner.
OF_OTHERS = frozenset(
    {
        "outbox",
        "decision",
        "review",
        "proposed_address",
        "found_addresses",
        "competitors_at_opt_out",
    }
)
# Acts that end a claim or an association add nothing, and are not refused.
ENDING = frozenset(
    {"claim.withdrawn", "association.ended", "claim.ended", "customer.question_closed"}
)

T = TypeVar("T")


def add_to_limited(services: Services, subject: str, add: Callable[[Additions], T]) -> T:
    """Add to a collection whose size is limited, such that the limit holds in parallel.

    add: reads what exists, refuses when there is no room, and commits once, with the next version
        of what it is given. It is called again after a conflict.
    Raises LostRace.
    """
    return retry(lambda: add(services.store.requests.get_additions(subject)))


def add_and_count(
    services: Services,
    request: Request,
    limit: Limit,
    name: str,
    add: Callable[[Additions], StoredResponse],
) -> StoredResponse:
    """Add to a limited collection of the caller's organisation, and count it on a rate limit.

    Only what is added counts. Raises TooMany, LostRace.
    """
    subject = f"{name}:{request.caller.organisation}"
    count_now(services, request, "", limit)
    return count_only_done(
        services, request, "", (limit,), lambda: add_to_limited(services, subject, add)
    )


def refuse_large_claim(after: Claim, outcome: Outcome) -> None:
    """Raise Invalid (`claim_too_large`) for a partner's step that makes its claim too large."""
    if _is_partner_step(outcome):
        filed = after.model_dump_json(exclude_defaults=True, exclude=set(OF_OTHERS))
        refuse_larger(filed, MAX_CLAIM)


def refuse_larger(text: str, most: int) -> None:
    """Raise Invalid (`claim_too_large`) for a text of more than `most` bytes in UTF-8."""
    if len(text.encode()) > most:
        values = {"most": str(most // 1024)}
        finding = Finding(code="claim_too_large", pointer="", values=values)
        raise Invalid((finding,), code="claim_too_large")


def refuse_full_slot(before: Slot, after: Slot, outcome: Outcome) -> None:
    """Raise Refusal (`item_full`) for a partner's claim that its item's slot has no room for."""
    is_entered = len(after.contenders) > len(before.contenders)
    if is_entered and len(after.contenders) > MAX_CONTENDERS and _is_partner_step(outcome):
        raise Refusal("item_full", most=str(MAX_CONTENDERS))


def _is_partner_step(outcome: Outcome) -> bool:
    """Return whether the outcome has an act of a partner, also after applied deadlines."""
    return any(act.actor.kind == "partner" and act.act not in ENDING for act in outcome.acts)
