"""Answer whether a mail came from this service, and nothing else."""

from datetime import datetime

from chalicelib.domain.ids import parse_mail_id
from chalicelib.domain.links import is_same
from chalicelib.domain.mail_addresses import canonical_address
from chalicelib.ports import Services
from chalicelib.usecases.rate_limits import MAIL_CHECKS, count_anonymous


def is_genuine(services: Services, reference: str, address: str, now: datetime) -> bool:
    """Return whether the mail with this reference was sent to this address.

    A reference alone proves nothing: every recipient of a mail could copy its reference into a
    forged one. Whether the reference, the address or both are wrong makes no difference to the
    calls and the answer. Raises TooMany for a reference that is checked too often.
    """
    if parse_mail_id(reference) is None:
        return False
    count, mail = services.run_parallel(
        lambda: count_anonymous(services, MAIL_CHECKS, reference, now),
        lambda: services.store.mails.get(reference),
    )
    MAIL_CHECKS.enforce(count, now)
    recipient = mail.recipient if mail and not mail.revoked else ""
    is_recipient = is_same(canonical_address(recipient), canonical_address(address))
    return bool(recipient) and is_recipient
