"""Link tokens in mails, and the form tokens of the pages behind them.

A link token is the tenant key and 130 bits of an HMAC over the mail's reference. It is derived and
not random, so that a repeated mail carries the same link. Only its hash is stored, as part of the
mail's id. It shows no date and no personal data.
"""

import hashlib
import hmac
from datetime import UTC, datetime

from chalicelib.domain import ids

FORM_DIGITS = 32  # hexadecimal digits of a form token's HMAC: 128 bits
MAX_MOMENT_DIGITS = 14  # of the milliseconds in a form token: beyond them no date exists


def make_token(key: bytes, tenant_key: str, reference: str) -> str:
    """Return the token of the mail with this reference (claim, notification, recipient)."""
    mac = hmac.new(key, reference.encode(), hashlib.sha256).digest()
    return ids.format_token(tenant_key, int.from_bytes(mac, "big"))


def mail_id_of(token: str) -> str:
    """Return the id of the mail that carries a token. Raises ValueError for any other text."""
    parts = ids.parse_token(token)
    if parts is None:
        raise ValueError("not a link token")
    return ids.format_mail_id(parts.tenant, ids.digest(token, ids.SECRET))


def is_token(text: str) -> bool:
    """Whether a text has the form of a link token."""
    return ids.parse_token(text) is not None


def make_form_token(key: bytes, token: str, shown_at: datetime) -> str:
    """Return what a form of a page must send back.

    It belongs to one link, so that a form of another page cannot be sent here. It tells when the
    page was shown: consent is to what the page showed then.
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


def is_same(one: str, other: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())
