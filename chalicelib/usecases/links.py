"""Check a link's token before anything of a tenant is read."""

from chalicelib.domain.ids import parse_token
from chalicelib.domain.links import has_right_check, mail_id_of
from chalicelib.domain.refusals import NotFound
from chalicelib.ports import Services


def find_tenant_key(services: Services, token: str) -> str:
    """Return the key of the tenant that a link is about.

    A token that was guessed raises NotFound without any read. An older token has no check value, so
    its mail record is read first.
    """
    parts = parse_token(token)
    if parts is None:
        raise NotFound("link_unknown")
    if parts.check:
        is_known = has_right_check(parts, services.secrets.find_token_key(parts.key_number))
    else:
        is_known = services.store.mails.get(mail_id_of(token)) is not None
    if not is_known:
        raise NotFound("link_unknown")
    return parts.tenant
