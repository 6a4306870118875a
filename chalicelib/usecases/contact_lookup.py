"""Look for new contacts of a customer whom no mail has reached."""

from datetime import datetime

from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.ids import tenant_key
from chalicelib.domain.mail_addresses import canonical_address
from chalicelib.domain.mail_records import QUALIFYING
from chalicelib.domain.slot import Slot
from chalicelib.domain.steps.mail import notify_new_contacts
from chalicelib.ports import Services
from chalicelib.usecases.decision_request import DecisionRequest
from chalicelib.usecases.recipients import find_own_recipients
from chalicelib.usecases.request import Conditions
from chalicelib.usecases.unit_of_work import decide


def look_for_contacts(services: Services, claim: Claim, now: datetime) -> Claim:
    """Read the directory's contacts again, and send the notice to the new ones.

    A directory that cannot be read is read again the next day.
    """
    mail_ids = [address.mail_id for address in claim.answer.addresses]
    tenant, records = services.run_parallel(
        lambda: services.directory.tenant(tenant_key(claim.tenant_id)),
        lambda: services.store.mails.get_many(mail_ids),
    )
    known = {canonical_address(record.recipient) for record in records.values()}
    new = tuple(
        recipient.address
        for recipient in find_own_recipients(claim, tenant)
        if recipient.source in QUALIFYING and canonical_address(recipient.address) not in known
    )

    def step(current: Claim, slot: Slot, ctx: StepContext) -> Outcome:
        return notify_new_contacts(current, new, ctx)

    return decide(services, DecisionRequest(claim.id, step, Conditions(now=now))).claim
