"""A notification that is still to be sent."""

from chalicelib.domain.base import Frozen, Instant


class Notification(Frozen):
    """A mail to send after the commit, once for each recipient.

    kind: which mail (`mail_layouts.PLANS`).
    to: to whom: `customer`, `tenant`, `contact`, `found`, `partner` or `programme`.
    ref: unique within the claim. Ids and links of its mails derive from it, so that a repeated
        mail is identical to the first.
    claims: ids of the claims that it names, when there are others besides its own.
    codes, message: reasons, and a reviewer's words.
    round: of a notice, the round of the customer's answer.
    changed: of a notice, that it replaces an earlier one.
    due_at: the deadline that the mail names.
    address: of a notice to a found address, that address.
    grounds: the reasons of a case's decision, by criterion.
    by: id of the mail through whose link the customer acted.
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
    grounds: dict[str, str] = {}
    by: str | None = None
