"""Microsoft Graph for one tenant at a time: its organisation, its subscriptions and, where those
lack details, its SKUs.

Least permission: `Organization.Read.All` as application permission, with the consent of the
tenant's administrator. Source: learn.microsoft.com/graph/api/organization-list,
directory-list-subscriptions, subscribedsku-list; learn.microsoft.com/graph/paging.
"""

import re
from typing import Any

from chalicelib.directory.errors import NotConsented, unavailable
from chalicelib.directory.graph_models import (
    CompanySubscription,
    Organisation,
    SubscribedSku,
    fill_from_skus,
    parse_values,
    to_subscription,
    to_tenant,
)
from chalicelib.directory.tokens import Tokens
from chalicelib.domain.directory import Subscription, Tenant
from chalicelib.net.http_messages import Request
from chalicelib.net.retry import RetryingClient

MAX_PAGES = 20  # pages of one list; a tenant has a few dozen subscriptions, a page has 100
# The path of a next page: without `..` and without escapes.
NEXT_PATH = re.compile(r"/(?!.*\.\.)[\w/()=,.'~-]*(?:\?[!-~]*)?", re.ASCII)
ORGANISATION = (
    "/organization?$select=id,displayName,countryLetterCode,state,preferredLanguage,"
    "technicalNotificationMails,verifiedDomains"
)
SUBSCRIPTIONS = (
    "/directory/subscriptions?$select=id,commerceSubscriptionId,skuId,skuPartNumber,status,"
    "totalLicenses,nextLifecycleDateTime,ownerTenantId,serviceStatus"
)
SKUS = "/subscribedSkus?$select=skuId,skuPartNumber,servicePlans"
# A 401 that is an answer of the tenant: our principal is not in its directory, or is disabled there
# (learn.microsoft.com/previous-versions/azure/ad/graph/howto/azure-ad-graph-api-error-codes-and-
# error-handling). Any other 401 is about the token itself, such as `InvalidAuthenticationToken`.
PRINCIPAL_ERRORS = frozenset({"Authorization_IdentityNotFound", "Authorization_IdentityDisabled"})


class Graph:
    """Reads tenants. Every method raises NotConsented (the tenant refuses) and Unavailable."""

    def __init__(self, http: RetryingClient, base: str, tokens: Tokens) -> None:
        self._http = http
        self._base = base.rstrip("/")
        self._tokens = tokens

    def tenant(self, tenant_id: str, deadline: float) -> Tenant:
        """Return a tenant."""
        found = parse_values(Organisation, self._list(tenant_id, ORGANISATION, deadline))
        if [organisation.id.lower() for organisation in found] != [tenant_id]:
            raise unavailable("organization of another tenant")
        return to_tenant(found[0])

    def subscriptions(self, tenant_id: str, deadline: float) -> tuple[Subscription, ...]:
        """Return all subscriptions of a tenant."""
        found = parse_values(CompanySubscription, self._list(tenant_id, SUBSCRIPTIONS, deadline))
        if not all(subscription.is_complete for subscription in found):
            skus = parse_values(SubscribedSku, self._list(tenant_id, SKUS, deadline))
            found = fill_from_skus(found, skus)
        return tuple(to_subscription(subscription, tenant_id) for subscription in found)

    def _list(self, tenant_id: str, path: str, deadline: float) -> list[Any]:
        """Return all pages of a list. Part of a list is never returned as the whole."""
        values: list[Any] = []
        url = self._base + path
        for _ in range(MAX_PAGES):
            page = self._page(tenant_id, url, deadline)
            values += _values(page)
            link = page.get("@odata.nextLink")
            if link is None:
                return values
            url = self._next_url(link)
        raise unavailable("list has too many pages")

    def _page(self, tenant_id: str, url: str, deadline: float) -> dict[str, Any]:
        """Return a page. A refused token is replaced once."""
        for _ in range(2):
            token = self._tokens.get(tenant_id, deadline)
            response = self._http.send(Request(url, token), tenant_id, deadline)
            if response.status != 401:
                break
            self._tokens.discard(tenant_id)
        if response.status == 403 or _error_code(response.body) in PRINCIPAL_ERRORS:
            raise NotConsented()
        if response.status != 200:
            raise unavailable(f"Graph, answer {response.status}")
        return response.body

    def _next_url(self, link: object) -> str:
        """Return the URL of the next page, which must be within Graph itself."""
        is_ours = isinstance(link, str) and link.startswith(f"{self._base}/")
        if is_ours and NEXT_PATH.fullmatch(str(link).removeprefix(self._base)):
            return str(link)
        raise unavailable("next page outside Graph")


def _error_code(body: dict[str, Any]) -> str:
    """Return the code of an error of Graph, or an empty text."""
    error = body.get("error")
    return str(error.get("code")) if isinstance(error, dict) else ""


def _values(page: dict[str, Any]) -> list[Any]:
    values = page.get("value")
    if not isinstance(values, list):
        raise unavailable("list without values")
    return values
