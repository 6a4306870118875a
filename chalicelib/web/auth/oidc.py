"""The pages as a client of the issuer: OpenID Connect, authorization code with PKCE.

The one client code runs against every issuer; how its requests travel is a `Transport`. Sources:
OpenID Connect Core 1.0, RFC 6749, RFC 7636 (PKCE), RFC 7009 (revocation), RFC 9700 (best practice).
"""

import base64
import hashlib
import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote, urlencode, urlsplit

from chalicelib.domain.refusals import Unauthenticated
from chalicelib.net.http_messages import Request, Response
from chalicelib.net.safe_http import HttpClient, Limits, Policy
from chalicelib.net.service import Service
from chalicelib.net.ttl_cache import TTLCache
from chalicelib.runtime import ca_bundle
from chalicelib.runtime.settings import Settings
from chalicelib.web.auth.issuer_profiles import PROFILES
from chalicelib.web.auth.issuer_responses import read_object

ISSUER = Service("issuer", "issuer_unreachable")
LIMITS = Limits(connect=3.0, read=5.0, budget=8.0, size=150_000)
DISCOVERY_SECONDS = 3600.0  # that the issuer's description is kept for
CALLBACK = "/signed-in"
VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")  # RFC 7636, 4.1
_SECRET_BYTES = 32


class Transport(Protocol):
    """How the client's requests travel."""

    def get(self, url: str) -> Response: ...

    def post(self, url: str, form: Mapping[str, str], authorization: str) -> Response: ...


class HttpTransport:
    """To an issuer elsewhere. Its addresses are the operator's setting, not text from outside."""

    def get(self, url: str) -> Response:
        return self._client(url).send(Request(url))

    def post(self, url: str, form: Mapping[str, str], authorization: str) -> Response:
        request = Request(url, form=form, headers={"Authorization": authorization})
        return self._client(url).send(request)

    def _client(self, url: str) -> HttpClient:
        host = urlsplit(url).hostname or ""
        policy = Policy(
            may_call=lambda address: True,
            trust=lambda: ssl.create_default_context(cafile=ca_bundle.for_host(host)),
            limits=LIMITS,
            any_host=True,
        )
        return HttpClient(ISSUER, (url,), policy)


@dataclass(frozen=True)
class Description:
    """What the issuer says of itself (OpenID Connect Discovery 1.0, 3)."""

    authorization_endpoint: str
    token_endpoint: str
    revocation_endpoint: str = ""
    end_session_endpoint: str = ""


@dataclass(frozen=True)
class SignIn:
    """A sign-in that has begun; the browser keeps it in a cookie.

    Attributes:
        state: comes back with the code, so that no one else's code is accepted.
        verifier: proves to the issuer that the code is used by who asked for it.
        to: where the person wanted to go.
    """

    state: str
    verifier: str
    to: str


@dataclass(frozen=True)
class TokenSet:
    """What the token endpoint gives."""

    access_token: str
    refresh_token: str


_descriptions: TTLCache[Description] = TTLCache(4)


class Client:
    """The pages, as the issuer knows them.

    read_secret: returns the secret by which they are known to the issuer.
    """

    def __init__(
        self, settings: Settings, read_secret: Callable[[], str], transport: Transport
    ) -> None:
        self._settings = settings
        self._read_secret = read_secret
        self._transport = transport

    @property
    def callback(self) -> str:
        return f"{self._settings.public_base_url}{CALLBACK}"

    def make_authorization_url(self, sign_in: SignIn) -> str:
        """Return the address at the issuer where the person signs in."""
        query = {
            "response_type": "code",
            "client_id": self._settings.oidc_client_id,
            "redirect_uri": self.callback,
            "scope": self._settings.oidc_scope,
            "state": sign_in.state,
            "code_challenge": make_challenge(sign_in.verifier),
            "code_challenge_method": "S256",
        }
        return _add_query(self.describe().authorization_endpoint, query)

    def make_logout_url(self) -> str:
        """Return the address at the issuer that signs out there; '' if it has none."""
        endpoint, home = self.describe().end_session_endpoint, f"{self._settings.public_base_url}/"
        if not endpoint:
            return ""
        name = PROFILES[self._settings.oidc_profile].logout_parameter
        return _add_query(endpoint, {"client_id": self._settings.oidc_client_id, name: home})

    def exchange_code(self, code: str, verifier: str) -> TokenSet:
        """Return the tokens for a code. Raises Unauthenticated, Unavailable."""
        form = {"code": code, "redirect_uri": self.callback, "code_verifier": verifier}
        return self._get_tokens({"grant_type": "authorization_code", **form}, "")

    def refresh(self, refresh_token: str) -> TokenSet:
        """Return the next tokens. Raises Unauthenticated, Unavailable."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return self._get_tokens(form, refresh_token)

    def revoke(self, refresh_token: str) -> None:
        """Make a refresh token useless (RFC 7009). Raises Unavailable."""
        if refresh_token and (endpoint := self.describe().revocation_endpoint):
            self._transport.post(endpoint, {"token": refresh_token}, self._authorization)

    def describe(self) -> Description:
        """Return what the issuer says of itself, kept for an hour. Raises Unavailable."""
        return _descriptions.get_or_load(
            self._settings.oidc_issuer, self._fetch_description, lambda _: DISCOVERY_SECONDS
        )

    @property
    def _authorization(self) -> str:
        """HTTP Basic with client id and secret (RFC 6749, 2.3.1)."""
        pair = (
            f"{quote(self._settings.oidc_client_id, safe='')}:{quote(self._read_secret(), safe='')}"
        )
        return f"Basic {base64.b64encode(pair.encode()).decode()}"

    def _get_tokens(self, form: dict[str, str], refresh_token: str) -> TokenSet:
        """refresh_token: remains in use if the issuer does not send another."""
        response = self._transport.post(self.describe().token_endpoint, form, self._authorization)
        if response.status in (400, 401):
            raise Unauthenticated("token_invalid", reason=f"token endpoint {response.status}")
        said = read_object(ISSUER, response)
        access_token = said.get("access_token")
        if not isinstance(access_token, str):
            raise ISSUER.unavailable("no access token")
        return TokenSet(access_token, str(said.get("refresh_token") or refresh_token))

    def _fetch_description(self) -> Description:
        issuer = self._settings.oidc_issuer.rstrip("/")
        said = read_object(
            ISSUER, self._transport.get(f"{issuer}/.well-known/openid-configuration")
        )
        if said.get("issuer") != self._settings.oidc_issuer:
            raise ISSUER.unavailable("describes another issuer")
        return Description(
            _read_address(said, "authorization_endpoint"),
            _read_address(said, "token_endpoint"),
            _read_address(said, "revocation_endpoint", required=False),
            _read_address(said, "end_session_endpoint", required=False),
        )


def make_challenge(verifier: str) -> str:
    """Return the S256 challenge of a verifier (RFC 7636, 4.2)."""
    return encode(hashlib.sha256(verifier.encode()).digest())


def make_secret(random: bytes) -> str:
    """Return 256 random bits as text: a state, a verifier, a code, a cookie."""
    assert len(random) == _SECRET_BYTES
    return encode(random)


def encode(raw: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _read_address(said: Mapping[str, Any], name: str, required: bool = True) -> str:
    address = said.get(name)
    if isinstance(address, str) and urlsplit(address).scheme in ("https", "http"):
        return address
    if required:
        raise ISSUER.unavailable(f"no {name}")
    return ""


def _add_query(address: str, query: Mapping[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"
