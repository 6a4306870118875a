"""Record that links were revoked, and send new ones instead.

The operator never sees a link: new ones are only in the mails, to the customer's addresses on
record.
"""

from collections.abc import Iterable
from datetime import datetime

from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.history import Actor
from chalicelib.domain.notification import Notification
from chalicelib.domain.slot import Slot
from chalicelib.domain.steps.common import notify, record_act
from chalicelib.ports import Change, Services
from chalicelib.usecases.decision_request import DecisionRequest
from chalicelib.usecases.request import Conditions
from chalicelib.usecases.retry import retry
from chalicelib.usecases.unit_of_work import decide

KIND = "links_reissued"
OPERATOR = Actor(kind="operator")


def record_revoked(services: Services, claim_ids: Iterable[str], now: datetime) -> None:
    """Write into the history of claims that links in mails about them were revoked."""

    def step(claim: Claim, slot: Slot, ctx: StepContext) -> Outcome:
        return record_act(claim, claim, "notice.links_revoked", OPERATOR)

    for claim_id in dict.fromkeys(claim_ids):
        decide(services, DecisionRequest(claim_id, step, Conditions(now=now)))


def reissue_for_claim(services: Services, claim_id: str, now: datetime) -> None:
    """Send new links to every address of the customer's for one claim. Raises NotFound."""

    def step(claim: Claim, slot: Slot, ctx: StepContext) -> Outcome:
        after = notify(claim, KIND, "customer")
        return record_act(claim, after, "notice.links_reissued", OPERATOR)

    decide(services, DecisionRequest(claim_id, step, Conditions(now=now)))


def reissue_for_tenant(services: Services, tenant_id: str, now: datetime) -> None:
    """Send new tenant links to the tenant's own contacts, as the directory names them."""

    def write() -> None:
        before = services.store.tenants.get_settings(tenant_id)
        entry = Notification(kind=KIND, to="tenant", ref=f"{before.rev + 1}.{KIND}")
        after = before.with_notification(entry, now, services.random_bytes)
        services.store.commit(Change(tenant_settings=after))

    retry(write)
