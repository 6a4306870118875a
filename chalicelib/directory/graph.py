"""Microsoft Graph for one tenant at a time: its organisation, its subscriptions and, where those
are silent, its SKUs.

Least permission: `Organization.Read.All` as application permission, consented by the tenant's
administrator. Source: learn.microsoft.com/graph/api/organization-list,
directory-list-subscriptions, subscribedsku-list; learn.microsoft.com/graph/paging.
"""

import re
from typing import Any

from chalicelib.directory.graph_models import (
    CompanySubscription,
    Organisation,
    SubscribedSku,
    completed,
    read,
    subscription_of,
    tenant_of,
)
from chalicelib.directory.tokens import NotConsented, Tokens
from chalicelib.domain.directory import Subscription, Tenant
from chalicelib.net.http_messages import Request
from chalicelib.net.retry import Patient
from chalicelib.net.unavailable import away

PAGES = 20  # of one list; a tenant has a few dozen subscriptions, a page 100
NEXT = re.compile(
    r"/(?!.*\.\.)[\w/()=,.'~-]*(?:\?[!-~]*)?", re.ASCII
)  # no way up, no escapes within the path
ORGANISATION = (
    "/organization?$select=id,displayName,countryLetterCode,preferredLanguage,technicalNotificationMails,"
    "verifiedDomains"
)
SUBSCRIPTIONS = (
    "/directory/subscriptions?$select=id,commerceSubscriptionId,skuId,skuPartNumber,status,totalLicenses,"
    "nextLifecycleDateTime,ownerTenantId,serviceStatus"
)
SKUS = "/subscribedSkus?$select=skuId,skuPartNumber,servicePlans"


class Graph:
    """Reads. Each raises NotConsented when the tenant does not let us in, and Unavailable."""

    def __init__(self, http: Patient, base: str, tokens: Tokens) -> None:
        self._http = http
        self._base = base.rstrip("/")
        self._tokens = tokens

    def tenant(self, tenant_id: str, deadline: float) -> Tenant:
        found = read(Organisation, self._list(tenant_id, ORGANISATION, deadline))
        if [one.id.lower() for one in found] != [tenant_id]:
            raise away("organization of somebody else")
        return tenant_of(found[0])

    def subscriptions(self, tenant_id: str, deadline: float) -> tuple[Subscription, ...]:
        found = read(CompanySubscription, self._list(tenant_id, SUBSCRIPTIONS, deadline))
        if not all(one.whole for one in found):
            found = completed(found, read(SubscribedSku, self._list(tenant_id, SKUS, deadline)))
        return tuple(subscription_of(one, tenant_id) for one in found)

    def _list(self, tenant_id: str, path: str, deadline: float) -> list[Any]:
        """All pages of a list, or nothing: what is on a page that did not come is not missing."""
        values: list[Any] = []
        url = self._base + path
        for _ in range(PAGES):
            page = self._page(tenant_id, url, deadline)
            values += _values(page)
            if "@odata.nextLink" not in page:
                return values
            url = self._next(page["@odata.nextLink"])
        raise away("endless list")

    def _page(self, tenant_id: str, url: str, deadline: float) -> dict[str, Any]:
        """A page.

        A token that is not accepted is exchanged once; then it is the tenant that does not accept
        us.
        """
        for _ in range(2):
            token = self._tokens.token(tenant_id, deadline)
            reply = self._http.ask(Request(url, token), tenant_id, deadline)
            if reply.status != 401:
                break
            self._tokens.forget(tenant_id)
        if reply.status in {401, 403}:
            raise NotConsented()
        if reply.status != 200:
            raise away(f"Graph, answer {reply.status}")
        return reply.body

    def _next(self, link: object) -> str:
        """The next page's address, which must be within Graph itself."""
        if (
            isinstance(link, str)
            and link.startswith(f"{self._base}/")
            and NEXT.fullmatch(link[len(self._base) :])
        ):
            return link
        raise away("next page elsewhere")


def _values(page: dict[str, Any]) -> list[Any]:
    values = page.get("value")
    if not isinstance(values, list):
        raise away("list without values")
    return values
