"""What verifies the callers of this process."""

from datetime import datetime

from chalicelib.domain.api_key import has_key_form
from chalicelib.ports import Services
from chalicelib.runtime.lazy_import import load
from chalicelib.usecases.callers import Caller
from chalicelib.web.auth.api_keys import ApiKeyVerifier
from chalicelib.web.auth.jwks import make_fetcher
from chalicelib.web.auth.tokens import Tokens, read_bearer


class BearerVerifier:
    """Verifies bearers: of tokens by their issuer, and of API keys."""

    def __init__(self, tokens: Tokens, keys: ApiKeyVerifier) -> None:
        self._tokens = tokens
        self._keys = keys

    def verify(self, header: str | None, now: datetime) -> Caller:
        """Return the caller that an `Authorization` header proves. Raises Unauthenticated."""
        token = read_bearer(header)
        if has_key_form(token):
            return self._keys.verify(token, now)
        return self._tokens.verify(header, now)


def make_verifier(services: Services) -> BearerVerifier:
    """Return what verifies API keys, and tokens by the keys that their issuer published, or by a
    sandbox's own.
    """
    settings = services.settings
    fetch = (
        make_fetcher(settings.jwks_url, settings.sandbox)
        if settings.jwks_url
        else load("web.auth.sandbox_issuer:make_issuer")(services).make_jwks
    )
    return BearerVerifier(Tokens(settings, fetch), ApiKeyVerifier(services))
