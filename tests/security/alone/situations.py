"""Situations that others have brought about before an actor acts alone.

In each, something that domain.md reserves for two is half done, or an act that must stay closed has
just been closed. Nobody who is an actor of the search has taken part in it.
"""

from collections.abc import Callable

from chalicelib.domain.claim import Claim
from tests.security.alone.acts import REASONS
from tests.security.alone.people import NAMED, TENANT
from tests.security.alone.search import Search
from tests.simulation.environment import MINUTE
from tests.simulation.settling import settle

CONTACT = TENANT.contacts[0]
OUTSIDE = "cfo@elsewhere.example"
CASE_DAYS = 12  # no window for statements is longer, holidays included


def nothing(search: Search) -> None:
    """Nobody has done anything yet."""


def filed(search: Search) -> None:
    search.file()


def under_review(search: Search) -> None:
    search.review(search.file(), "start", "rolf")


def approved(search: Search) -> None:
    """The proof is in order, and the customer has been asked."""
    _approve(search)


def approved_and_unreached(search: Search) -> None:
    """No own contact of the tenant can be reached."""
    search.bounce_mails()
    claim = search.file()
    search.review(claim, "start", "rolf")
    search.review(claim, "approve", "rolf")


def filed_and_unreached(search: Search) -> None:
    search.bounce_mails()
    search.file()
    search.wait(3)


def address_proposed(search: Search) -> None:
    """A reviewer has found an address outside the tenant's domains."""
    search.bounce_mails()
    claim = search.file()
    search.wait(3)
    search.review(claim, "customer-address", "rolf", email=OUTSIDE, source="a web page")


def active(search: Search) -> None:
    """The customer was silent."""
    _approve(search)
    search.wait(CASE_DAYS)


def agreed(search: Search) -> None:
    claim = _approve(search)
    search.answer_by_link(CONTACT, "agree", claim)
    search.confirm_by_mail()


def agreement_requested(search: Search) -> None:
    """Somebody has asked to agree through the link of an own contact; nobody has confirmed it."""
    search.answer_by_link(CONTACT, "agree", _approve(search))


def objected_by_tenant_link(search: Search) -> None:
    search.answer_by_link(CONTACT, "opt_out", _approve(search))


def objected_by_claim_link(search: Search) -> None:
    search.answer_by_link(NAMED, "opt_out", _approve(search))


def objected_by_both(search: Search) -> None:
    """The objection by tenant link has taken the place of the one by claim link."""
    claim = _approve(search)
    search.answer_by_link(NAMED, "opt_out", claim)
    search.answer_by_link(CONTACT, "opt_out", claim)


def objected_when_active(search: Search) -> None:
    active(search)
    claim = next(iter(search.records.claims.values()))
    search.answer_by_link(CONTACT, "opt_out", claim)


def undo_requested(search: Search) -> None:
    """An undo waits for its confirmation, and the partner is blocked meanwhile."""
    claim = _approve(search)
    search.answer_by_link(CONTACT, "opt_out", claim)
    search.answer_by_link(CONTACT, "undo", claim)
    search.answer_by_link(CONTACT, "block", claim)


def blocked(search: Search) -> None:
    """The named contact has objected, too."""
    claim = _approve(search)
    search.answer_by_link(NAMED, "opt_out", claim)
    search.answer_by_link(CONTACT, "block", claim)


def locked(search: Search) -> None:
    search.answer_by_link(CONTACT, "lock", search.file())


def paused(search: Search) -> None:
    """The mail on which silence rests came back late."""
    active(search)
    search.bounce_late()


def resumption_proposed(search: Search) -> None:
    paused(search)
    search.review_association(next(iter(search.records.claims.values())), "resume", "rolf")


def revocation_proposed(search: Search) -> None:
    active(search)
    search.review_association(next(iter(search.records.claims.values())), "revoke", "sven")


def contested(search: Search) -> None:
    """A case of two partners of whom none holds the item; their windows have ended."""
    claims = [search.file(one) for one in ("org_a", "org_b")]
    for claim in claims:
        search.review(claim, "start", "rolf")
        search.review(claim, "approve", "rolf")
    search.wait(CASE_DAYS)


def decision_proposed(search: Search) -> None:
    """One senior wants a partner to win."""
    contested(search)
    (case,) = search.records.cases.values()
    winner = case.parties[0].claim_ids[0]
    search.decide(case.id, "propose", "sven", winner=winner, reasons=REASONS)


def holder_challenged(search: Search) -> None:
    """A partner holds the item, and a rival's proof is in order."""
    active(search)
    _approve(search, "org_b", "ruth")
    search.wait(CASE_DAYS)


def disputed(search: Search) -> None:
    claim = search.file()
    search.review(claim, "start", "rolf")
    search.review(claim, "reject", "rolf", codes=["insufficient_poe"], message="no")
    path = f"/v1/claims/{claim.id}/dispute"
    search.prepare(search.actors.post("org_a_admin", path, {"reason": "because"}, claim))


def somebody_else_is_active(search: Search) -> None:
    """Another partner than the actor's holds the item."""
    _approve(search, "org_b")
    search.wait(CASE_DAYS)


def _approve(search: Search, organisation_id: str = "org_a", who: str = "rolf") -> Claim:
    claim = search.file(organisation_id)
    search.review(claim, "start", who)
    search.review(claim, "approve", who)
    search.now += 2 * MINUTE
    settle(search)
    return claim


SITUATIONS: tuple[Callable[[Search], None], ...] = (
    nothing,
    filed,
    under_review,
    approved,
    approved_and_unreached,
    filed_and_unreached,
    address_proposed,
    active,
    agreed,
    agreement_requested,
    objected_by_tenant_link,
    objected_by_claim_link,
    objected_by_both,
    objected_when_active,
    undo_requested,
    blocked,
    locked,
    paused,
    resumption_proposed,
    revocation_proposed,
    contested,
    decision_proposed,
    holder_challenged,
    disputed,
    somebody_else_is_active,
)
