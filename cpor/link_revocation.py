"""Revokes links: finds the mails that contain them and marks each."""

from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import urlsplit

from chalicelib.domain.ids import parse_claim_id, tenant_key
from chalicelib.domain.links import is_token, mail_id_of
from chalicelib.domain.mail_records import MailRecord
from chalicelib.domain.text_types import is_guid
from chalicelib.ports import Services, Store
from chalicelib.usecases.reissued_links import (
    record_revoked,
    reissue_for_claim,
    reissue_for_tenant,
)
from cpor.errors import CommandError


class RevokedLink(NamedTuple):
    """A link that is revoked now; `before`: it was revoked already.

    Its token is not known: only a hash of it is stored.
    """

    mail_id: str
    kind: str
    scope: str
    claim_ids: tuple[str, ...]
    before: bool


class LinkSelector(NamedTuple):
    """Selects links by exactly one of four criteria."""

    token: str = ""
    mail: str = ""
    claim: str = ""
    tenant: str = ""

    def revoke(self, store: Store) -> list[RevokedLink]:
        """Revoke the links and return them; empty if there are none. Raises CommandError."""
        return [_revoke(store, mail) for mail in self._mails(store) if mail.scope != "none"]

    def _mails(self, store: Store) -> Iterable[MailRecord]:
        if sum(map(bool, self)) != 1:
            raise CommandError("Give exactly one of --token, --mail, --claim and --tenant.")
        if self.claim:
            return store.mails.list_of_claim(_tenant_key_in(self.claim), self.claim)
        if self.tenant:
            tenant_id = _parse_guid(self.tenant)
            mails = store.mails.list_of_tenant(tenant_key(tenant_id))
            return [mail for mail in mails if mail.tenant_id == tenant_id]
        found = store.mails.get(self.mail.strip().lower() or mail_id_of(_parse_token(self.token)))
        return [found] if found else []


def revoke_links(services: Services, selector: LinkSelector) -> list[RevokedLink]:
    """Revoke links, and record it in the history of the claims that they were about."""
    revoked = selector.revoke(services.store)
    ended = [claim_id for link in revoked if not link.before for claim_id in link.claim_ids]
    record_revoked(services, ended, services.clock.now())
    return revoked


def reissue_links(services: Services, selector: LinkSelector) -> list[RevokedLink]:
    """Revoke the links of a tenant or a claim, and have new ones sent. Raises CommandError."""
    now = services.clock.now()
    tenant, claim = selector.tenant.strip("{}").lower(), selector.claim
    if tenant and services.directory.tenant(tenant_key(tenant)) is None:
        raise CommandError("The directory knows no such customer.")
    if claim and services.store.claims.get(claim) is None:
        raise CommandError("There is no such claim.")
    revoked = revoke_links(services, selector)
    if claim:
        reissue_for_claim(services, claim, now)
    else:
        reissue_for_tenant(services, tenant, now)
    return revoked


def _tenant_key_in(claim_id: str) -> str:
    keys = parse_claim_id(claim_id)
    if not keys:
        raise CommandError("That is not the id of a claim.")
    return keys.tenant


def _parse_guid(text: str) -> str:
    guid = text.strip("{}").lower()
    if not is_guid(guid):
        raise CommandError("That is not the id of a tenant.")
    return guid


def _parse_token(text: str) -> str:
    """Return the token in a link, or the text if it is a token."""
    token = urlsplit(text).path.rstrip("/").rpartition("/")[2]
    if not is_token(token):
        raise CommandError("That is neither a link nor the token of one.")
    return token


def _revoke(store: Store, mail: MailRecord) -> RevokedLink:
    if not mail.revoked:
        store.mails.revoke_link(mail.id)
    return RevokedLink(mail.id, mail.kind, mail.scope, mail.claim_ids, mail.revoked)
