"""A notification that is still to be sent."""

from collections.abc import Iterable

from chalicelib.domain.base import Frozen, Instant
from chalicelib.domain.ids import RandomBytes, new_nonce


class Notification(Frozen):
    """A mail to send after the commit, once for each recipient.

    kind: which mail (`mail_layouts.PLANS`).
    to: to whom: `customer`, `tenant`, `contact`, `found`, `new_contacts`, `partner` or `programme`.
    ref: unique within the claim. Ids and links of its mails derive from it, so that a repeated
        mail is identical to the first.
    claims: ids of the claims that it names, when there are others besides its own.
    codes, message: reasons, and a reviewer's words.
    round: of a notice, the round of the customer's answer.
    changed: of a notice, that it replaces an earlier one.
    due_at: the deadline that the mail names.
    address: of a notice to a found address, that address.
    addresses: of a notice to new contacts of the tenant, their addresses.
    grounds: the reasons of a case's decision, by criterion.
    by: id of the mail through whose link the customer acted.
    nonce: random bits of its links, so that the key alone does not reveal them; '' in notifications
        that were stored before there were any.
    """

    kind: str
    to: str
    ref: str
    claims: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    message: str | None = None
    round: int = 0
    changed: bool = False
    due_at: Instant | None = None
    address: str | None = None
    addresses: tuple[str, ...] = ()
    grounds: dict[str, str] = {}
    by: str | None = None
    nonce: str = ""


def add_nonce(
    before: Iterable[Notification], outbox: Iterable[Notification], random_bytes: RandomBytes
) -> tuple[Notification, ...]:
    """Return an outbox in which the notifications that were not there before have random bits."""
    known, nonce = {one.ref for one in before}, new_nonce(random_bytes)
    return tuple(one if one.ref in known else one.evolve(nonce=nonce) for one in outbox)
