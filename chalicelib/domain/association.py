"""The association that is created when a claim is approved."""

from typing import Any, Literal

from pydantic import Field, model_validator

from chalicelib.domain.base import Frozen, Instant


class Revocation(Frozen):
    """A senior's proposal to revoke an association; only the programme sees it.

    by: sub of the senior who made it.
    at, until: when it was made, and when it lapses.
    codes: the reasons. The words are an internal comment.
    outcome, closed_by, closed_at: how it was closed; None while it is open.
    """

    by: str
    at: Instant
    until: Instant | None = None
    codes: tuple[str, ...] = ()
    outcome: Literal["confirmed", "declined", "lapsed"] | None = None
    closed_by: str | None = None
    closed_at: Instant | None = None


class Association(Frozen):
    """One association of a claim. One that ended is not revived: a new one is made.

    ordinal: its number among the claim's associations, from 1; part of the association's id.
    state: see `state_machines.ASSOCIATION`.
    since: when it was created, at the approval.
    active_since: when it became active.
    end_reason: code of why it ended.
    cause: why it is paused, or `heir` while a pending one waits for the incumbent's to end.
    warnings_sent: the renewal warnings sent so far, in days before the end of the subscription.
    revocations: the newest proposals to revoke it; one at most is open.
    resumption_by, resumption_until: sub of the reviewer who proposed to resume it after a late
        bounce, and until when another one may confirm that.
    """

    ordinal: int = 1
    state: str = "pending"
    since: Instant
    active_since: Instant | None = None
    ended_at: Instant | None = None
    end_reason: str | None = None
    cause: str | None = None
    warnings_sent: tuple[int, ...] = Field(default=(), alias="warned")
    revocations: tuple[Revocation, ...] = ()
    resumption_by: str | None = None
    resumption_until: Instant | None = None

    @model_validator(mode="before")
    @classmethod
    def _read_first_version(cls, stored: Any) -> Any:
        """Read rows of the first version, which stored only an open proposal's proposer."""
        if not isinstance(stored, dict) or "revocation_by" not in stored:
            return stored
        fields = {name: value for name, value in stored.items() if name != "revocation_by"}
        if by := stored["revocation_by"]:
            fields["revocations"] = ({"by": by, "at": stored["since"]},)
        return fields

    @property
    def open_revocation(self) -> Revocation | None:
        """The open proposal to revoke it, which needs a second senior."""
        newest = self.revocations[-1] if self.revocations else None
        return newest if newest and newest.outcome is None and self.state != "ended" else None
