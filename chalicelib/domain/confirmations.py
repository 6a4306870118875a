"""Confirmations of the customer's opening acts, which take effect only through a fresh link.

An opening act agrees, undoes an objection, or lifts a lock or a block.

Links get forwarded, often to the partner itself (domain.md, "What a customer's links may do").
"""

from datetime import timedelta
from typing import Literal

from chalicelib.domain.base import Frozen, Instant

VALID_FOR = timedelta(hours=24)  # counted from handing the mail over (domain.md)
KEPT_FOR = timedelta(hours=72)  # chosen: after that its link is answered like a used one anyway
MAX_MAILS_A_DAY = 3  # for one link, or one address and claim, and act (domain.md)


class Confirmation(Frozen):
    """An act that awaits its confirmation, or was confirmed.

    id: unique within the tenant.
    act: the act that is confirmed.
    link: id of the mail whose link was used.
    address: a hash of the address that this mail went to; empty in older ones.
    claims: ids of the claims that it is about.
    organisation_id: the partner that is allowed again.
    comment: the customer's words.
    requested_at: the moment by which an undo is in time or late.
    read_at: when the answered page was shown.
    closed_at: when it was confirmed, replaced or made void.
    """

    id: str = ""
    act: Literal["agree", "undo", "unlock", "allow_again"]
    link: str
    address: str = ""
    claims: tuple[str, ...] = ()
    organisation_id: str = ""
    comment: str = ""
    requested_at: Instant
    read_at: Instant | None = None
    closed_at: Instant | None = None

    def is_alike(self, other: "Confirmation") -> bool:
        """Return whether one address asks for the same act on the same claim or partner, by any of
        its links: every act brings a mail with another link.
        """
        if not self.address or (self.address, self.act) != (other.address, other.act):
            return False
        is_shared = bool({*self.claims} & {*other.claims}) or self.claims == other.claims
        return is_shared and self.organisation_id == other.organisation_id

    def repeats(self, earlier: "Confirmation") -> bool:
        """Return whether it is the same form as an earlier one that is still open."""
        same = {"id": earlier.id, "requested_at": earlier.requested_at}
        return self.read_at is not None and self.evolve(**same) == earlier
