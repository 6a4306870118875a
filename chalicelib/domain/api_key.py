"""API keys: how partners' servers authenticate (integration.md, 5).

A key is `cpk_`, the stage, 32 random digits (160 bits) and a check value, so that scanners for
leaked secrets recognise one, and a mistyped key is refused without a look-up. Only its SHA-256 is
stored.
"""

import hashlib
import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from chalicelib.domain.base import Frozen, Instant
from chalicelib.domain.base32 import ALPHABET, base32, digest
from chalicelib.domain.durations import add_duration
from chalicelib.domain.ids import RandomBytes

MAX_KEYS = 10  # working keys of one organisation (integration.md, 5)
MAX_LIFE = "P1Y"  # duration (integration.md, 5)
MAX_ADDRESSES = 20  # networks of one key; chosen: more than one partner has sites
WARNINGS = (30, 7)  # days before its end at which a mail warns (integration.md, 5)
KEPT_AFTER = timedelta(days=90)  # chosen: how long an ended key is still listed
SECRET, CHECK = 32, 6  # base-32 digits
START = "cpk_"
_FORM = re.compile(rf"{START}([a-z]+)_([{ALPHABET}]{{{SECRET}}})([{ALPHABET}]{{{CHECK}}})")

Role = Literal["billing_admin", "incentives_user"]  # at most incentives_user: never an admin
State = Literal["active", "expired", "revoked"]


def find_last_day(now: datetime) -> date:
    """Return the latest permitted end date of a key created now: the same day next year."""
    return (add_duration(now, MAX_LIFE) or now).date()


class ApiKey(Frozen):
    """A key of an organisation.

    hash: SHA-256 (hex) of the whole key.
    expires_on: the last day (UTC) on which it works.
    from_addresses: networks (CIDR) that may use it; none: all.
    contact: the address that mails about the key go to; None: the administrators.
    locale: the language of mails to `contact`.
    created_by: the `sub` of the administrator who created it.
    mails_sent: how many mails about it were sent: one on creation, then one for each of `WARNINGS`.
    retry_mail_at: when to send a mail again that the mail service did not accept.
    rev: the number of the version that is stored.
    """

    id: str
    organisation_id: str
    name: str
    role: Role
    hash: str
    expires_on: date
    from_addresses: tuple[str, ...] = ()
    contact: str | None = None
    locale: str = "en"
    created_at: Instant
    created_by: str = ""
    last_used_on: date | None = None
    revoked_at: Instant | None = None
    mails_sent: int = 0
    retry_mail_at: Instant | None = None
    rev: int = 1

    @property
    def ends_at(self) -> datetime:
        """The first moment at which the key no longer works."""
        return datetime.combine(self.expires_on + timedelta(days=1), time(), UTC)

    def state(self, now: datetime) -> State:
        """Return whether the key works."""
        if self.revoked_at:
            return "revoked"
        return "active" if now < self.ends_at else "expired"

    @property
    def mail_at(self) -> datetime | None:
        """When the next mail about the key is due; None: no mail is left to send."""
        planned = self._plan_mails()
        if self.revoked_at or self.mails_sent >= len(planned):
            return None
        return max(filter(None, (planned[self.mails_sent], self.retry_mail_at)))

    def with_mail_sent(self) -> "ApiKey":
        """Return the key after the due mail was sent."""
        return self.evolve(mails_sent=self.mails_sent + 1, retry_mail_at=None, rev=self.rev + 1)

    def _plan_mails(self) -> list[datetime]:
        """Return the times of all mails, except warnings dated before the key was created."""
        warnings = (self.ends_at - timedelta(days=days) for days in WARNINGS)
        return [self.created_at, *(at for at in warnings if at > self.created_at)]


def make_key(stage: str, random_bytes: RandomBytes) -> str:
    """Generate the text of a new key."""
    secret = base32(int.from_bytes(random_bytes(20), "big"), SECRET)
    start = f"{START}{stage}_{secret}"
    return f"{start}{digest(start, CHECK)}"


def has_key_form(text: str) -> bool:
    """Return whether a bearer token has the form of an API key."""
    return text.startswith(START)


def is_well_formed(text: str, stage: str) -> bool:
    """Return whether a text has the form and the check value of a key of this stage."""
    parts = _FORM.fullmatch(text)
    return bool(parts and parts[1] == stage and digest(text[:-CHECK], CHECK) == parts[3])


def hash_key(text: str) -> str:
    """Return the hash by which a key is stored."""
    return hashlib.sha256(text.encode()).hexdigest()
