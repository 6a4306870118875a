"""Sessions: from a cookie to the caller, with a new access token every fifteen minutes.

The cookie is a random secret and the hash of the person's subject, by which all sessions of a
person can be found. Sessions use the real clock, also in a sandbox.
"""

import hashlib
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.refusals import Unauthenticated, Unavailable
from chalicelib.domain.session import REFRESH_SECONDS, Session
from chalicelib.ports import Conflict, Services
from chalicelib.usecases.callers import Caller
from chalicelib.web.auth.oidc import Client, TokenSet, encode, make_secret

COOKIE = re.compile(r"([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{22})")
OWNER_BYTES = 16  # of the hash of a subject
SECRET_BYTES = 32
ATTEMPTS = 10  # to read a session while another request refreshes it
PAUSE = 0.2  # seconds between them
Verify = Callable[[str | None, datetime], Caller]


@dataclass(frozen=True)
class SignedIn:
    """A signed-in person."""

    session: Session
    caller: Caller


class SessionKeeper:
    """Opens, finds and closes sessions.

    client: of the issuer.
    verify: returns the caller that an `Authorization` header proves.
    """

    def __init__(
        self,
        services: Services,
        client: Client,
        verify: Verify,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._services = services
        self._sessions = services.store.sessions
        self._client = client
        self._verify = verify
        self._pause = pause

    def open(self, tokens: TokenSet) -> tuple[str, SignedIn]:
        """Open a session for the holder of tokens; return its cookie. Raises Unauthenticated."""
        caller = self._find_caller(tokens)
        secret = make_secret(self._services.random_bytes(SECRET_BYTES))
        now = self._services.read_real_time()
        owner = hash_subject(caller.sub)
        session = Session(
            owner=owner,
            id=hash_secret(secret),
            sub=caller.sub,
            opened_at=now,
            verified_at=now,
        )
        session = _with_tokens(session, caller, tokens, now)
        self._sessions.save(session)
        return f"{secret}.{owner}", SignedIn(session, caller)

    def find(self, cookie: str) -> SignedIn | None:
        """Return who a cookie belongs to; None when it belongs to no session.

        Raises Unavailable while the issuer cannot be reached for a new access token.
        """
        parts = COOKIE.fullmatch(cookie)
        if parts is None:
            return None
        for _ in range(ATTEMPTS):
            session = self._sessions.get(parts[2], hash_secret(parts[1]))
            now = self._services.read_real_time()
            if session is None or not session.is_open(now):
                return None
            if session.is_to_be_refreshed(now):
                session = self._refresh(session, now)
                if session is None:
                    return None
            if session.is_verified(now):
                return SignedIn(session, _make_caller(session))
            self._pause(PAUSE)  # another request gets the token
        raise Unavailable(retry_after=1)

    def close(self, session: Session, everywhere: bool = False) -> None:
        """Sign a person out: in this browser, or in all.

        What the issuer says does not matter: without the row the session is gone.
        """
        sessions = self._sessions.list_of(session.owner) if everywhere else (session,)
        for one in sessions:
            self._sessions.close(one)
        for one in sessions:
            try:
                self._client.revoke(one.refresh_token)
            except Unavailable:  # its token ends with its life of twelve hours
                continue

    def _refresh(self, session: Session, now: datetime) -> Session | None:
        """Get the next access token, if no other request is doing so.

        Two requests at once would use one refresh token twice, which issuers take for theft.
        """
        taken = session.evolve(refreshing_until=now + REFRESH_SECONDS, rev=session.rev + 1)
        try:
            self._sessions.save(taken)
        except Conflict:
            return session
        try:
            tokens = self._client.refresh(session.refresh_token)
            caller = self._find_caller(tokens)
        except Unauthenticated:
            self._sessions.close(session)
            return None
        except Unavailable:
            if session.is_verified(now):
                return session
            raise
        return self._store(taken, caller, tokens, now)

    def _store(
        self, taken: Session, caller: Caller, tokens: TokenSet, now: datetime
    ) -> Session | None:
        if caller.sub != taken.sub:
            self._sessions.close(taken)
            return None
        session = _with_tokens(taken, caller, tokens, now).evolve(
            refreshing_until=None, rev=taken.rev + 1
        )
        try:
            self._sessions.save(session)
        except Conflict:  # signed out in the meantime
            return None
        return session

    def _find_caller(self, tokens: TokenSet) -> Caller:
        return self._verify(f"Bearer {tokens.access_token}", self._services.clock.now())


def hash_secret(secret: str) -> str:
    """Return the name under which a session is stored."""
    return encode(hashlib.sha256(secret.encode()).digest())


def hash_subject(sub: str) -> str:
    """Return the name under which all sessions of a person are stored."""
    return encode(hashlib.sha256(sub.encode()).digest()[:OWNER_BYTES])


def _with_tokens(session: Session, caller: Caller, tokens: TokenSet, now: datetime) -> Session:
    return session.evolve(
        name=caller.name,
        organisation_id=caller.organisation_id,
        roles=tuple(sorted(caller.roles)),
        locale=caller.locale,
        refresh_token=tokens.refresh_token,
        verified_at=now,
    )


def _make_caller(session: Session) -> Caller:
    return Caller(
        sub=session.sub,
        name=session.name,
        organisation_id=session.organisation_id,
        roles=frozenset(session.roles),
        locale=session.locale,
    )
