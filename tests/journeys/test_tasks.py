"""What waits for a person, besides reviews and cases, is in the queue until it is done."""

IN_PROCESS_ONLY = True  # the queue of reviews is shared on the emulator


def queue(service, kind="", query=""):
    """Return the rows of the queue of a kind."""
    rows = service.get(f"/v1/review/queue?limit=100{query}", by=service.token(name="Rita"))["data"]
    return [row for row in rows if kind in ("", row["kind"])]


def revoke(service, claim, act, who):
    senior = service.token(None, "senior_reviewer", name=who)
    tag = service.call("GET", f"/v1/review/claims/{claim['id']}", by=senior).etag
    body = {"codes": ["fraud"], "message": "forged"}
    return service.call(
        "POST",
        f"/v1/review/associations/{claim['association']['id']}/{act}",
        body,
        by=senior,
        match=tag,
    )


def test_an_association_that_a_late_bounce_paused_waits_for_a_reviewer(service):
    customer = service.customer()
    claim = customer.active()
    service.became(service.mails(claim["id"], "notice", customer.admin)[0], "bounce")
    service.settle()

    waiting = queue(service)
    for who in ("Rita", "Rolf"):
        by = service.token(name=who)
        tag = service.call("GET", f"/v1/review/claims/{claim['id']}", by=by).etag
        service.call(
            "POST",
            f"/v1/review/associations/{claim['association']['id']}/resume",
            {"codes": [], "message": "We called."},
            by=by,
            match=tag,
        )

    assert [(row["kind"], row["id"], row["claim_id"], row["status"]) for row in waiting] == [
        ("association", claim["association"]["id"], claim["id"], "paused")
    ]
    assert waiting[0]["seconds_left"] > 0
    assert queue(service) == []
    assert [one["id"] for one in service.get("/v1/associations", by=customer.by())["data"]] == [
        claim["association"]["id"]
    ]


def test_a_revocation_waits_for_the_second_senior(service):
    customer = service.customer()
    claim = customer.active()

    revoke(service, claim, "revoke", "Sena")
    waiting = queue(service)
    confirmed = revoke(service, claim, "confirm-revocation", "Sven")

    assert [(row["kind"], row["id"], row["status"]) for row in waiting] == [
        ("association", claim["association"]["id"], "active")
    ]
    assert confirmed.status == 200
    assert queue(service) == []


def test_a_notice_without_recipient_waits_for_an_address(service):
    customer = service.customer()
    customer.tenant(contacts=(f"bounce@{customer.domain}",))
    claim = customer.file()
    customer.approve(claim)
    service.to(customer.clock(claim, "notice_delivery"))

    waiting = queue(service, query="&state=undeliverable&solution_area=business_applications")
    until = customer.clock(claim, "undeliverable")
    customer.review(
        claim, "customer-address", {"email": f"ceo@{customer.domain}", "source": "imprint"}, "Finn"
    )
    service.settle()

    assert [(row["kind"], row["id"], row["due_at"]) for row in waiting] == [
        ("task", claim["id"], until)
    ]
    assert customer.claim(claim)["customer_answer"] == "open"
    assert queue(service) == []


def test_the_partner_reads_until_when_the_notice_must_have_arrived(service):
    customer = service.customer()
    customer.tenant(contacts=(f"bounce@{customer.domain}",))
    claim = customer.file()
    service.to(customer.clock(claim, "notice_delivery"))

    text = service.mails(claim["id"], "mail_undeliverable")[0]["text"]

    assert "the claim is rejected" in text


def test_a_task_is_nothing_that_a_reviewer_takes_up_next(service):
    customer = service.customer()
    revoke(service, customer.active(), "revoke", "Sena")

    nothing = service.call("POST", "/v1/review/next", {}, by=service.token(name="Rita"))

    assert (nothing.status, nothing.json["code"]) == (404, "queue_empty")
