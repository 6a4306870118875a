"""Claim and place lie in two rows: a read that saw them at different moments must not be decided
on.
"""

from datetime import timedelta

from chalicelib.domain.links import form_token
from chalicelib.domain.steps.mail import struck
from chalicelib.usecases.customer import answer
from tests.claims import NOW, a_claim, an_association, asked, at, delivered
from tests.journeys.service import on_moto
from tests.simulation.engine import Engine


def test_a_place_that_is_older_than_its_claim_is_read_again():
    with on_moto(Engine()) as service:
        customer = service.customer()
        claim = customer.file()
        before = service.world.store.folder(claim["id"].partition("_")[2][20:32]).places
        customer.answer(claim, "opt_out")
        stale = _Behind(service.world.store, before[0])

        world = service.world.but(store=stale)
        token = service.link(claim["id"], customer.admin).rpartition("/")[2]
        answer(
            world,
            token,
            form_token(world.secrets.link_key(), token, world.clock.now()),
            "undo",
            claim["id"],
            {},
            world.clock.now() + timedelta(seconds=1),
        )

        assert [e.claim_id for e in stale.real.folder(token[:12]).places[0].entrants] == [
            claim["id"]
        ]


def test_somebody_is_told_that_silence_has_lost_its_proof():
    silent = a_claim(
        status="approved",
        association=an_association("pending"),
        answer=asked("not_objected", delivered(), due_at=NOW),
    )

    after = struck(silent, "mai_1", "bounce", at()).claim

    assert [(one.kind, one.to) for one in after.outbox] == [("late_bounce", "programme")]


class _Behind:
    """A store whose first reads of a place are a moment old."""

    def __init__(self, real, place):
        self.real, self._place = real, place

    def __getattr__(self, name):
        return getattr(self.real, name)

    def folder(self, tag):
        found = self.real.folder(tag)
        return found.but(places=(self._place,)) if self._place else found

    def case(self, claim_id, receipt=None, consistent=True):
        found = self.real.case(claim_id, receipt, consistent)
        if not consistent and self._place:
            found, self._place = (found[0], self._place, found[2]), None
        return found
