"""An arbitration by its pages: each party's statement, and the decision of two seniors."""

from datetime import datetime, timedelta

import pytest

from tests.support.files import MAIL
from tests.support.pages import sign_in

WORDS = {
    "reasons__coverage": "All three sites.",
    "reasons__recency": "March 2026.",
    "reasons__customer": "Agreed on 30 November.",
    "reasons__continuity": "Office hours every week.",
}


@pytest.fixture
def customer(service):
    """A customer of two partners with proof for the same item, whose case is open."""
    made = service.customer(name="Fabrikam AG")
    for number in (1, 2):
        made.approve(made.file(number), who=f"Reviewer {number}")
    service.settle()
    return made


def open_case(browser, area):
    page = browser.open(f"/{area}/arbitrations")
    path = next(link for link, _ in page.links if f"/{area}/arbitrations/" in link)
    return browser.open(path[path.index(f"/{area}/") :])


def list_todo(service, customer):
    """Return the kinds of what waits for the first partner."""
    return [one["kind"] for one in service.get("/v1/todo", by=customer.by(1))["data"]]


def ask(service, claim):
    """Ask the party of a claim, on the page of the case."""
    senior = sign_in(service, None, "senior_reviewer")
    open_case(senior, "desk")
    senior.submit("Ask", party=claim["id"], message="Since when?")


def name_of(organisation_id):
    """The name that tests/support/feed.py gives a partner."""
    return organisation_id.replace("_", " ").title()


def test_two_seniors_decide_what_the_parties_have_stated(service, customer):
    parties = [sign_in(service, customer.partner(n), "incentives_admin") for n in (1, 2)]
    for number, party in enumerate(parties):
        page = open_case(party, "portal")
        assert "Fabrikam AG: Dynamics 365 Sales Enterprise" in page.title
        party.submit("Send the statement", text=f"Statement of party {number}.")
        assert "Statement sent." in party.page.text

    first = sign_in(service, None, "senior_reviewer")
    page = open_case(first, "desk")
    assert "Statement of party 0." in page.text and "Statement of party 1." in page.text
    assert name_of(customer.partner(1)) in page.text
    winner = next(form for form in page.forms if "winner" in form.choices).choices["winner"][1]
    first.submit("Propose", winner=winner, **WORDS)
    assert "You have proposed this. Another senior confirms it." in first.page.text
    assert "Confirm" not in [button[2].split()[0] for f in first.page.forms for button in f.buttons]
    own = next(form for form in first.page.forms if form.action.endswith("/confirm"))
    first.submit_fields(own, own.fields, expect=403)

    second = sign_in(service, None, "senior_reviewer", name="Sven Senior")
    page = open_case(second, "desk")
    assert "All three sites." in page.text
    second.submit("Confirm")

    assert "Decided." in second.page.text
    outcomes = [open_case(party, "portal").text for party in parties]
    assert sum("Decided in your favour." in text for text in outcomes) == 1
    assert sum("Not decided in your favour." in text for text in outcomes) == 1


def test_a_statement_waits_until_it_is_made_and_again_after_a_question(service, customer):
    party = sign_in(service, customer.partner(1), "incentives_admin")
    claim = service.get("/v1/claims", by=customer.by(1))["data"][0]
    assert list_todo(service, customer) == ["statement"]
    assert "Write your statement" in party.open("/portal").text

    open_case(party, "portal")
    party.submit("Send the statement", text="We do the work.")

    assert "You can add to it until" in party.page.text
    assert "Write your statement" not in party.open("/portal").text
    assert list_todo(service, customer) == []
    shown = customer.claim(claim)
    assert "statement" in shown["next_actions"]
    assert shown["arbitration"]["statement_due_at"] is not None
    assert "arbitration_statement" not in {clock["kind"] for clock in shown["clocks"]}
    page = party.open(f"/portal/claims/{claim['id']}")
    assert "You can add to it until" in page.text
    assert "Time for your statement" not in page.text

    ask(service, claim)
    assert list_todo(service, customer) == ["statement"]
    assert "Write your statement" in party.open("/portal").text


def test_a_question_keeps_the_form_of_a_statement_open_until_its_answer_is_due(service, customer):
    party = sign_in(service, customer.partner(1), "incentives_admin")
    case = service.get("/v1/arbitrations", by=customer.by(1))["data"][0]
    first_end = datetime.fromisoformat(case["parties"][0]["statement_due_at"])
    wait = first_end - timedelta(hours=1) - datetime.fromisoformat(service.now())
    service.advance(f"PT{int(wait.total_seconds())}S")
    ask(service, service.get("/v1/claims", by=customer.by(1))["data"][0])
    service.advance("PT2H")

    open_case(party, "portal")
    party.submit("Send the statement", text="Since 2024.")

    assert "Statement sent." in party.page.text
    assert "Since 2024." in party.page.text


def test_a_party_sees_nothing_of_the_other(service, customer):
    first, second = (sign_in(service, customer.partner(n), "incentives_admin") for n in (1, 2))
    open_case(first, "portal")
    first.submit("Send the statement", text="Only the programme reads this.")

    page = open_case(second, "portal")

    assert "Only the programme reads this." not in page.text
    assert name_of(customer.partner(1)) not in page.text


def test_a_statement_that_is_refused_is_shown_again_with_its_words(service, customer):
    party = sign_in(service, customer.partner(1), "incentives_admin")
    open_case(party, "portal")

    party.submit(
        "Send the statement",
        text="Kept words.",
        evidence__0__id="evd_unknown",
        evidence__0__kind="signed_sow",
        expect=422,
    )

    assert "Kept words." in party.page.text
    assert party.page.title.startswith("Error:")


def test_the_parties_stand_side_by_side_by_what_the_decision_rests_on(service, customer):
    senior = sign_in(service, None, "senior_reviewer")

    page = open_case(senior, "desk")

    for row in ("What the proof covers", "How recent it is", "The customer's word", "Continuity"):
        assert row in page.text
    assert page.text.count("covers this item") == 2
    assert page.text.count("Acknowledged on") == 2
    assert page.text.count("Holds the item") == page.text.count("No association so far") == 1
    frames = [attributes["src"] for tag, attributes in page.elements if tag == "iframe"]
    assert len(set(frames)) == 2
    origin = "/".join(frames[0].split("/", 3)[:3])
    assert f"frame-src {origin};" in senior.reply.headers["Content-Security-Policy"]
    assert "A winner can be proposed once every party has made its statement" in page.text


def test_a_file_of_one_party_is_chosen_and_the_other_ones_stays(service, customer):
    party = sign_in(service, customer.partner(1), "incentives_admin")
    open_case(party, "portal")
    file = customer.evidence(1, MAIL, "message/rfc822")
    files = {"evidence__0__id": file, "evidence__0__kind": "supporting"}
    party.submit("Send the statement", text="See the mail.", **files)
    senior = sign_in(service, None, "senior_reviewer")
    page = open_case(senior, "desk")

    senior.open(next(href for href, _ in page.links if file in href))

    assert "Subject: ok" in senior.page.text
    assert len([tag for tag, _ in senior.page.elements if tag == "iframe"]) == 1


def test_a_party_is_asked_and_its_question_stands_on_the_page(service, customer):
    senior = sign_in(service, None, "senior_reviewer")
    page = open_case(senior, "desk")
    asked = next(form for form in page.forms if "party" in form.choices).choices["party"][1]

    senior.submit("Ask", party=asked, message="Is there a contract?")

    assert "Is there a contract?" in senior.page.text
    assert (
        "Is there a contract?"
        in open_case(sign_in(service, customer.partner(2), "incentives_admin"), "portal").text
    )
