"""Retention keeps what an unfinished claim still needs, and deletes all the rest."""

from datetime import timedelta

from chalicelib.domain.ids import tenant_key
from chalicelib.usecases.deadlines import tick
from tests.journeys.arbitrations import REASONS, case_of, decide
from tests.support import feed
from tests.support.customer import SALES, Customer
from tests.support.service import Service

IN_PROCESS_ONLY = True  # the tests read the store


def pass_by(service: Service, duration: str) -> None:
    """Let time pass, and make new tokens: they are valid for a year of the clock."""
    service.advance(duration)
    service.tokens.clear()


def there(service: Service, file: str) -> bool:
    """Return whether a file is still in the object store."""
    announced = service.services.store.evidence.get(file)
    return service.services.files.inspect(announced) is not None


def recipients(service: Service, claim: dict) -> set[str]:
    """Return the recipients of the mails about a claim that are still on record."""
    case = service.get(f"/v1/review/claims/{claim['id']}", by=service.token(name="Rita"))
    return {mail["recipient"] for mail in case["mails"] if mail["kind"] == "notice"}


def two_items(customer: Customer) -> list[dict]:
    """File two items in one filing, with one file and one notice."""
    other = f"{customer.tenant_id[:-4]}beef"
    feed.write(
        customer.service.rows,
        subscriptions=[feed.a_subscription(tenant_id=customer.tenant_id, subscription_id=other)],
    )
    return customer.files(
        items=[
            {"product": SALES, "subscription_id": one} for one in (customer.subscription_id, other)
        ]
    )


def test_what_a_living_claim_of_the_same_filing_rests_on_stays(service):
    customer = service.customer()
    over, living = two_items(customer)
    customer.act(over, "withdraw", {"reason": "x"})
    customer.approve(living)

    pass_by(service, "P25M")

    assert service.services.store.claims.get_many([over["id"]])[0].redacted == (
        "notices_and_history",
        "evidence",
    )
    assert there(service, living["evidence"][0]["id"])
    assert recipients(service, living) == {customer.admin, f"anna@{customer.domain}"}


def test_a_file_that_an_amendment_replaced_is_deleted_with_the_others(service):
    customer = service.customer()
    claim = customer.file()
    first, second = claim["evidence"][0]["id"], customer.evidence()
    evidence = customer.filing()["evidence"][:1]
    customer.amend(claim, evidence=[{**evidence[0], "id": second}])
    before = [there(service, file) for file in (first, second)]
    customer.act(claim, "withdraw", {"reason": "x"})

    pass_by(service, "P25M")

    assert before == [True, True]
    assert [there(service, file) for file in (first, second)] == [False, False]


def test_what_two_claims_share_goes_with_the_second(service):
    customer = service.customer()
    first, second = two_items(customer)
    customer.act(first, "withdraw", {"reason": "x"})
    pass_by(service, "P2M")
    customer.act(second, "withdraw", {"reason": "x"})

    pass_by(service, "P22M")
    kept = there(service, second["evidence"][0]["id"])
    pass_by(service, "P3M")  # from the end of a month, two could be a day less than the two before

    assert (kept, there(service, second["evidence"][0]["id"])) == (True, False)
    assert recipients(service, second) == {""}


def test_what_two_claims_share_that_end_at_once_goes(service):
    customer = service.customer()
    claims = two_items(customer)
    for claim in claims:
        customer.answer(claim, "opt_out")

    pass_by(service, "P25M")

    assert not there(service, claims[0]["evidence"][0]["id"])
    assert recipients(service, claims[1]) == {""}


def test_a_file_stays_that_a_claim_at_another_tenant_rests_on(service):
    one, other = service.customer(), service.customer()
    over = one.file()
    proof = {**one.filing()["evidence"][0], "id": over["evidence"][0]["id"]}
    feed.write(service.rows, [feed.a_partner(one.partner(), "4500001")])
    living = service.post("/v1/claims", other.filing(evidence=[proof]), by=one.by(), expect=(201,))[
        "claims"
    ][0]
    service.settle()
    other.approve(living)
    one.act(over, "withdraw", {"reason": "x"})

    pass_by(service, "P25M")

    assert there(service, over["evidence"][0]["id"])


def test_a_link_ends_fifteen_months_after_the_last_that_it_shows(service):
    customer = service.customer()
    claim = customer.file()
    paths = [service.link(claim["id"], to) for to in (customer.admin, f"anna@{customer.domain}")]
    form = customer.form(paths[0])
    customer.act(claim, "withdraw", {"reason": "x"})

    pass_by(service, "P14M")
    before = [service.call("GET", path).status for path in paths]
    pass_by(service, "P2M")

    assert before == [200, 200]
    assert [service.call("GET", path).status for path in (*paths, f"{paths[0]}/journal")] == [
        404,
        404,
        404,
    ]
    assert (
        service.call("POST", f"{paths[0]}/lock", form={"form": form, "confirm": "yes"}).status
        == 404
    )


def test_a_link_lives_with_the_last_claim_that_it_shows(service):
    customer = service.customer()
    claim = customer.file(1)
    of_tenant, of_claim = (
        service.link(claim["id"], to) for to in (customer.admin, f"anna@{customer.domain}")
    )
    customer.act(claim, "withdraw", {"reason": "x"})
    customer.active(2)

    pass_by(service, "P16M")

    assert [service.call("GET", path).status for path in (of_tenant, of_claim)] == [200, 404]


def test_a_lock_can_be_lifted_however_long_ago_it_was_set(service):
    customer = service.customer()
    claim = customer.file()
    path = service.link(claim["id"], customer.admin)
    customer.answer(claim, "opt_out")
    customer.switch(path, "lock")

    pass_by(service, "P20M")

    assert customer.switch(path, "unlock").status == 303
    assert service.call("GET", path).status == 404


def test_a_draft_that_is_over_loses_its_private_parts_too(service):
    customer = service.customer()
    drafts = [customer.file(submit=False, comment="between us") for _ in range(2)]
    customer.act(drafts[0], "withdraw", {"reason": "x"})

    pass_by(service, "P28M")

    for draft in drafts:
        assert customer.claim(draft)["customer_contact"] is None
        assert service.get(f"/v1/claims/{draft['id']}/comments", by=customer.by())["data"] == []
        assert not there(service, draft["evidence"][0]["id"])


def test_what_is_left_of_a_claim_names_no_person(service):
    customer = service.customer()
    claim = customer.file(external_reference="Adler's own number")
    customer.review(claim, "start")
    customer.review(claim, "reject", {"codes": ["insufficient_poe"]})

    pass_by(service, "P16M")

    left = service.services.store.claims.get_many([claim["id"]])[0].model_dump_json()
    assert not [name for name in ("Rita", "Adler", "tester", "pia1@") if name in left]


def decide_case(service: Service, customer: Customer) -> tuple[dict, dict, dict, str]:
    """Decide a case of two rivals, with a statement and a file by the second, for the first."""
    first, second = customer.file(1), customer.file(2)
    customer.approve(first, "Ruth")
    customer.approve(second, "Rolf")
    service.settle()
    case, file = (
        case_of(service, customer, 1),
        customer.evidence(2, b"%PDF-1.7 what Mrs Adler wrote\n%%EOF\n"),
    )
    proof = {
        "id": file,
        "kind": "signed_sow",
        "acknowledged_on": service.now()[:10],
        "covers": [SALES],
    }
    service.post(
        f"/v1/arbitrations/{case['id']}/statement",
        {"text": "Mrs Adler told us", "evidence": [proof]},
        by=customer.by(2),
    )
    decide(service, case, first["id"])
    return first, second, case, file


def test_the_statement_of_a_party_is_deleted_with_its_claims_and_the_reasons_with_the_last(service):
    customer = service.customer()
    first, _, case, file = decide_case(service, customer)

    pass_by(service, "P25M")
    senior = service.token(None, "senior_reviewer", name="Sena")
    between = service.get(f"/v1/arbitrations/{case['id']}", by=senior)
    service.post(
        f"/v1/associations/{customer.claim(first)['association']['id']}/end",
        {"reason": "x"},
        by=customer.by(),
    )
    pass_by(service, "P16M")
    left = service.services.store.arbitrations.get(case["id"])

    assert [
        p["statement"] and (p["statement"]["text"], p["statement"]["evidence"])
        for p in between["parties"]
    ] == [("We do the work.", []), ("", [])]
    assert between["decision"]["reasons"] == REASONS
    assert not there(service, file)
    assert set(left.decision.reasons.values()) == {""}
    assert "Sena" not in left.model_dump_json()


def test_evidence_is_kept_from_the_end_of_a_dispute_that_came_after_the_end(service):
    customer = service.customer()
    claim = customer.active()
    for act, who in (("revoke", "Sena"), ("confirm-revocation", "Sven")):
        senior = service.token(None, "senior_reviewer", name=who)
        tag = service.call("GET", f"/v1/review/claims/{claim['id']}", by=senior).etag
        path = f"/v1/review/associations/{claim['association']['id']}/{act}"
        service.post(path, {"codes": ["fraud"], "message": "forged"}, by=senior, match=tag)
    pass_by(service, "P29D")
    customer.act(claim, "dispute", {"reason": "it is genuine"})
    pass_by(service, "P60D")
    customer.review(
        claim,
        "decide-dispute",
        {"outcome": "reject", "codes": ["insufficient_poe"]},
        "Tess",
        "senior_reviewer",
    )

    pass_by(service, "P23M")
    kept = there(service, claim["evidence"][0]["id"])
    pass_by(service, "P2M")

    assert (kept, there(service, claim["evidence"][0]["id"])) == (True, False)


def test_nothing_is_deleted_that_is_still_to_be_sent(service):
    customer = service.customer()
    filing, by = customer.filing(), customer.by()
    service.kick = lambda: None  # no worker runs, for years
    claim = service.post("/v1/claims", filing, by=by)["claims"][0]
    tag = service.call("GET", f"/v1/claims/{claim['id']}", by=by).etag
    service.call(
        "POST", f"/v1/claims/{claim['id']}/withdraw", {"reason": "not ours"}, by=by, match=tag
    )

    tick(service.services, claim["id"], service.services.clock.now() + timedelta(days=1000))

    mails = service.services.store.mails.list_of_claim(tenant_key(customer.tenant_id), claim["id"])
    assert {mail.kind for mail in mails} >= {"submitted", "withdrawn"}
    assert service.services.store.claims.get(claim["id"]).claim.partner_contact is None
