"""List what a partner organisation has to do: questions, drafts, statements, decisions to dispute,
renewals, and drafts whose evidence is about to be too old.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from chalicelib.domain.checks.evidence import find_last_day
from chalicelib.domain.claim import Claim
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.next_actions import ACTING, ADMINISTRATORS, list_next_actions
from chalicelib.domain.slot import Slot
from chalicelib.domain.visible_clocks import list_visible_clocks
from chalicelib.ports import Services
from chalicelib.usecases import lists
from chalicelib.usecases.callers import Caller
from chalicelib.usecases.renewals import WINDOW
from chalicelib.usecases.step_context import make_step_context

MOST = 500  # newest claims of an organisation that are read
PAGE = 100
SOON = timedelta(days=30)  # chosen: how long before evidence is too old, the same as for renewals
Kind = Literal["question", "statement", "dispute", "draft", "renewal", "evidence"]
Action = Literal["respond", "dispute", "submit", "statement", "file", "amend"]
# The clock that limits each call.
CLOCKS: dict[Action, tuple[Kind, str]] = {
    "respond": ("question", "partner_answer"),
    "dispute": ("dispute", "dispute"),
    "submit": ("draft", "draft"),
}
STATEMENT = "arbitration_statement"


@dataclass(frozen=True)
class Todo:
    """One task of the organisation.

    Attributes:
        claim: the claim that it is about.
        item_name: the name of its item in the edition that governs it.
        next_action: the call that settles it.
        due_at: until when; None: without a deadline.
    """

    kind: Kind
    claim: Claim
    item_name: str
    next_action: Action
    due_at: datetime | None


def list_todo(services: Services, caller: Caller, now: datetime) -> list[Todo]:
    """List the organisation's tasks that the caller may do, soonest first."""
    today, after = make_step_context(services, now), None
    own: list[tuple[Claim, Slot]] = []
    for _ in range(MOST // PAGE):
        page, after = lists.list_claims(services, caller, lists.ClaimFilter(), after, PAGE)
        own += page
        if after is None:
            break
    renewed = _find_renewed(claim for claim, _ in own)
    found: list[Todo] = []
    for claim, slot in own:
        ctx = today.apply_edition(claim.catalogue_edition)
        found += _list_of_claim(claim, slot, caller, ctx)
        found += _list_renewal(claim, caller, today)
    found = [_find_soonest_reason(one, renewed, caller, today) for one in found]
    return sorted(found, key=lambda one: (one.due_at is None, one.due_at or now, one.claim.id))


def _list_of_claim(claim: Claim, slot: Slot, caller: Caller, ctx: StepContext) -> Iterator[Todo]:
    taken = slot.has_other_claim(claim.organisation_id, claim.partner_role, claim.id)
    actions = list_next_actions(claim, caller.roles, ctx, taken)
    due = {clock.kind: clock.due_at for clock in list_visible_clocks(claim, slot, ctx)}
    name = ctx.edition.find_name(claim.item.code)
    for action, (kind, clock) in CLOCKS.items():
        if action in actions:
            yield Todo(kind, claim, name, action, due.get(clock))
    if STATEMENT in due and caller.roles & ADMINISTRATORS:
        yield Todo("statement", claim, name, "statement", due[STATEMENT])


def _list_renewal(claim: Claim, caller: Caller, today: StepContext) -> Iterator[Todo]:
    """Yield an association that ends soon and has no successor yet."""
    end = _find_end(claim, today)
    may_file = not caller.roles.isdisjoint(today.submitters)
    if end and claim.has_association_in_force and may_file and not claim.renewed_subscriptions:
        name = today.apply_edition(claim.catalogue_edition).edition.find_name(claim.item.code)
        yield Todo("renewal", claim, name, "file", end)


def _find_renewed(claims: Iterable[Claim]) -> dict[tuple[str, str, str | None], Claim]:
    """Find the claims that go on under new subscriptions, by customer, role and subscription."""
    return {
        (claim.tenant_id, claim.partner_role, subscription_id): claim
        for claim in claims
        for subscription_id in claim.renewed_subscriptions
    }


def _find_soonest_reason(
    one: Todo,
    renewed: Mapping[tuple[str, str, str | None], Claim],
    caller: Caller,
    today: StepContext,
) -> Todo:
    """Return why a draft should be completed first: it is a renewal, or its evidence gets old."""
    if one.kind != "draft":
        return one
    claim, reasons = one.claim, [one]
    before = renewed.get((claim.tenant_id, claim.partner_role, claim.item.subscription_id))
    if before is not None and (end := _find_end(before, today)):
        reasons.append(replace(one, kind="renewal", due_at=end))
    last_day = find_last_day(claim.evidence, today.edition)
    if last_day and caller.roles & ACTING and _end_day(last_day) - today.now <= SOON:
        due = _end_day(last_day)
        reasons.append(replace(one, kind="evidence", next_action="amend", due_at=due))
    return min(reasons, key=lambda reason: (reason.due_at is None, reason.due_at or today.now))


def _find_end(claim: Claim, today: StepContext) -> datetime | None:
    """Return the end of a product's subscription, if it is within the days of renewals."""
    ends_on = claim.snapshot.ends_on if claim.snapshot and claim.association else None
    if ends_on is None or claim.item.product is None:
        return None
    end = _end_day(ends_on)
    return end if abs(end - today.now) <= WINDOW else None


def _end_day(day: date) -> datetime:
    """Return the end of a day (UTC)."""
    return datetime.combine(day + timedelta(days=1), time(), UTC)
