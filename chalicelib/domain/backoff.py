"""Compute when to retry after the mail service did not accept a mail.

The delays double, so the attempts grow with the logarithm of time while the service is away.
"""

from datetime import datetime, timedelta

FIRST_DELAY = timedelta(minutes=2)
# Mails go out within hours of the service's return, however long it was away.
MAX_DELAY = timedelta(hours=6)
# SES reports an accepted mail within minutes; until then it must not be sent again.
CONFIRMATION_WAIT = timedelta(minutes=30)


def find_next_attempt(attempts: int, now: datetime, unconfirmed: bool) -> datetime:
    """Return when to try again after `attempts` failures in a row.

    unconfirmed: whether the service may have accepted the mail, so that its report is awaited. Each
        further attempt may send another copy, so attempts have the long delay from the first.
    """
    first = CONFIRMATION_WAIT if unconfirmed else FIRST_DELAY
    return now + min(first * (1 << min(attempts, 10)), MAX_DELAY)
