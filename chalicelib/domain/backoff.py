"""When to try again after the mail service has not taken a mail.

The delays double, so the attempts grow with the logarithm of time while the service is away.
"""

from datetime import datetime, timedelta

FIRST_DELAY = timedelta(minutes=2)
# Mails go out within hours of the service's return, however long it was away.
MAX_DELAY = timedelta(hours=6)
# SES reports a mail that it has taken within minutes; until then it must not be sent again.
CONFIRMATION_WAIT = timedelta(minutes=30)


def find_next_attempt(attempts: int, now: datetime, unconfirmed: bool) -> datetime:
    """Return when to try again after so many attempts in a row.

    unconfirmed: the service may have taken the mail, and its report is waited for. Each further
        attempt may send another copy, so they are as rare from the beginning.
    """
    first = CONFIRMATION_WAIT if unconfirmed else FIRST_DELAY
    return now + min(first * (1 << min(attempts, 10)), MAX_DELAY)
