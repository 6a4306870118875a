"""Requests as values, made once at the edge of the service."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.refusals import StaleVersion
from chalicelib.usecases.callers import Caller

KEPT = timedelta(hours=24)  # how long receipts are kept (api.md, "Conventions")


@dataclass(frozen=True)
class IdempotencyKey:
    """The key by which a repeated request is recognised.

    Attributes:
        owner: the owner of the key: an organisation, or a person of the programme.
        key: the caller's key.
        fingerprint: SHA-256 (hex) of what was requested; another one with the same key is refused.
        kept: for how long a repeat is recognised.
    """

    owner: str
    key: str
    fingerprint: str
    kept: timedelta = KEPT


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """The moment and the preconditions of a request.

    Attributes:
        now: the moment at which the request began, in UTC; read once.
        idempotency_key: how a repeat is recognised; None: repeats are not recognised.
        if_match: the versions (entity tags) that the caller would decide on; None: any will do.
        looked_up_at: when the directory is asked, if that is later: an act that is finished late
            counts from its own moment.
    """

    now: datetime
    idempotency_key: IdempotencyKey | None = None
    if_match: frozenset[str] | None = None
    looked_up_at: datetime | None = None

    def refuse_stale(self, version: int) -> None:
        """Raise StaleVersion for a version that the caller did not name."""
        if self.if_match is not None and str(version) not in self.if_match:
            raise StaleVersion(version=str(version))

    @property
    def receipt_key(self) -> tuple[str, str] | None:
        """Owner and key of the receipt that a repeat finds."""
        key = self.idempotency_key
        return (key.owner, key.key) if key else None


@dataclass(frozen=True, kw_only=True)
class Request(Conditions):
    """A request of a signed-in caller. What is requested is a command of its own.

    Attributes:
        caller: who asks: a person of one partner organisation, or of the programme.
    """

    caller: Caller
