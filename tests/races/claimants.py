"""Claims that compete for one item, stored as they would be right before the race."""

import random
import secrets

from chalicelib.domain.association import Association
from chalicelib.domain.claim import Claim
from chalicelib.domain.customer_answer import Address, Answer
from chalicelib.domain.ids import Kind, new_id
from chalicelib.domain.item import Item, SubscriptionSnapshot, id_suffix
from chalicelib.domain.slot import Slot
from chalicelib.ports import Change, Store
from chalicelib.runtime import wiring
from tests.support import feed

ITEM = Item(product=feed.SALES, subscription_id=feed.SUBSCRIPTION)
INCUMBENT = 0.5  # the share of races that begin with an official holder


def store_claims(
    store: Store, tenant_id: str, count: int, random_source: random.Random, drafts: float = 0
) -> list[Claim]:
    """Store one claim on the item for each of `count` partners, and the item's slot.

    drafts: the share of claims that are drafts; the others are under review, with the customer's
        agreement.
    """
    claims = [
        _make_claim(tenant_id, number, random_source.random() < drafts) for number in range(count)
    ]
    if random_source.random() < INCUMBENT:
        claims[0] = _make_official(claims[0])
    slot = Slot(tenant_id=tenant_id, item=ITEM, rev=1)
    for claim in claims:
        store.commit(Change(claims=(claim,)))
        slot = slot.with_contender(claim.to_contender(), claim.id)
    store.commit(Change(slots=(slot,)))
    return claims


def _make_claim(tenant_id: str, number: int, draft: bool) -> Claim:
    now = wiring.SystemClock().now()
    reached = (
        Address(mail_id=f"mai_{number}", qualifying=True, state="delivered", delivered_at=now),
    )
    return Claim(
        id=new_id(Kind.CLAIM, now, secrets.token_bytes, id_suffix(tenant_id, ITEM)),
        filing_id=f"fil_{number}",
        organisation_id=f"org_{number}",
        filed_by="pia",
        tenant_id=tenant_id,
        domain="fabrikam.example",
        item=ITEM,
        location_id="4516001",
        solution_area="business_applications",
        partner_role="usage_recognition",
        engagement="bizapps_usage_recognition",
        catalogue_edition="2024",
        status="draft" if draft else "under_review",
        answer=Answer() if draft else Answer(state="agreed", round=1, addresses=reached),
        created_at=now,
        updated_at=now,
        submitted_at=None if draft else now,
        rev=1,
        version=1,
    )


def _make_official(claim: Claim) -> Claim:
    """Make the claim the one whose association is official."""
    now = claim.created_at
    reached = (Address(mail_id="mai_0", qualifying=True, state="delivered", delivered_at=now),)
    return claim.evolve(
        status="approved",
        answer=Answer(state="not_objected", round=1, addresses=reached),
        submitted_at=now,
        decided_at=now,
        association=Association(state="active", since=now, active_since=now),
        snapshot=SubscriptionSnapshot(at=now, state="active"),
    )
