"""What verifies the callers of this process."""

from chalicelib.ports import Services
from chalicelib.web.auth.jwks import make_fetcher
from chalicelib.web.auth.sandbox_issuer import make_issuer
from chalicelib.web.auth.tokens import Tokens


def make_verifier(services: Services) -> Tokens:
    """Return what verifies tokens by the issuer's published keys, or by a sandbox's own."""
    settings = services.settings
    if settings.jwks_url:
        return Tokens(settings, make_fetcher(settings.jwks_url, settings.sandbox))
    return Tokens(settings, make_issuer(services).make_jwks)
