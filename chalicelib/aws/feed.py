"""The operator's feed in the table: tenants, subscriptions, domains, partners, relations.

It is written by `cpor import` only. All records of one tenant are one query. Reads are eventually
consistent with an import.
"""

import json
from collections.abc import Callable

from chalicelib.aws import keys
from chalicelib.aws.errors import Row
from chalicelib.aws.rows import Rows, read_text
from chalicelib.domain.directory import Partner, Subscription, Tenant

LISTED = 100  # the most partners or reviewers in a list
CLOSED = "closed"  # attribute of a tenant's row: the directory may not read the tenant


class Feed:
    """The feed as `chalicelib.directory.registry` reads it."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def snapshot(self, tenant_key: str) -> tuple[Tenant | None, tuple[Subscription, ...] | None]:
        """Return a tenant and its subscriptions, in one query.

        The tenant is None when it is unknown, the subscriptions are None when it is closed.
        """
        key = keys.tenant(tenant_key)
        rows = self._rows.query(*key, consistent=False)
        tenant = next((found for found in rows if read_text(found, "sk") == key.sk), None)
        if tenant and CLOSED in tenant:
            return _decode_tenant(tenant), None
        subscriptions = tuple(
            Subscription.model_validate_json(read_text(found))
            for found in rows
            if found is not tenant
        )
        return _decode_tenant(tenant) if tenant else None, subscriptions

    def tenant(self, tenant_key: str) -> Tenant | None:
        """Return a tenant, None when it is unknown."""
        found = self._rows.get_one(keys.tenant(tenant_key), consistent=False)
        return _decode_tenant(found) if found else None

    def tenant_id(self, tenant_key: str) -> str | None:
        """Return the id of a tenant: from the feed, or else from a claim on the tenant."""
        if tenant := self.tenant(tenant_key):
            return tenant.tenant_id
        partition = keys.tenant_partition(tenant_key)
        claims = self._rows.query(partition, keys.CLAIMS, consistent=False, limit=1)
        return str(json.loads(read_text(claims[0]))["tenant_id"]) if claims else None

    def owner(self, domain: str) -> str | None:
        """Return the id of the tenant that a domain belongs to, by its normalized name."""
        found = self._rows.get_one(keys.domain(domain), consistent=False)
        return str(json.loads(read_text(found))["tenant_id"]) if found else None

    def partner(self, organisation_id: str) -> Partner | None:
        """Return a partner organisation, None when it is unknown."""
        found = self._rows.get_one(keys.partner(organisation_id), consistent=False)
        return Partner.model_validate_json(read_text(found)) if found else None

    def find_related_partners(self, sub: str) -> frozenset[str]:
        """Return the ids of the partner organisations that a reviewer is related to."""
        found = self._rows.get_one(keys.reviewer(sub), consistent=False)
        return frozenset(json.loads(read_text(found))["related_partners"] if found else ())

    def list_partners(self) -> tuple[Partner, ...]:
        """Return the partners of the feed, at most those that fit on a page to choose from."""
        found = self._list(keys.PARTNERS, keys.partner)
        return tuple(Partner.model_validate_json(read_text(one)) for one in found)

    def list_reviewers(self) -> dict[str, tuple[str, ...]]:
        """Return the reviewers of the feed with the organisations that they are related to."""
        found = (json.loads(read_text(one)) for one in self._list(keys.REVIEWERS, keys.reviewer))
        return {one["sub"]: tuple(one["related_partners"]) for one in found}

    def _list(self, partition: str, make_key: Callable[[str], keys.Key]) -> list[Row]:
        page = self._rows.query_index("feed", partition, limit=LISTED)
        wanted = [make_key(read_text(found, "f_sk")) for found in page]
        return list(self._rows.get(wanted, consistent=False).values())


def _decode_tenant(found: Row) -> Tenant:
    return Tenant.model_validate_json(read_text(found))
