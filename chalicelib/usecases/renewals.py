"""Renewals: when a subscription's id changes, drafts are made for the new ones, so that the partner
need not start from nothing.
"""

from datetime import datetime, timedelta

from chalicelib.domain.checks.evidence import subtract_months
from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.directory import NOT_READABLE, USABLE, Subscription
from chalicelib.domain.history import SYSTEM, TIME
from chalicelib.domain.ids import Kind, new_id, tenant_key
from chalicelib.domain.item import Item, id_suffix
from chalicelib.domain.refusals import LostRace
from chalicelib.domain.state_machines import IN_FORCE
from chalicelib.domain.steps import partner as steps
from chalicelib.domain.steps.common import notify, record_act
from chalicelib.ports import Conflict, Services
from chalicelib.usecases.retry import TRIES
from chalicelib.usecases.step_context import find_current_edition, make_step_context
from chalicelib.usecases.write_set import make_change

WINDOW = timedelta(days=30)  # before and after the end (domain.md, "Continuity")
# Drafts made at once; each is two rows of the hundred that a transaction may have (DynamoDB). The
# next look-up makes the others.
MOST = 20
# What a renewal copies from the earlier claim. Review, notice and clocks are new.
COPIED = (
    "organisation_id",
    "partner_name",
    "partner_domains",
    "filed_by",
    "tenant_id",
    "domain",
    "location_id",
    "solution_area",
    "partner_role",
    "engagement",
    "customer_contact",
    "technical_contact",
    "partner_contact",
    "name",
    "external_reference",
    "evidence",
    "revenue_details",
    "customer",
    "partner",
    "language",
    "partner_language",
)


def may_renew(claim: Claim, now: datetime) -> bool:
    """Return whether a look-up at this moment may make drafts.

    It may within thirty days of the subscription's end, also while the subscription is suspended,
    as many are before they end.
    """
    association = claim.association
    if claim.item.product is None or association is None:
        return False
    is_continued = association.state in (*IN_FORCE, "paused")
    if not is_continued and association.end_reason != "subscription_ended":
        return False
    end = association.ended_at or _find_end(claim)
    return end is not None and abs(end - now) <= WINDOW


def renew(services: Services, claim: Claim, now: datetime) -> Claim:
    """Make a draft for each new, unclaimed subscription of the same product.

    The partner is notified. After a conflict the worker reads the stored rows again, so two workers
    never make two drafts.
    """
    for _ in range(TRIES):
        try:
            return _renew_once(services, claim, now)
        except Conflict:
            claim = next(iter(services.store.claims.get_many([claim.id])), claim)
    raise LostRace()


def _renew_once(services: Services, claim: Claim, now: datetime) -> Claim:
    new = _find_unclaimed(services, claim)
    if not new:
        return claim
    ctx = make_step_context(services, now, claim.catalogue_edition)
    drafts = [steps.create(_make_draft(services, claim, one, ctx), SYSTEM, ctx) for one in new]
    suggestion = _suggest(claim, new, drafts)
    outcomes = [(claim, suggestion), *((draft.claim, draft) for draft in drafts)]
    change = make_change(services, outcomes, ctx)
    services.store.commit(change)
    return change.claims[0]


def _find_unclaimed(services: Services, claim: Claim) -> list[Subscription]:
    """Find the new subscriptions of the same product that have not been claimed."""
    known = services.directory.subscriptions(tenant_key(claim.tenant_id))
    if known is None or known == NOT_READABLE:
        return []
    new = [one for one in known if _is_candidate(services, claim, one)]
    if not new:
        return []
    slots = services.store.slots.get_many(
        [(claim.tenant_id, _make_item(claim, one)) for one in new]
    )

    def is_claimed(subscription: Subscription) -> bool:
        slot = slots.get((claim.tenant_id, _make_item(claim, subscription).name))
        return slot is not None and bool(slot.contenders)

    return [one for one in new if not is_claimed(one)][:MOST]


def _suggest(claim: Claim, new: list[Subscription], drafts: list[Outcome]) -> Outcome:
    """Note the drafts in the claim, and notify the partner."""
    after = claim.evolve(
        renewed_subscriptions=(*claim.renewed_subscriptions, *(one.subscription_id for one in new))
    )
    after = notify(after, "renewal_draft", "partner")
    ids = " ".join(draft.claim.id for draft in drafts)
    return record_act(claim, after, "association.renewal_suggested", TIME, facts={"drafts": ids})


def _is_candidate(services: Services, claim: Claim, subscription: Subscription) -> bool:
    product = services.catalogue.find_edition(claim.catalogue_edition).find_product(
        claim.item.product or ""
    )
    known = {(claim.item.subscription_id or "").lower(), *claim.renewed_subscriptions}
    return (
        product is not None
        and product.is_sold_as(subscription.sku_part_number)
        and subscription.state in USABLE
        and subscription.subscription_id not in known
    )


def _make_item(claim: Claim, subscription: Subscription) -> Item:
    return Item(product=claim.item.product, subscription_id=subscription.subscription_id.lower())


def _make_draft(
    services: Services, claim: Claim, subscription: Subscription, ctx: StepContext
) -> Claim:
    """Make a new claim; contacts and evidence are copied, and marked when they are too old."""
    item = _make_item(claim, subscription)
    edition = find_current_edition(services, ctx.now)
    oldest = subtract_months(ctx.now.date(), int(edition.deadlines["evidence_age"][1:-1]))
    is_old = any(p.acknowledged_on and p.acknowledged_on < oldest for p in claim.evidence)
    return Claim(
        id=new_id(Kind.CLAIM, ctx.now, services.random_bytes, id_suffix(claim.tenant_id, item)),
        filing_id=new_id(Kind.FILING, ctx.now, services.random_bytes, tenant_key(claim.tenant_id)),
        item=item,
        created_at=ctx.now,
        updated_at=ctx.now,
        catalogue_edition=edition.code,
        warnings=("evidence_too_old",) if is_old else (),
        **{name: getattr(claim, name) for name in COPIED},
    )


def _find_end(claim: Claim) -> datetime | None:
    """Return the end of the subscription, as far as the last look-up knows it."""
    ends_on = claim.snapshot.ends_on if claim.snapshot else None
    if ends_on is None:
        return None
    return datetime(ends_on.year, ends_on.month, ends_on.day, tzinfo=claim.created_at.tzinfo)
