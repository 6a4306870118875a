"""The operator's feed as it lies in the table: tenants, subscriptions, domains, partners,
reviewers' relations.

Written by `cpor import` only, read here. All of one tenant is one query. Reads may lag a moment
behind an import.
"""

import json

from chalicelib.aws import keys
from chalicelib.aws.errors import Row
from chalicelib.aws.rows import Rows, read_text
from chalicelib.domain.directory import Partner, Subscription, Tenant

CLOSED = "closed"  # attribute of a tenant's row: the directory may not look into the tenant


class Feed:
    """What `chalicelib.directory.registry` reads."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def snapshot(self, tenant_key: str) -> tuple[Tenant | None, tuple[Subscription, ...] | None]:
        """A tenant and its subscriptions, in one query.

        None for what is not there or may not be looked into.
        """
        rows = self._rows.query(*keys.tenant(tenant_key), consistent=False)
        own = keys.tenant(tenant_key)
        tenant = next((one for one in rows if read_text(one, "sk") == own.sk), None)
        if tenant and CLOSED in tenant:
            return _tenant(tenant), None
        found = (
            Subscription.model_validate_json(read_text(one))
            for one in rows
            if read_text(one, "sk") != own.sk
        )
        return _tenant(tenant) if tenant else None, tuple(found)

    def tenant(self, tenant_key: str) -> Tenant | None:
        found = self._rows.get_one(keys.tenant(tenant_key), consistent=False)
        return _tenant(found) if found else None

    def tenant_id(self, tenant_key: str) -> str | None:
        """A tenant's id by its key: from the feed, or from a claim on it when the feed does not
        know it.
        """
        if tenant := self.tenant(tenant_key):
            return tenant.tenant_id
        claims = self._rows.query(
            keys.tenant_partition(tenant_key), keys.CLAIMS, consistent=False, limit=1
        )
        return str(json.loads(read_text(claims[0]))["tenant_id"]) if claims else None

    def owner(self, domain: str) -> str | None:
        """The id of the tenant that has a domain (in its canonical form)."""
        found = self._rows.get_one(keys.domain(domain), consistent=False)
        return str(json.loads(read_text(found))["tenant_id"]) if found else None

    def partner(self, organisation_id: str) -> Partner | None:
        found = self._rows.get_one(keys.partner(organisation_id), consistent=False)
        return Partner.model_validate_json(read_text(found)) if found else None

    def related(self, sub: str) -> frozenset[str]:
        """The partner organisations that a reviewer is related to."""
        found = self._rows.get_one(keys.reviewer(sub), consistent=False)
        return frozenset(json.loads(read_text(found))["related_partners"] if found else ())


def _tenant(found: Row) -> Tenant:
    return Tenant.model_validate_json(read_text(found))
