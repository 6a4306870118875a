"""Acts of the customer that open something: they take effect when confirmed through a fresh link.

Links get forwarded, often to the partner itself (domain.md, "What a customer's links may do").
"""

from datetime import timedelta
from typing import Literal

from chalicelib.domain.base import Frozen, Instant

VALID_FOR = timedelta(hours=24)  # from the mail's hand-over (domain.md)
KEPT_FOR = timedelta(hours=72)  # afterwards its link answers as used all the same
MAX_MAILS_A_DAY = 3  # for one link and act (domain.md)


class Confirmation(Frozen):
    """An act that waits for its confirmation, or was confirmed.

    id: unique within the tenant.
    act: what will happen.
    link: id of the mail whose link was used.
    claims: ids of the claims that it is about.
    organisation_id: the partner that is allowed again.
    comment: the customer's words.
    requested_at: decides whether an undo is in time.
    read_at: when the page was shown that was answered.
    closed_at: when it was confirmed, replaced or made void.
    """

    id: str = ""
    act: Literal["agree", "undo", "unlock", "allow_again"]
    link: str
    claims: tuple[str, ...] = ()
    organisation_id: str = ""
    comment: str = ""
    requested_at: Instant
    read_at: Instant | None = None
    closed_at: Instant | None = None

    def repeats(self, earlier: "Confirmation") -> bool:
        """Whether it is the same form as an earlier one that still waits."""
        same = {"id": earlier.id, "requested_at": earlier.requested_at}
        return self.read_at is not None and self.evolve(**same) == earlier
