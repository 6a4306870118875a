"""What the customer set for the whole tenant."""

from chalicelib.domain.base import Frozen, Instant
from chalicelib.domain.notification import Notification


class TenantSettings(Frozen):
    """Lock and blocks of one tenant.

    locked: no partner may submit a new claim.
    blocked: organisation ids of the partners that may not.
    outbox, outbox_retry, outbox_attempts: notifications to send, as in `Claim`.
    rev: counts writes; 0: nothing was ever set.
    """

    tenant_id: str = ""
    locked: bool = False
    blocked: tuple[str, ...] = ()
    outbox: tuple[Notification, ...] = ()
    outbox_retry: Instant | None = None
    outbox_attempts: int = 0
    rev: int = 0
