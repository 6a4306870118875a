"""Associations as their partner sees them."""

from datetime import date, datetime, timedelta

from chalicelib.domain.base import rfc3339
from chalicelib.domain.claim import Claim
from chalicelib.domain.figures import Seats, Usage
from chalicelib.web.api.response_models import associations as models
from chalicelib.web.api.serializers.claims import serialize_item
from chalicelib.web.api.serializers.moments import format_moment

RENEWAL = timedelta(days=30)  # domain.md, "Continuity"


def serialize_association(
    claim: Claim, now: datetime, successor: str | None = None
) -> models.Association:
    """Write the association that a claim has led to.

    successor: the id of the claim that was made for a new subscription.
    Raises ValueError for a claim that has led to none.
    """
    association, association_id = claim.association, claim.association_id
    if association is None or association_id is None:
        raise ValueError(f"{claim.id} has no association")
    ends_on = claim.subscription_ends_on
    return {
        "id": association_id,
        "claim_id": claim.id,
        "organisation_id": claim.organisation_id,
        "tenant_id": claim.tenant_id,
        "item": serialize_item(claim),
        "partner_role": claim.partner_role,
        "state": association.state,
        "since": rfc3339(association.active_since or association.since),
        "ended_at": format_moment(association.ended_at),
        "end_reason": association.end_reason,
        "subscription_ends_on": ends_on.isoformat() if ends_on else None,
        "renewal": _serialize_renewal(ends_on, now, successor),
    }


def _serialize_renewal(
    ends_on: date | None, now: datetime, successor: str | None
) -> models.Renewal | None:
    """Write what ends soon, or already has a successor; None for everything else."""
    is_soon = ends_on is not None and ends_on <= (now + RENEWAL).date()
    if not is_soon and successor is None:
        return None
    return {
        "ends_on": ends_on.isoformat() if ends_on else None,
        "successor_claim_id": successor,
    }


def serialize_seats(seats: Seats) -> models.SeatsOfMonth:
    """Write a month's seats."""
    return {
        "month": seats.month,
        "licenses_sold": seats.licenses_sold,
        "licenses_deployed": seats.licenses_deployed,
    }


def serialize_usage(usage: Usage) -> models.UsageOfMonth:
    """Write a month's usage."""
    return {
        "month": usage.month,
        "licenses_active": usage.licenses_active,
        "licenses_qualified": usage.licenses_qualified,
        "usage_percent": usage.usage_percent,
    }
