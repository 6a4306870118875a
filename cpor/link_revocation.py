"""Revokes links: finds the mails that carry them, by what the operator knows, and marks each."""

from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import urlsplit

from chalicelib.domain.filing import is_guid
from chalicelib.domain.ids import parse_claim_id, tenant_key
from chalicelib.domain.links import mail_id, well_formed
from chalicelib.domain.mail_records import MailRecord
from chalicelib.ports import Store
from cpor.exit_codes import Unusable


class Revoked(NamedTuple):
    """A link that is revoked now; `before`: it was already. Never its token: only the hash of that
    is known.
    """

    mail_id: str
    kind: str
    scope: str
    claim_ids: tuple[str, ...]
    before: bool


class Asked(NamedTuple):
    """Which links, by exactly one of four ways to name them."""

    token: str = ""
    mail: str = ""
    claim: str = ""
    tenant: str = ""

    def revoke(self, store: Store) -> list[Revoked]:
        """Revokes them, and answers which they were; none: there is no such link. Raises Unusable."""
        return [_revoked(store, mail) for mail in self._mails(store) if mail.scope != "none"]

    def _mails(self, store: Store) -> Iterable[MailRecord]:
        if sum(map(bool, self)) != 1:
            raise Unusable(
                "Say which links: one of --token, --mail, --claim and --tenant, and only one."
            )
        if self.claim:
            item = parse_claim_id(self.claim)
            tenant = _known(item.tenant if item else "", "claim")
            return store.mails.list_of_claim(tenant, self.claim)
        if self.tenant:
            guid = self.tenant.strip("{}").lower()
            tenant = _known(guid if is_guid(guid) else "", "tenant")
            return [
                mail
                for mail in store.tenants.get_file(tenant_key(tenant)).mails
                if mail.tenant_id == tenant
            ]
        found = store.mails.get(
            self.mail.strip().lower() if self.mail else mail_id(_token(self.token))
        )
        return [found] if found else []


def _known(value: str, what: str) -> str:
    if not value:
        raise Unusable(f"That is not the id of a {what}.")
    return value


def _token(given: str) -> str:
    """The token of a link, or what was given as one."""
    token = urlsplit(given).path.rstrip("/").rpartition("/")[2]
    if not well_formed(token):
        raise Unusable("That is neither a link nor the token of one.")
    return token


def _revoked(store: Store, mail: MailRecord) -> Revoked:
    if not mail.revoked:
        store.mails.revoke_link(mail.id)
    return Revoked(mail.id, mail.kind, mail.scope, mail.claim_ids, mail.revoked)
