"""What the customer set for the whole tenant."""

from datetime import datetime

from chalicelib.domain.base import Frozen, Instant
from chalicelib.domain.confirmations import Confirmation
from chalicelib.domain.notification import Notification


class TenantSettings(Frozen):
    """Lock and blocks of one tenant.

    locked: no partner may submit a new claim.
    blocked: organisation ids of the partners that may not.
    outbox, outbox_retry, outbox_attempts: notifications to send, as in `Claim`.
    confirmations: acts that wait to be confirmed, and those of the last days.
    rev: counts writes; 0: nothing was ever set.
    """

    tenant_id: str = ""
    locked: bool = False
    blocked: tuple[str, ...] = ()
    confirmations: tuple[Confirmation, ...] = ()
    outbox: tuple[Notification, ...] = ()
    outbox_retry: Instant | None = None
    outbox_attempts: int = 0
    rev: int = 0

    def find_confirmation(self, confirmation_id: str) -> Confirmation | None:
        """Return a confirmation by its id."""
        return next((one for one in self.confirmations if one.id == confirmation_id), None)

    def with_closed(self, now: datetime, *closed: Confirmation) -> "TenantSettings":
        """Return the settings with these confirmations closed."""
        ids = {one.id for one in closed}
        changed = tuple(
            one.evolve(closed_at=one.closed_at or now) if one.id in ids else one
            for one in self.confirmations
        )
        return self.evolve(confirmations=changed)
