"""Domain → tenant, by the public OpenID Connect discovery document of a domain.

`GET {authority}/{domain}/v2.0/.well-known/openid-configuration` answers with URLs that contain the
tenant's id (`issuer`, `token_endpoint`); the id is taken, the URLs are never called. A domain
without a tenant is a 400 with `invalid_tenant`, AADSTS90002 ("not found"), AADSTS900023 ("neither a
valid DNS name, nor a valid external domain") or AADSTS90038 (a tenant of another national cloud).
Any other error says nothing about the domain. Source:
learn.microsoft.com/entra/identity-platform/v2-protocols-oidc and …/reference-error-codes.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from chalicelib.directory.errors import unavailable
from chalicelib.net.domain_names import NotADomain, initial_suffix, parse_tenant_domain
from chalicelib.net.http_messages import Request
from chalicelib.net.retry import RetryingClient
from chalicelib.net.ttl_cache import TTLCache

FOUND_TTL = 3_600.0  # seconds
NOT_FOUND_TTL = 60.0  # seconds: a domain that was verified a minute ago is found
MAX_CACHED = 2_000
GUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
NAME = r"(?:[a-z0-9-]+\.)+[a-z]{2,}"  # of a tenant's domain
# `tfp` ("trust framework policy") begins the path in B2C tenants.
TENANT_URL = re.compile(rf"https://[^/?#@\\\s]+/(?:tfp/)?({GUID}|{NAME})(?:/.*)?", re.IGNORECASE)
CODE = re.compile(r"\bAADSTS(\d{5,9})\b")
NO_TENANT_CODES = frozenset({90002, 900023, 90038})
CONFUSABLE_SCRIPTS = frozenset(
    {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "COPTIC", "CHEROKEE", "LISU"}
)


class Discovery:
    """Finds the tenant of a domain."""

    def __init__(self, http: RetryingClient, authority: str, tick: Callable[[], float]) -> None:
        self._http = http
        self._authority = authority.rstrip("/")
        self._initial_suffix = initial_suffix(authority)
        self._cache: TTLCache[str | None] = TTLCache(MAX_CACHED, tick)

    def find_tenant_id(self, domain: str, deadline: float) -> str | None:
        """Return the tenant id of a domain as the caller wrote it, or None if it has no tenant.

        Text that is not a domain, or mixes look-alike scripts within a label, has no tenant and
        causes no request. Raises Unavailable.
        """
        try:
            name = parse_tenant_domain(domain, self._initial_suffix)
        except NotADomain:
            return None
        if mixes_scripts(name):
            return None
        return self._cache.get_or_load(name, lambda: self._fetch(name, deadline), _ttl)

    def _fetch(self, name: str, deadline: float) -> str | None:
        url = f"{self._authority}/{name}/v2.0/.well-known/openid-configuration"
        response = self._http.send(Request(url), "discovery", deadline)
        if response.status == 200:
            return _tenant_id(response.body)
        if response.status in {400, 404} and _says_no_tenant(response.body):
            return None
        raise unavailable(f"discovery, answer {response.status}")


def mixes_scripts(name: str) -> bool:
    """Return whether a label of an ASCII name mixes scripts that look alike (UTS 39)."""
    return any(len(_confusable_scripts(label)) > 1 for label in name.split("."))


def error_codes(body: dict[str, Any]) -> frozenset[int]:
    """Return the AADSTS numbers of an error; from its text where it lists none."""
    codes = body.get("error_codes")
    listed = [code for code in codes if isinstance(code, int)] if isinstance(codes, list) else []
    return frozenset(listed or map(int, CODE.findall(str(body.get("error_description")))))


def _confusable_scripts(label: str) -> set[str]:
    text = label[4:].encode().decode("punycode") if label.startswith("xn--") else ""
    scripts = {unicodedata.name(character, "").partition(" ")[0] for character in text}
    return scripts & CONFUSABLE_SCRIPTS


def _tenant_id(body: dict[str, Any]) -> str:
    """Return the id in the issuer. The token endpoint has it, too, or the tenant's domain (B2C)."""
    urls = (str(body.get(field)) for field in ("issuer", "token_endpoint"))
    issuer, endpoint = map(TENANT_URL.fullmatch, urls)
    tenant_id = issuer[1].lower() if issuer else ""
    named = endpoint[1].lower() if endpoint else ""
    if re.fullmatch(GUID, tenant_id) and (named == tenant_id or re.fullmatch(NAME, named)):
        return tenant_id
    raise unavailable("discovery names no tenant")


def _says_no_tenant(body: dict[str, Any]) -> bool:
    known = not error_codes(body).isdisjoint(NO_TENANT_CODES)
    return known or body.get("error") == "invalid_tenant"


def _ttl(tenant_id: str | None) -> float:
    return FOUND_TTL if tenant_id else NOT_FOUND_TTL
