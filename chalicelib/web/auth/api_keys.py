"""API keys as bearer tokens (integration.md, 5)."""

from datetime import datetime, timedelta

from chalicelib.domain.api_key import ApiKey, is_well_formed
from chalicelib.domain.refusals import Unauthenticated
from chalicelib.net.ttl_cache import TTLCache
from chalicelib.ports import Services
from chalicelib.usecases.api_key_lookup import find_working
from chalicelib.usecases.callers import Caller
from chalicelib.web.auth.jwt import make_refusal

CACHED = timedelta(seconds=60)  # a revoked key works no longer than that (integration.md, 5)
MAX_CACHED = 1_000


class ApiKeyVerifier:
    """Verifies API keys; each is looked up at most once a minute."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._known: TTLCache[tuple[datetime, ApiKey | None]] = TTLCache(MAX_CACHED)

    def verify(self, token: str, now: datetime) -> Caller:
        """Return the caller of a key. Raises Unauthenticated."""
        if not is_well_formed(token, self._services.settings.stage):
            raise make_refusal("key_form")
        key = self._find(token, now)
        if key is None or key.state(now) == "revoked":
            raise make_refusal("key_unknown")
        if key.state(now) == "expired":
            raise Unauthenticated("token_expired", reason="key")
        return Caller(
            sub=key.id,
            name=key.name,
            organisation_id=key.organisation_id,
            roles=frozenset({key.role}),
            networks=key.from_addresses,
        )

    def _find(self, token: str, now: datetime) -> ApiKey | None:
        # The moment is compared, too: a sandbox's clock moves further than the cache's own.
        cached = self._known.get(token)
        if cached and timedelta(0) <= now - cached[0] < CACHED:
            return cached[1]
        key = find_working(self._services, token, now)
        self._known.set(token, (now, key), CACHED.total_seconds())
        return key
