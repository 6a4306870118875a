"""Claim and slot are two rows: no decision is based on versions that were read at different
moments.
"""

from datetime import timedelta

from chalicelib.domain.steps.mail import strike_out_address
from chalicelib.usecases.customer_answers import Answer, GivenAnswer, answer_claim
from chalicelib.usecases.request import Conditions
from chalicelib.usecases.visits import open_page
from tests.support.claims import NOW, a_claim, a_delivered_address, an_answer, an_association, at
from tests.support.in_process import in_process


def test_a_slot_that_is_older_than_its_claim_is_read_again():
    with in_process() as service:
        customer = service.customer()
        claim = customer.file()
        before = service.services.store.tenants.get_file(claim["id"].partition("_")[2][20:32]).slots
        customer.answer(claim, "opt_out")
        stale = _Behind(service.services.store, before[0])

        services = service.services.evolve(store=stale)
        token = service.link(claim["id"], customer.admin).rpartition("/")[2]
        now = services.clock.now()
        guest = open_page(service.services, token, now).guest
        given = GivenAnswer(guest, Answer("undo"))
        later = Conditions(now=now + timedelta(seconds=1))
        assert answer_claim(services, claim["id"], given, later) is None

        assert [
            e.claim_id for e in stale.real.tenants.get_file(token[:12]).slots[0].contenders
        ] == [claim["id"]]


def test_reviewers_are_notified_that_silence_has_lost_its_proof():
    silent = a_claim(
        status="approved",
        association=an_association("pending"),
        answer=an_answer("not_objected", a_delivered_address(), due_at=NOW),
    )

    after = strike_out_address(silent, "mai_1", "bounce", at()).claim

    assert [(one.kind, one.to) for one in after.outbox] == [("late_bounce", "programme")]


class _Behind:
    """A store whose reads return an old slot until it is read without consistency."""

    def __init__(self, real, slot):
        self.real, self.old_slot = real, slot
        self.claims, self.tenants = _BehindClaims(self), _BehindTenants(self)

    def __getattr__(self, name):
        return getattr(self.real, name)


class _BehindClaims:
    def __init__(self, store):
        self.store = store

    def __getattr__(self, name):
        return getattr(self.store.real.claims, name)

    def get(self, claim_id, receipt=None, consistent=True):
        found = self.store.real.claims.get(claim_id, receipt, consistent)
        if not consistent and self.store.old_slot:
            found, self.store.old_slot = found._replace(slot=self.store.old_slot), None
        return found


class _BehindTenants:
    def __init__(self, store):
        self.store = store

    def __getattr__(self, name):
        return getattr(self.store.real.tenants, name)

    def get_file(self, tenant_key, mail_id=None):
        found = self.store.real.tenants.get_file(tenant_key, mail_id)
        return found.evolve(slots=(self.store.old_slot,)) if self.store.old_slot else found
