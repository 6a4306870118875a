"""What reviewers do on the pages: take a case up, ask, approve, reject, comment."""

import json

import pytest

from chalicelib.aws import keys
from chalicelib.aws.rows import make_row, read_text
from tests.support.files import MAIL
from tests.support.pages import Browser, find_form, sign_in


@pytest.fixture
def customer(service):
    return service.customer(name="Fabrikam Werke")


@pytest.fixture
def claim(customer):
    return customer.file(1)


@pytest.fixture
def browser(service):
    return sign_in(service, None, "reviewer")


def open_started(browser: Browser, claim: dict[str, str]) -> None:
    browser.open(f"/desk/claims/{claim['id']}")
    browser.submit("Start the review")


def test_a_straightforward_case_is_approved(customer, claim, browser):
    open_started(browser, claim)

    browser.submit("Approve")

    assert "Approved." in browser.page.text
    assert customer.claim(claim)["status"] == "approved"


def test_a_question_names_what_is_missing(service, customer, claim, browser):
    open_started(browser, claim)

    browser.submit("Ask", codes=["poe_item_missing", "poe_date_missing"], message="Page 4, please.")

    assert "The partner has been asked." in browser.page.text
    assert customer.claim(claim)["status"] == "action_required"


def test_the_letter_is_written_before_it_is_sent(service, claim, browser):
    open_started(browser, claim)
    form = next(f for f in browser.page.forms if f.action.endswith("/request-info"))
    fields = dict(form.fields) | {"codes": ["poe_item_missing"], "message": ["Page 4."]}
    form.action = form.action.replace("request-info", "letter")
    mails = len(service.mails())

    browser.submit_fields(form, fields)

    assert "Page 4." in browser.page.text
    assert len(service.mails()) == mails


def test_a_rejection_without_a_reason_is_refused_and_keeps_what_was_typed(customer, claim, browser):
    open_started(browser, claim)

    browser.submit("Reject", message="no", expect=422)

    assert customer.claim(claim)["status"] == "under_review"
    typed = [f.fields.get("message") for f in browser.page.forms if "message" in f.fields]
    assert typed == [["no"]]


def test_a_decision_on_an_older_version_shows_what_changed(service, customer, claim, browser):
    open_started(browser, claim)
    page = browser.page
    service.advance("PT1H")
    customer.act(claim, "comments", {"text": "news"})
    customer.amend(claim, name="Alpha")
    browser.page = page

    browser.submit("Approve", message="fine", expect=412)

    assert "has changed since you opened it" in browser.page.text
    assert customer.claim(claim)["status"] == "under_review"


def test_an_internal_comment_stays_inside(service, customer, claim, browser):
    browser.open(f"/desk/claims/{claim['id']}")

    browser.submit("Internal comment", text="Same file as Tailspin?")

    assert "Internal, the partner never sees this" in browser.page.text
    partner = sign_in(service, customer.partner(1), "incentives_admin")
    partner.open(f"/portal/claims/{claim['id']}")
    assert "Tailspin" not in partner.page.text


def test_evidence_is_downloaded_by_who_may_read_the_case(service, claim, browser):
    file = claim["evidence"][0]["id"]

    reply = browser.send("GET", f"/desk/claims/{claim['id']}/evidence/{file}")

    assert reply.status == 303
    assert file in reply.headers["Location"]
    operator = sign_in(service, None, "operator")
    assert operator.send("GET", f"/desk/claims/{claim['id']}/evidence/{file}").status == 403


def test_an_auditor_reads_and_has_no_forms(service, claim):
    auditor = sign_in(service, None, "auditor")

    auditor.open(f"/desk/claims/{claim['id']}")

    forms = {form.action for form in auditor.page.forms if form.method == "post"}
    own = {one.removeprefix("http://127.0.0.1:8000") for one in forms}
    assert own == {"/sandbox/bar", "/sign-out"}


def test_two_seniors_revoke_an_association_on_the_case(service, customer):
    claim = customer.active()
    first = sign_in(service, None, "senior_reviewer", name="Sena Senior")
    second = sign_in(service, None, "senior_reviewer", name="Sven Senior")
    first.open(f"/desk/claims/{claim['id']}")
    first.submit("Propose to revoke", codes=["fraud"], message="The signature is forged.")
    assert "Another senior confirms or declines it." in first.page.text
    second.open("/desk/tasks")
    assert "Fabrikam Werke" in second.page.text

    second.open(f"/desk/claims/{claim['id']}")
    assert "Statements in the claim or in its proof are not true." in second.page.text
    second.submit("Revoke", codes=["fraud"], message="It is forged.")

    assert "Revoked." in second.page.text
    assert customer.claim(claim)["status"] == "ended"


def test_an_address_is_found_where_no_notice_arrives(service):
    customer = service.customer()
    claim = customer.active()
    notice = service.mails(claim["id"], "notice", customer.admin)[0]
    service.became(notice, "bounce")
    browser = sign_in(service, None, "reviewer")
    browser.open(f"/desk/claims/{claim['id']}")

    browser.submit("Record the address", email=f"office@{customer.domain}", source="imprint")

    assert "Address recorded." in browser.page.text
    assert f"office@{customer.domain}" in browser.page.text


def test_a_pdf_is_framed_from_the_bucket_and_nothing_else(claim, browser):
    browser.open(f"/desk/claims/{claim['id']}")

    frames = [attributes for tag, attributes in browser.page.elements if tag == "iframe"]
    policy = browser.reply.headers["Content-Security-Policy"]
    assert len(frames) == 1
    origin = frames[0]["src"].split("/", 3)[:3]
    assert f"frame-src {'/'.join(origin)};" in policy
    assert "inline" in frames[0]["src"]
    assert frames[0]["title"] == "sow.pdf"


def test_a_mail_is_read_on_the_page(customer, browser):
    file = customer.evidence(1, MAIL, "message/rfc822")
    proof = customer.filing(1)["evidence"][0] | {"id": file}
    claim = customer.file(1, evidence=[proof])

    browser.open(f"/desk/claims/{claim['id']}")

    assert "Subject: ok" in browser.page.text
    assert not [tag for tag, _ in browser.page.elements if tag == "iframe"]


def test_the_history_is_verified_entry_by_entry_for_an_auditor(service, claim):
    auditor = sign_in(service, None, "auditor")

    auditor.open(f"/desk/claims/{claim['id']}")

    rows = service.get(f"/v1/review/claims/{claim['id']}", by=service.token(name="Rita"))["history"]
    assert f"Hash chain verified, entries: {len(rows)}" in auditor.page.text
    assert auditor.page.text.count("Verified ") >= len(rows)
    reply = auditor.send("GET", f"/desk/claims/{claim['id']}/bundle")
    assert reply.json["claim"]["id"] == claim["id"]
    assert reply.headers["Content-Disposition"].startswith("attachment")


def test_a_changed_entry_of_the_history_is_marked(service, claim, browser):
    partition = keys.history_of(claim["id"]).pk
    prefix = keys.history_of(claim["id"]).sk
    row = service.rows.query(partition, prefix)[0]
    text = read_text(row).replace("claim.submitted", "claim.withdrawn")
    service.rows.write([row | {"v": {"S": text}}])

    browser.open(f"/desk/claims/{claim['id']}")

    assert "Does not match" in browser.page.text
    assert "The hash chain does not match, entries: 1" in browser.page.text


def test_a_senior_gives_a_case_to_another_reviewer(service, customer, claim):
    feed = json.dumps({"sub": "ruth", "related_partners": []})
    row = make_row(keys.reviewer("ruth"), feed, f_pk=keys.REVIEWERS, f_sk="ruth")
    service.rows.write([row])
    browser = sign_in(service, None, "senior_reviewer")
    open_started(browser, claim)

    browser.submit("Assign", reviewer="ruth", at=find_form(browser, "/assign"))

    assert "assigned to ruth" in browser.page.text


def test_mails_say_whose_address_it_is_the_newest_first(claim, customer, browser):
    browser.open(f"/desk/claims/{claim['id']}")

    text = browser.page.text
    assert f"{customer.admin} customer’s own contact" in text
    assert f"anna@{customer.domain} named by the partner" in text


def test_the_case_leads_to_its_arbitration(customer, browser):
    claims = [customer.file(number) for number in (1, 2)]
    for claim in claims:
        customer.approve(claim, who="Somebody Else")

    browser.open(f"/desk/claims/{claims[0]['id']}")

    browser.open(next(href for href, text in browser.page.links if text == "To the arbitration"))
    assert browser.address.startswith("/desk/arbitrations/arb_")


def test_a_senior_reads_the_decision_and_the_dispute_before_answering_it(service, customer, claim):
    customer.review(claim, "start")
    body = {"codes": ["poe_date_missing"], "message": "Page 4 has no date."}
    customer.review(claim, "reject", body)
    customer.act(claim, "dispute", {"reason": "The date is on page 2."})
    senior = sign_in(service, None, "senior_reviewer")

    senior.open(f"/desk/claims/{claim['id']}")

    shown = senior.reply.text.partition('id="decision"')[2].partition('name="outcome"')[0]
    assert "The date is on page 2." in shown
    assert "Page 4 has no date." in shown
    assert "shows no date of the customer&#39;s acknowledgement." in shown


def test_the_history_of_a_case_has_the_reasons_and_words_of_each_act(customer, claim, browser):
    customer.review(claim, "start")
    body = {"codes": ["poe_date_missing"], "message": "Page 4 has no date."}
    customer.review(claim, "reject", body)

    browser.open(f"/desk/claims/{claim['id']}")

    history = browser.reply.text.partition('id="history"')[2].partition('id="mails"')[0]
    assert "Page 4 has no date." in history
    assert "shows no date of the customer&#39;s acknowledgement." in history


def test_the_mails_of_a_case_say_what_they_were_about(claim, browser):
    browser.open(f"/desk/claims/{claim['id']}")

    mails = browser.reply.text.partition('id="mails"')[2]
    assert "asks to be your partner of record" in mails
    assert "Claim submitted: Fabrikam Werke" in mails
