"""The association that an approved claim leads to."""

from pydantic import Field

from chalicelib.domain.base import Frozen, Instant


class Association(Frozen):
    """One association of a claim. One that ended is not revived: a new one is made.

    ordinal: counts the associations of its claim; part of the association's id.
    state: see `state_machines.ASSOCIATION`.
    since: when it was made, with the approval.
    active_since: when it became official.
    end_reason: code of why it ended.
    cause: why it is paused, or `heir` while a pending one waits for the incumbent's to end.
    warnings_sent: the renewal warnings sent so far, in days before the end of the subscription.
    revocation_by: sub of the senior who proposed to revoke it.
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
    revocation_by: str | None = None
    resumption_by: str | None = None
    resumption_until: Instant | None = None
