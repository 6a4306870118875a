"""A session: a person who is signed in to the pages, in one browser."""

from datetime import datetime, timedelta

from chalicelib.domain.base import Frozen, Instant

LONGEST = timedelta(hours=12)  # pages.md, section 3
IDLE = timedelta(hours=2)  # pages.md, section 3
# How long the content of an access token is trusted: its lifetime, in pages.md, section 3.
TOKEN_LIFE = timedelta(minutes=15)
# Shortly before the token expires, so that the caller need not wait for the new one.
REFRESH_AFTER = timedelta(minutes=14)
REFRESH_SECONDS = timedelta(seconds=20)  # time for one request to refresh before another one tries


class Session(Frozen):
    """A signed-in person. The session is identified by a cookie; only the cookie's hash is stored.

    owner, id: name the session in the store; `owner` is the same for all sessions of a person.
    sub, name, organisation_id, roles, locale: from the last access token.
    refresh_token: gets the next access token.
    opened_at: when the person signed in, by the real clock, as all moments here.
    verified_at: when the last access token was verified. Within 15 minutes of the last use.
    refreshing_until: until when one request fetches the next token; the others wait for it.
    rev: version.
    """

    owner: str
    id: str
    sub: str
    name: str = ""
    organisation_id: str | None = None
    roles: tuple[str, ...] = ()
    locale: str | None = None
    refresh_token: str = ""
    opened_at: Instant
    verified_at: Instant
    refreshing_until: Instant | None = None
    rev: int = 1

    @property
    def ends_at(self) -> datetime:
        """When it ends unless it is used before."""
        return min(self.opened_at + LONGEST, self.verified_at + IDLE)

    def is_open(self, now: datetime) -> bool:
        return self.opened_at <= now < self.ends_at

    def is_verified(self, now: datetime) -> bool:
        """Return whether the last access token is still trusted."""
        return now < self.verified_at + TOKEN_LIFE

    def is_to_be_refreshed(self, now: datetime) -> bool:
        """Return whether this request is to fetch the next access token."""
        is_taken = self.refreshing_until is not None and now < self.refreshing_until
        return now >= self.verified_at + REFRESH_AFTER and not is_taken


class Grant(Frozen):
    """An authorization code or a refresh token that the sandbox's issuer has issued.

    kind: `code` or `refresh`.
    claims: of the tokens that it is good for, as JSON text.
    challenge: the S256 code challenge (RFC 7636); codes only.
    redirect_uri: the callback that a code was given to.
    ends_at: by the real clock.
    is_used: a grant is good for one use.
    """

    kind: str
    claims: str
    challenge: str = ""
    redirect_uri: str = ""
    ends_at: Instant
    is_used: bool = False
    rev: int = 1
