"""When a subscription's id changes: drafts for the new ones, so that the partner need not start
from nothing.
"""

from datetime import datetime, timedelta

from chalicelib.domain.checks.evidence import subtract_months
from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.directory import USABLE, Subscription
from chalicelib.domain.history import SYSTEM, TIME
from chalicelib.domain.ids import Kind, new_id, tenant_key
from chalicelib.domain.item import Item, id_suffix
from chalicelib.domain.refusals import LostRace
from chalicelib.domain.state_machines import IN_FORCE
from chalicelib.domain.steps import partner as steps
from chalicelib.domain.steps.common import build_notification, record_act, with_notification
from chalicelib.ports import Change, Conflict, Services
from chalicelib.usecases.retry import TRIES
from chalicelib.usecases.step_context import make_step_context
from chalicelib.usecases.unit_of_work import finished

WINDOW = timedelta(days=30)  # before and after the end (domain.md, "Continuity")
# drafts of one look; each is two rows of the hundred that a transaction may have. The next look
# makes the others
MOST = 20


def wants_renewal(claim: Claim, now: datetime) -> bool:
    """Whether this look-up is one that may make drafts: within thirty days of the subscription's
    end, also while it is suspended, as many are before they go.
    """
    if claim.item.product is None or claim.association is None:
        return False
    if (
        claim.association.state not in (*IN_FORCE, "paused")
        and claim.association.end_reason != "subscription_ended"
    ):
        return False
    ends = claim.association.ended_at or _end_of(claim)
    return ends is not None and abs(ends - now) <= WINDOW


def renew(services: Services, claim: Claim, now: datetime) -> Claim:
    """A draft for each unclaimed subscription of the same product that was not there before, the
    claim's own told. Who is overtaken looks again at what is stored by then: two workers make no
    two drafts.
    """
    for _ in range(TRIES):
        try:
            return _renewed(services, claim, now)
        except Conflict:
            claim = next(iter(services.store.claims.get_many([claim.id])), claim)
    raise LostRace()


def _renewed(services: Services, claim: Claim, now: datetime) -> Claim:
    subscriptions = services.directory.subscriptions(tenant_key(claim.tenant_id))
    if subscriptions is None:
        return claim
    fresh = [s for s in subscriptions if _candidate(services, claim, s)]
    slots = (
        services.store.slots.get_many([(claim.tenant_id, _item(claim, s)) for s in fresh])
        if fresh
        else {}
    )
    fresh = [
        s
        for s in fresh
        if not getattr(slots.get((claim.tenant_id, _item(claim, s).name)), "contenders", ())
    ]
    if not fresh:
        return claim
    fresh = fresh[:MOST]
    r = make_step_context(services, claim.catalogue_edition, now)
    drafts = [steps.create(_draft(services, claim, s, r), SYSTEM, r) for s in fresh]
    after = claim.evolve(
        renewed_subscriptions=(*claim.renewed_subscriptions, *(s.subscription_id for s in fresh))
    )
    told = record_act(
        claim,
        with_notification(after, build_notification(claim, "renewal_draft", "partner")),
        "association.renewal_suggested",
        TIME,
        told={"drafts": " ".join(d.claim.id for d in drafts)},
    )
    return _stored(services, claim, told, drafts, now)


def _stored(
    services: Services, claim: Claim, told: Outcome, drafts: list[Outcome], now: datetime
) -> Claim:
    done = [
        finished(services, claim, told, now),
        *(finished(services, d.claim, d, now) for d in drafts),
    ]
    services.store.commit(
        Change(claims=tuple(c for c, _ in done), entries=tuple(e for _, e in done))
    )
    return done[0][0]


def _candidate(services: Services, claim: Claim, subscription: Subscription) -> bool:
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


def _item(claim: Claim, subscription: Subscription) -> Item:
    return Item(product=claim.item.product, subscription_id=subscription.subscription_id.lower())


def _draft(services: Services, claim: Claim, subscription: Subscription, ctx: StepContext) -> Claim:
    """A new claim: new review, new notice, new clock; contacts and evidence are copied, what is too
    old is marked.
    """
    item = _item(claim, subscription)
    edition = services.catalogue.find_edition_on(
        ctx.now.date(), services.settings.catalogue_edition
    )
    oldest = subtract_months(ctx.now.date(), int(edition.deadlines["evidence_age"][1:-1]))
    old = any(p.acknowledged_on and p.acknowledged_on < oldest for p in claim.evidence)
    return Claim(
        id=new_id(Kind.CLAIM, ctx.now, services.random_bytes, id_suffix(claim.tenant_id, item)),
        filing_id=new_id(Kind.FILING, ctx.now, services.random_bytes, tenant_key(claim.tenant_id)),
        item=item,
        created_at=ctx.now,
        updated_at=ctx.now,
        catalogue_edition=edition.code,
        warnings=("evidence_too_old",) if old else (),
        **{
            name: getattr(claim, name)
            for name in (
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
        },
    )


def _end_of(claim: Claim) -> datetime | None:
    ends_on = claim.snapshot.ends_on if claim.snapshot else None
    return (
        datetime(ends_on.year, ends_on.month, ends_on.day, tzinfo=claim.created_at.tzinfo)
        if ends_on
        else None
    )
