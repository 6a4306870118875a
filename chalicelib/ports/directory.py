"""The ports that look tenants and partner organisations up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from chalicelib.domain.directory import DirectoryLookup, Partner, Tenant, TenantSubscriptions


class Directory(Protocol):
    """Tenants and their subscriptions.

    Adapters: the registry (the operator's feed) and the live directory (OpenID Connect and Graph).
    """

    def customer(self, tenant_id: str, domain: str) -> DirectoryLookup:
        """Look up what a filing needs: the tenant of the domain, the tenant, its subscriptions.

        domain: any verified domain, the initial `.onmicrosoft.com` domain, or the first label of
        the latter alone, as the caller wrote it. Never raises for an outage: see
        `DirectoryLookup.unavailable`.
        """
        ...

    def subscriptions(self, tenant_key: str) -> TenantSubscriptions | None:
        """Return the subscriptions of a tenant, or None when they could not be looked up.

        NOT_READABLE: the tenant does not let itself be read, which is an answer and no outage.
        """
        ...

    def tenant(self, tenant_key: str) -> Tenant | None:
        """Return a tenant, or None when it is unknown or could not be looked up."""
        ...


class Partners(Protocol):
    """Partner organisations and the reviewers' relations to them, from the operator's feed."""

    def partner(self, organisation_id: str) -> Partner | None:
        """Return a partner organisation, or None when it is unknown."""
        ...

    def find_related_partners(self, sub: str) -> frozenset[str]:
        """Return the ids of the partner organisations that a reviewer is related to."""
        ...

    def list_partners(self) -> tuple[Partner, ...]:
        """Return partner organisations to choose from, at most a hundred."""
        ...

    def list_reviewers(self) -> dict[str, tuple[str, ...]]:
        """Return reviewers to choose from, each with the organisations they are related to."""
        ...
