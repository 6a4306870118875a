"""Domain → tenant, by the public OpenID Connect discovery document of a domain.

`GET {authority}/{domain}/v2.0/.well-known/openid-configuration` answers with URLs that carry the
tenant's id (`issuer`, `token_endpoint`); the id is taken, the URLs are never called. A domain that
nobody has is a 400 with `invalid_tenant`, AADSTS90002 ("not found"), AADSTS900023 ("neither a valid
DNS name, nor a valid external domain") or AADSTS90038 (a tenant of another national cloud, so
nobody's here). Any other error says nothing about the domain. Source:
learn.microsoft.com/entra/identity-platform/v2-protocols-oidc and …/reference-error-codes.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from chalicelib.net.domain_names import NotADomain, meant
from chalicelib.net.http_messages import Request
from chalicelib.net.retry import Patient
from chalicelib.net.ttl_cache import Kept
from chalicelib.net.unavailable import away

KNOWN_FOR = 3_600.0  # seconds
UNKNOWN_FOR = 60.0  # seconds: a domain that was verified a minute ago is found
MOST = 2_000
GUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
OF_TENANT = re.compile(rf"https://[^/?#@\\\s]+/({GUID})(?:/.*)?", re.IGNORECASE)
NOBODY = frozenset({90002, 900023, 90038})
LOOKALIKE = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "COPTIC", "CHEROKEE", "LISU"})


class Discovery:
    """Who has a domain."""

    def __init__(self, http: Patient, authority: str, tick: Callable[[], float]) -> None:
        self._http = http
        self._authority = authority.rstrip("/")
        self._kept: Kept[str | None] = Kept(MOST, tick)

    def owner(self, domain: str, deadline: float) -> str | None:
        """The tenant id of a domain as the caller wrote it; None: nobody has it. Raises
        Unavailable.

        What names no domain, or mixes look-alike alphabets within a label, is nobody's without
        asking anybody.
        """
        try:
            name = meant(domain)
        except NotADomain:
            return None
        if mixed(name):
            return None
        return self._kept.recall(name, lambda: self._asked(name, deadline), _how_long)

    def _asked(self, name: str, deadline: float) -> str | None:
        url = f"{self._authority}/{name}/v2.0/.well-known/openid-configuration"
        reply = self._http.ask(Request(url), "discovery", deadline)
        if reply.status == 200:
            return _tenant(reply.body)
        if reply.status in {400, 404} and _nobody(reply.body):
            return None
        raise away(f"discovery, answer {reply.status}")


def mixed(name: str) -> bool:
    """Whether a label of a canonical name mixes alphabets that look alike, as no honest name does
    (UTS 39).
    """
    return any(len(_alphabets(label)) > 1 for label in name.split("."))


def codes(body: dict[str, Any]) -> frozenset[int]:
    """The AADSTS numbers of an error."""
    told = body.get("error_codes")
    return (
        frozenset(code for code in told if isinstance(code, int))
        if isinstance(told, list)
        else frozenset()
    )


def _alphabets(label: str) -> set[str]:
    text = label[4:].encode().decode("punycode") if label.startswith("xn--") else ""
    return {
        unicodedata.name(notification, "").partition(" ")[0] for notification in text
    } & LOOKALIKE


def _tenant(body: dict[str, Any]) -> str:
    """The one id that both URLs agree on."""
    found = [OF_TENANT.fullmatch(str(body.get(field))) for field in ("issuer", "token_endpoint")]
    ids = {match and match[1].lower() for match in found}
    if len(ids) == 1 and (tenant_id := ids.pop()):
        return tenant_id
    raise away("discovery names no tenant")


def _nobody(body: dict[str, Any]) -> bool:
    return body.get("error") == "invalid_tenant" or not codes(body).isdisjoint(NOBODY)


def _how_long(owner: str | None) -> float:
    return KNOWN_FOR if owner else UNKNOWN_FOR
