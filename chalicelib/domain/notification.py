"""A notification that is still to be sent."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from chalicelib.domain.base import Frozen, Instant
from chalicelib.domain.ids import RandomBytes, new_nonce

# Kinds of mails to partners that print a head, and how many hexadecimal digits (domain.md,
# "History").
DECISIONS = frozenset({"approved", "rejected", "arbitration_decided", "association_ended"})
HEAD_DIGITS = 16
# Time after midnight: longer than a request runs, and than the clocks of two machines differ.
GATHERED_AFTER = timedelta(minutes=10)


class Notification(Frozen):
    """A mail to send after the commit, once for each recipient.

    kind: which mail (`mail_layouts.PLANS`).
    to: to whom: `customer`, `tenant`, `contact`, `found`, `new_contacts`, `partner` or `programme`.
    ref: unique within the claim. Ids and links of its mails derive from it, so that a repeated
        mail is identical to the first.
    claims: ids of the claims that it names, if it names more than its own claim.
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
    head: of a decision, the first digits of the claim's newest hash, which the mail prints.
    not_before: of an end by the partner, when it is sent: once for everything that it ends on that
        day with the same customer.
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
    head: str = ""
    not_before: Instant | None = None


def find_gathering(now: datetime) -> datetime:
    """Return when the customer is notified of an end by the partner: after the UTC day."""
    day = (now + timedelta(days=1)).astimezone(UTC)
    return day.replace(hour=0, minute=0, second=0, microsecond=0) + GATHERED_AFTER


def add_nonce(
    before: Iterable[Notification],
    outbox: Iterable[Notification],
    random_bytes: RandomBytes,
    head: str = "",
) -> tuple[Notification, ...]:
    """Return an outbox in which the notifications that were not there before have random bits.

    head: the hash of the newest row of the claim's history, for those of decisions.
    """
    known, nonce = {one.ref for one in before}, new_nonce(random_bytes)

    def add(one: Notification) -> Notification:
        printed = head[:HEAD_DIGITS] if one.kind in DECISIONS else ""
        return one.evolve(nonce=nonce, head=printed)

    return tuple(one if one.ref in known else add(one) for one in outbox)
