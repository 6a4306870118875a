"""The winner of a case, who waits for the item, and the loser, who keeps it until then."""

from collections import Counter

from tests.journeys.arbitrations import case_of, decide
from tests.journeys.portal_decisions import a_decision, portal, send_decision

IN_PROCESS_ONLY = True  # its clock moves by days, which is slow on the emulator


def win_case(service):
    """Return a holder that has lost a case, and the claim that won, whose customer has not answered
    yet.
    """
    customer = service.customer()
    held = customer.active(1)
    claim = customer.file(2)
    customer.approve(claim, "Ruth")
    service.settle()
    decide(service, case_of(service, customer, 2), claim["id"])
    service.settle()
    return customer, held, claim


def outcome(service, customer, number):
    """Return what a partner reads of its newest case, in the list and by its address."""
    listed = case_of(service, customer, number)
    shown = service.get(f"/v1/arbitrations/{listed['id']}", by=customer.by(number))
    assert shown == listed
    return listed["decision"]["outcome"]


def kinds(service, claim):
    return {mail["kind"] for mail in service.mails(claim["id"])}


def test_an_heir_whose_objection_is_undone_is_heir_again_without_another_case(service):
    customer, held, claim = win_case(service)

    customer.answer(claim, "opt_out")
    customer.answer(claim, "undo")
    back = customer.claim(claim, 2)
    service.to(customer.clock(claim, "customer_opt_out", 2))

    assert (back["status"], back["association"]["state"]) == ("approved", "pending")
    assert len(service.get("/v1/arbitrations", by=customer.by(2))["data"]) == 1
    assert customer.claim(claim, 2)["association"]["state"] == "active"
    assert customer.claim(held, 1)["association"] == {
        "id": held["association"]["id"],
        "state": "ended",
    }


def test_an_objection_undone_meets_a_rival_that_came_meanwhile(service):
    customer, _, claim = win_case(service)

    customer.answer(claim, "opt_out")
    customer.file(3)
    customer.answer(claim, "undo")

    assert customer.claim(claim, 2)["status"] == "under_review"


def test_an_objection_undone_does_not_mind_a_rival_that_was_there_before(service):
    customer = service.customer()
    held = customer.active(1)
    customer.file(2)

    customer.answer(held, "opt_out")
    customer.answer(held, "undo")
    back = customer.claim(held, 1)

    assert (back["status"], back["association"]["state"]) == ("approved", "pending")


def test_an_objection_undone_finds_the_item_taken_by_a_rival_of_then(service):
    customer = service.customer()
    held = customer.active(1)
    rival = customer.file(2)

    customer.answer(held, "opt_out")
    customer.approve(rival, "Ruth")
    customer.answer(held, "undo")

    assert customer.claim(rival, 2)["status"] == "approved"
    assert customer.claim(held, 1)["status"] == "under_review"


def test_an_incumbent_that_lost_is_told_how_long_it_keeps_the_item(service):
    customer, held, claim = win_case(service)

    text = service.mails(held["id"], "arbitration_decided")[0]["text"]

    assert "goes on until that partner's association becomes official" in text
    assert outcome(service, customer, 1) == "keeps_until_winner_active"
    assert outcome(service, customer, 2) == "won"

    service.to(customer.clock(claim, "customer_opt_out", 2))
    service.settle()

    assert customer.claim(held, 1)["association"]["state"] == "ended"
    assert outcome(service, customer, 1) == "lost"
    assert "winner_left" not in kinds(service, held)


def test_an_incumbent_is_told_when_the_winner_falls_away_and_when_it_is_back(service):
    customer, held, claim = win_case(service)

    customer.answer(claim, "opt_out")
    service.settle()
    left = (outcome(service, customer, 1), kinds(service, held))
    customer.answer(claim, "undo")
    service.settle()
    back = (outcome(service, customer, 1), kinds(service, held))

    assert left[0] == "kept"
    assert {"winner_left"} <= left[1]
    assert "winner_back" not in left[1]
    assert back[0] == "keeps_until_winner_active"
    assert "winner_back" in back[1]
    assert customer.claim(held, 1)["association"]["state"] == "active"


def test_an_incumbent_gets_each_mail_when_the_customer_changes_its_mind_again(service):
    """The mails of one after another, none of which writes a row of the incumbent's history."""
    customer, held, claim = win_case(service)

    kick, service.kick = service.kick, lambda: None  # no mail goes out in between
    for number, decision in enumerate(("opt_out", "undo", "opt_out", "undo")):
        said = a_decision(service, customer, claim, decision)
        assert send_decision(service, said, portal(service), f"msg_{number}").status == 200
    service.kick = kick
    service.settle()

    told = Counter(mail["kind"] for mail in service.mails(held["id"]))
    assert (told["winner_left"], told["winner_back"]) == (2, 2)


def test_an_incumbent_keeps_the_item_for_good_when_the_winner_withdraws(service):
    customer, held, claim = win_case(service)

    customer.act(claim, "withdraw", {"reason": "not needed"}, 2)
    service.advance("P30D")

    assert "winner_left" in kinds(service, held)
    assert outcome(service, customer, 1) == "kept"
    assert customer.claim(held, 1)["association"]["state"] == "active"


def test_an_incumbent_is_not_revived_when_the_winners_agreement_is_undone(service):
    customer, held, claim = win_case(service)
    customer.answer(claim, "agree")
    won = customer.claim(claim, 2)["association"]["state"]

    customer.answer(claim, "undo")

    assert won == "active"
    assert customer.claim(claim, 2)["association"]["state"] == "paused"
    ended = service.get(f"/v1/associations/{held['association']['id']}", by=customer.by(1))
    assert (ended["state"], ended["end_reason"]) == ("ended", "superseded")
