"""Links in mails: tokens that cannot be guessed, derived so that a repeated mail carries the same
one.

A token is the tenant key (where to look) and 130 bits of an HMAC under a secret key over the mail's
reference. Only its hash is stored, as part of the mail's id. No date and no personal data can be
read from it.
"""

import hashlib
import hmac
from datetime import UTC, datetime

from chalicelib.domain import ids


def token(key: bytes, tenant_key: str, reference: str) -> str:
    """The token of the mail with this reference (claim, letter, recipient)."""
    mac = hmac.new(key, reference.encode(), hashlib.sha256).digest()
    return ids.format_token(tenant_key, int.from_bytes(mac, "big"))


def mail_id(of_token: str) -> str:
    """The id of the mail that carries a token: `mai_`, tenant key, hash of the token."""
    parts = ids.parse_token(of_token)
    if parts is None:
        raise ValueError("not a link token")
    return ids.format_mail_id(parts.tenant, ids.digest(of_token, ids.SECRET))


def well_formed(text: str) -> bool:
    """Whether a text could be a token at all."""
    return ids.parse_token(text) is not None


def form_token(key: bytes, of_token: str, shown_at: datetime) -> str:
    """What a page's form must send back, so that a form of another page cannot post here. It says
    when the page was shown: who agrees, agrees to what was there then.
    """
    moment = str(round(shown_at.timestamp() * 1000))
    return f"{moment}.{hmac.new(key, f'form:{of_token}:{moment}'.encode(), hashlib.sha256).hexdigest()[:32]}"


def shown_at(key: bytes, of_token: str, form: str) -> datetime | None:
    """When the page was shown whose form this is; None when it is not one of this link's pages."""
    moment = form.partition(".")[0]
    at = (
        datetime.fromtimestamp(int(moment) / 1000, UTC)
        if moment.isdecimal() and moment.isascii() and len(moment) < 15
        else None
    )
    return at if at and same(form, form_token(key, of_token, at)) else None


def same(one: str, other: str) -> bool:
    """Compares in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())
