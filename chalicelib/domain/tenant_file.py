"""Everything of one tenant that a customer's page shows, read at once."""

from chalicelib.domain.base import Frozen
from chalicelib.domain.claim import Claim
from chalicelib.domain.directory import Tenant
from chalicelib.domain.mail_records import MailRecord
from chalicelib.domain.slot import Slot
from chalicelib.domain.tenant_settings import TenantSettings


class TenantFile(Frozen):
    """The tenant with its claims, slots, mails and settings."""

    tenant: Tenant | None = None
    claims: tuple[Claim, ...] = ()
    slots: tuple[Slot, ...] = ()
    mails: tuple[MailRecord, ...] = ()
    tenant_settings: TenantSettings = TenantSettings()
