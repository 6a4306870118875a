"""What the rows of each feed file become in the table."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chalicelib.aws import keys
from chalicelib.aws.errors import Row
from chalicelib.aws.feed import CLOSED
from chalicelib.aws.rows import make_row, read_text
from chalicelib.domain.ids import item_key, tenant_key
from chalicelib.domain.item import Item
from cpor.feeds.columns import (
    Columns,
    PartnerColumns,
    ReviewerColumns,
    SubscriptionColumns,
    TenantColumns,
    UsageColumns,
)

FIGURES_MONTHS = 24  # months for which figures stay in the table; thirteen are shown


@dataclass(frozen=True)
class FeedRow:
    """The row of the table that one line of a feed makes.

    Attributes:
        line: where the line begins.
        row: the row.
        unique: names about which no other line of the file may say something else.
        tenant_id: of a tenant's row.
        of_tenant: the tenant that must be in the table.
        domains: of a tenant's row.
        partners: that a reviewer's row names.
        obstacle: why it could not be written yet.
    """

    line: int
    row: Row
    unique: tuple[str, ...]
    tenant_id: str = ""
    of_tenant: str = ""
    domains: tuple[str, ...] = ()
    partners: tuple[str, ...] = ()
    obstacle: str = ""

    @property
    def checksum(self) -> bytes:
        """A checksum of the whole row."""
        value = json.dumps(self.row, sort_keys=True, default=bytes.hex)
        return hashlib.sha256(value.encode()).digest()

    @property
    def size(self) -> int:
        """The size of the row in bytes, as DynamoDB counts it."""
        return sum(
            len(name) + sum(len(_to_bytes(value)) for value in attribute.values())
            for name, attribute in self.row.items()
        )


@dataclass(frozen=True)
class Kind:
    """A file of the feed: its name, its columns, and how a line of it becomes a row."""

    name: str
    columns: type[Columns]
    to_row: Callable[[int, Any], FeedRow]


def tenant_id_in(found: Row) -> str:
    """Return the tenant's id in the row of a tenant or a domain."""
    return str(json.loads(read_text(found))["tenant_id"])


def _to_bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode()


def _partner(line: int, columns: PartnerColumns) -> FeedRow:
    partner = columns.partner()
    locations = tuple(f"location {location.id}" for location in partner.location_ids)
    return FeedRow(
        line,
        make_row(
            keys.partner(partner.organisation_id),
            partner.model_dump_json(),
            f_pk=keys.PARTNERS,
            f_sk=partner.organisation_id,
        ),
        unique=(f"organisation {partner.organisation_id}", *locations),
    )


def _tenant(line: int, columns: TenantColumns) -> FeedRow:
    tenant = columns.tenant()
    closed = {} if columns.readable else {CLOSED: 1}
    domains = tuple(f"domain {domain}" for domain in tenant.domains)
    return FeedRow(
        line,
        make_row(keys.tenant(tenant_key(tenant.tenant_id)), tenant.model_dump_json(), **closed),
        unique=(f"tenant {tenant.tenant_id}", *domains),
        tenant_id=tenant.tenant_id,
        domains=tenant.domains,
    )


def _subscription(line: int, columns: SubscriptionColumns) -> FeedRow:
    subscription = columns.subscription()
    item = item_key(Item(subscription_id=subscription.subscription_id).name)
    key = keys.subscription(tenant_key(subscription.tenant_id), item)
    return FeedRow(
        line,
        make_row(key, subscription.model_dump_json()),
        unique=(f"subscription {subscription.subscription_id}",),
        of_tenant=subscription.tenant_id,
    )


def _reviewer(line: int, columns: ReviewerColumns) -> FeedRow:
    return FeedRow(
        line,
        make_row(
            keys.reviewer(columns.sub),
            columns.model_dump_json(),
            f_pk=keys.REVIEWERS,
            f_sk=columns.sub,
        ),
        unique=(f"reviewer {columns.sub}",),
        partners=columns.related_partners,
    )


def _usage(line: int, columns: UsageColumns) -> FeedRow:
    item, figures = columns.item().name, columns.figures()
    key = keys.figures(tenant_key(columns.tenant_id), item, figures.month)
    return FeedRow(
        line,
        make_row(key, figures.model_dump_json(), expires=_expiry(figures.month)),
        unique=(f"{item} of tenant {columns.tenant_id} in {figures.month}",),
        of_tenant=columns.tenant_id,
    )


def _expiry(month: str) -> int:
    """Return when a month's figures expire in epoch seconds, counted from the month itself."""
    year, number = map(int, month.split("-"))
    return int(datetime(year + FIGURES_MONTHS // 12, number, 1, tzinfo=UTC).timestamp())


KINDS = (
    Kind("partners", PartnerColumns, _partner),
    Kind("tenants", TenantColumns, _tenant),
    Kind("subscriptions", SubscriptionColumns, _subscription),
    Kind("reviewers", ReviewerColumns, _reviewer),
    Kind("usage", UsageColumns, _usage),
)
