"""Link tokens in mails, and the form tokens of the pages behind them.

A link token is the tenant key, 130 bits of an HMAC over the mail's reference and its random bits,
and a check value. The reference alone could be guessed by anyone with the key; the random bits are
stored only until the mail is sent. A repeated mail carries the same link. Only the token's hash is
stored, as part of the mail's id. It shows no date and no personal data.

The check value is an HMAC over the rest. A token is not looked up unless it is right, so guessing
makes the service read nothing.
"""

import hashlib
import hmac
from datetime import UTC, datetime
from typing import NamedTuple

from chalicelib.domain import ids
from chalicelib.domain.base32 import base32, digest

FORM_DIGITS = 32  # hexadecimal digits of a form token's HMAC: 128 bits
MAX_MOMENT_DIGITS = 14  # digits of the milliseconds in a form token: a larger number is no date


class LinkKey(NamedTuple):
    """The key of link tokens, and its number: tokens name the key of their check value."""

    number: int
    secret: bytes


def make_token(key: LinkKey, tenant_key: str, reference: str) -> str:
    """Return the token of the mail with this reference.

    `reference`: claim, notification, random bits and recipient.
    """
    mac = hmac.new(key.secret, reference.encode(), hashlib.sha256).digest()
    secret = base32(int.from_bytes(mac, "big"), ids.SECRET)
    parts = ids.TokenParts(tenant_key, secret, key.number)
    return ids.format_token(parts._replace(check=_make_check(key.secret, parts)))


def has_right_check(parts: ids.TokenParts, secret: bytes | None) -> bool:
    """Return whether a token's check value was made with this key (None: an unknown key)."""
    return secret is not None and is_same(parts.check, _make_check(secret, parts))


def mail_id_of(token: str) -> str:
    """Return the id of the mail that carries a token. Raises ValueError for any other text."""
    parts = ids.parse_token(token)
    if parts is None:
        raise ValueError("not a link token")
    return ids.format_mail_id(parts.tenant, digest(token, ids.SECRET))


def is_token(text: str) -> bool:
    """Return whether a text has the form of a link token."""
    return ids.parse_token(text) is not None


def make_form_token(key: bytes, token: str, shown_at: datetime) -> str:
    """Return the token that a form of a page must send back.

    It belongs to one link, so that a form of another page cannot be sent here. It holds the time at
    which the page was shown, because consent is to the page's content at that time.
    """
    moment = str(round(shown_at.timestamp() * 1000))
    mac = hmac.new(key, f"form:{token}:{moment}".encode(), hashlib.sha256)
    return f"{moment}.{mac.hexdigest()[:FORM_DIGITS]}"


def parse_form_token(key: bytes, token: str, form: str) -> datetime | None:
    """Return when the page of this form was shown, None for a form of another link."""
    moment = form.partition(".")[0]
    if not (moment.isascii() and moment.isdecimal()) or len(moment) > MAX_MOMENT_DIGITS:
        return None
    shown_at = datetime.fromtimestamp(int(moment) / 1000, UTC)
    return shown_at if is_same(form, make_form_token(key, token, shown_at)) else None


def _make_check(secret: bytes, parts: ids.TokenParts) -> str:
    mac = hmac.new(secret, f"check:{parts.tenant}{parts.secret}".encode(), hashlib.sha256).digest()
    return base32(int.from_bytes(mac, "big"), ids.CHECK)


def is_same(one: str, other: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())
