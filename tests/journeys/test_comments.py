"""Comments of partner and reviewers are acts: an event, and a mail to the other side."""

from urllib.parse import urlencode


def events(service, customer):
    query = urlencode({"type": "comment.added"})
    return service.get(f"/v1/events?{query}", by=customer.by())["data"]


def comment(service, claim, text, visibility="partner"):
    return service.post(
        f"/v1/review/claims/{claim['id']}/comments",
        {"text": text, "visibility": visibility},
        by=service.token(None, name="Rita"),
    )


def test_a_reviewers_comment_reaches_the_partner(service):
    customer = service.customer()
    claim = customer.file()
    before = customer.claim(claim)

    made = comment(service, claim, "Which seats does it cover?")

    after = customer.claim(claim)
    mails = service.mails(claim["id"], "comment_added")
    [event] = events(service, customer)
    assert event["data"]["details"] == {"comment_id": made["id"]}
    assert event["data"]["actor"] == {"kind": "reviewer"}
    assert after["updated_at"] > before["updated_at"]
    assert after["version"] == before["version"] + 1
    assert [mail["to"] for mail in mails] == [[f"pia1@partner-{customer.fresh}.example"]]
    assert "Which seats does it cover?" in mails[0]["text"]


def test_a_partners_comment_reaches_the_programme(service):
    customer = service.customer()
    claim = customer.file()

    made = customer.act(claim, "comments", {"text": "A file follows."}).json

    mails = service.mails(claim["id"], "comment_added")
    assert events(service, customer)[0]["data"]["details"] == {"comment_id": made["id"]}
    [[to]] = [mail["to"] for mail in mails]
    assert customer.fresh not in to
    assert "A file follows." not in mails[0]["text"]


def test_an_internal_comment_leaves_no_trace_for_the_partner(service):
    customer = service.customer()
    claim = customer.file()
    before = (customer.history(claim), customer.claim(claim))

    comment(service, claim, "weak", "internal")

    assert (customer.history(claim), customer.claim(claim)) == before
    assert service.mails(claim["id"], "comment_added") == []


def test_nobody_is_told_of_a_comment_on_a_draft(service):
    customer = service.customer()
    draft = customer.file(submit=False)

    customer.act(draft, "comments", {"text": "To be completed."})

    assert len(events(service, customer)) == 1
    assert service.mails(draft["id"], "comment_added") == []


def test_the_programme_gets_one_mail_a_day_however_many_comments_a_partner_writes(service):
    customer = service.customer()
    claim = customer.file()

    replies = [customer.act(claim, "comments", {"text": f"and {n}"}).status for n in range(5)]
    first_day = len(service.mails(claim["id"], "comment_added"))
    service.advance("P1D")
    customer.act(claim, "comments", {"text": "the next day"})

    assert replies == [201] * 5
    assert (first_day, len(service.mails(claim["id"], "comment_added"))) == (1, 2)
    assert customer.acts(claim).count("comment.added") == 6
