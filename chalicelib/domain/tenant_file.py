"""The data of one tenant that a customer's page shows, read in one query."""

from collections.abc import Iterable

from chalicelib.domain.base import Frozen
from chalicelib.domain.claim import Claim
from chalicelib.domain.directory import Tenant
from chalicelib.domain.mail_records import MailRecord
from chalicelib.domain.slot import Slot
from chalicelib.domain.tenant_settings import TenantSettings


class TenantFile(Frozen):
    """The tenant with its claims, slots, mails and settings, as far as they are needed."""

    tenant: Tenant | None = None
    claims: tuple[Claim, ...] = ()
    slots: tuple[Slot, ...] = ()
    mails: tuple[MailRecord, ...] = ()
    tenant_settings: TenantSettings = TenantSettings()

    def list_named_claims(self) -> list[str]:
        """List the ids of the claims that slots or settings name: they are open, live or answered.

        All others have ended.
        """
        return sorted({*self._list_in_slots(), *self._list_in_settings()})

    def list_named_mails(self) -> list[str]:
        """List the ids of the mails whose links the settings name."""
        settings = self.tenant_settings
        named = [
            *(one.link for one in settings.confirmations),
            *(one.by for one in settings.outbox),
        ]
        return sorted({one for one in named if one})

    def _list_in_slots(self) -> Iterable[str]:
        for slot in self.slots:
            yield from (contender.claim_id for contender in slot.contenders)
            yield from (cooldown.claim_id for cooldown in slot.cooldowns if cooldown.claim_id)

    def _list_in_settings(self) -> Iterable[str]:
        settings = self.tenant_settings
        named = [
            *(confirmation.claims for confirmation in settings.confirmations),
            *(answer.claims for answer in settings.answers),
            *(one.claims for one in settings.outbox),
        ]
        return (claim_id for claims in named for claim_id in claims)
