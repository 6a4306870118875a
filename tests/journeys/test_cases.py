"""An arbitration case: who joins, what was proposed by then, and how long it may take."""

from datetime import datetime, timedelta

from tests.journeys.arbitrations import REASONS, case_of
from tests.support import feed
from tests.support.arbitrations import hear_everyone

IN_PROCESS_ONLY = True  # its clock moves by days, which is slow on the emulator


def act(service, case, what, who, **body):
    """Make one act of a senior on a case."""
    senior = service.token(None, "senior_reviewer", name=who)
    tag = service.call("GET", f"/v1/arbitrations/{case['id']}", by=senior).etag
    return service.call("POST", f"/v1/arbitrations/{case['id']}/{what}", body, by=senior, match=tag)


def open_case(service, customer):
    """Open a case between the first two partners, and return it with their claims."""
    claims = [customer.file(1), customer.file(2)]
    for number, claim in enumerate(claims):
        customer.approve(claim, who=f"Reviewer {number}")
    service.settle()
    return case_of(service, customer, 1), claims


def test_a_proposal_falls_when_another_party_joins(service):
    customer = service.customer()
    case, (first, _) = open_case(service, customer)
    third = customer.file(3)
    hear_everyone(service, case["id"])
    act(service, case, "propose", "Sena", winner=first["id"], reasons=REASONS)

    customer.approve(third, who="Ruth")
    service.settle()
    refused = act(service, case, "confirm", "Sven", winner=first["id"])

    assert (refused.status, refused.json["code"]) == (409, "nothing_proposed")
    assert customer.claim(third, 3)["status"] == "in_arbitration"


def test_a_proposal_stands_when_another_party_leaves(service):
    customer = service.customer()
    case, (first, second) = open_case(service, customer)
    third = customer.file(3)
    customer.approve(third, who="Ruth")
    service.settle()
    hear_everyone(service, case["id"])
    act(service, case, "propose", "Sena", winner=first["id"], reasons=REASONS)

    customer.act(second, "withdraw", {"reason": "x"}, 2)
    service.settle()

    assert act(service, case, "confirm", "Sven", winner=first["id"]).status == 200


def test_a_waiting_claim_hears_that_it_is_contested_when_it_is_submitted(service):
    customer = service.customer()
    customer.file(2)
    customer.subscription(provisioning={"DYN365_ENTERPRISE_SALES": "PendingProvisioning"})

    held = customer.file(1)
    customer.subscription()
    service.advance("PT2H")
    submitted = customer.claim(held)

    assert (held["status"], held["contested"]) == ("awaiting_provisioning", False)
    assert (submitted["status"], submitted["contested"]) == ("submitted", True)


def test_a_claim_in_a_case_shows_until_when_its_partner_may_speak_and_when_it_is_decided(service):
    customer = service.customer()
    case, (first, second) = open_case(service, customer)
    third = customer.file(3)

    speak, decide = (
        customer.clock(first, "arbitration_statement"),
        customer.clock(first, "arbitration_decision"),
    )
    act(service, case, "request-info", "Sena", party=first["id"], message="Since when?")
    service.advance("P4D")
    act(service, case, "request-info", "Sena", party=first["id"], message="And since when exactly?")
    longer = customer.clock(first, "arbitration_statement")
    seen = service.get(
        f"/v1/arbitrations/{case['id']}", by=service.token(None, "senior_reviewer", name="Sena")
    )

    assert (speak, decide) == (case["parties"][0]["statement_due_at"], case["decision_due_at"])
    assert longer == max(q["due_at"] for q in seen["parties"][0]["questions"]) > speak
    assert customer.clock(second, "arbitration_statement", 2) == speak
    assert customer.clock(second, "arbitration_decision", 2) == seen["decision_due_at"]
    assert customer.clock(third, "arbitration_decision", 3) is None


def test_the_clocks_of_a_case_end_with_it(service):
    customer = service.customer()
    case, (first, second) = open_case(service, customer)

    customer.act(second, "withdraw", {"reason": "x"}, 2)
    service.settle()

    kinds = {
        c["kind"]
        for n, claim in ((1, first), (2, second))
        for c in customer.claim(claim, n)["clocks"]
    }
    assert case["state"] == "open"
    assert not kinds & {"arbitration_statement", "arbitration_decision"}


def test_a_proposal_without_reasons_says_which_are_missing(service):
    customer = service.customer()
    for number, reviewer in ((1, "Ruth"), (2, "Rolf")):
        customer.approve(customer.file(number), who=reviewer)
    service.mails()
    senior = service.token(None, "senior_reviewer", name="Sena")
    path = f"/v1/arbitrations/{service.get('/v1/arbitrations', by=senior)['data'][0]['id']}"
    etag = service.call("GET", path, by=senior).etag

    refused = service.call("POST", f"{path}/propose", {"winner": None}, by=senior, match=etag)

    assert refused.status == 422
    assert [(e["code"], e["pointer"]) for e in refused.json["errors"]] == [
        ("missing", f"/reasons/{name}")
        for name in ("coverage", "recency", "customer", "continuity")
    ]


def see(service, customer, case, number):
    """Return what a partner reads about a case, with its version."""
    reply = service.call("GET", f"/v1/arbitrations/{case['id']}", by=customer.by(number))
    listed = service.get("/v1/arbitrations", by=customer.by(number))["data"]
    return reply.json, reply.etag, listed


def test_a_party_that_has_left_sees_that_and_nothing_of_what_follows(service):
    customer = service.customer()
    case, (first, second) = open_case(service, customer)
    third = customer.file(3)
    customer.approve(third, who="Ruth")
    service.settle()
    customer.act(second, "withdraw", {"reason": "not ours"}, 2)
    service.settle()
    left = see(service, customer, case, 2)

    service.advance("P15D")
    reasons = {**REASONS, "coverage": "the whole item, the other's only twenty seats"}
    act(service, case, "propose", "Sena", winner=first["id"], reasons=reasons)
    proposed = see(service, customer, case, 2)
    assert act(service, case, "confirm", "Sven", winner=first["id"]).status == 200
    service.settle()

    assert left[0]["parties"][0]["left_because"] == "claim_ended"
    assert (left[0]["state"], left[0]["decision"], left[0]["decision_due_at"]) == (
        "closed",
        None,
        None,
    )
    assert proposed == left
    assert see(service, customer, case, 2) == left
    assert "twenty seats" in str(see(service, customer, case, 3))
    assert not service.mails(second["id"], "arbitration_decided")


def test_a_claim_out_of_its_slot_tells_nothing_of_later_filings(service):
    customer = service.customer()
    claim = customer.file(1)
    customer.answer(claim, "opt_out")

    seen = [customer.claim(claim)]
    rival = customer.file(2)
    seen.append(customer.claim(claim))
    customer.act(rival, "withdraw", {"reason": "x"}, 2)
    seen.append(customer.claim(claim))

    assert [one["contested"] for one in seen] == [False, False, False]
    assert seen[0] == seen[1] == seen[2]


def test_a_holder_learns_of_a_later_filing_when_the_case_opens_and_not_before(service):
    customer = service.customer()
    held = customer.active(1)

    rival = customer.file(2)
    filed = customer.claim(held, 1)["contested"]
    desk = service.get(f"/v1/review/claims/{held['id']}", by=service.token(name="Rita"))
    customer.approve(rival, who="Ruth")
    service.settle()
    opened_now = customer.claim(held, 1)["contested"]
    customer.act(rival, "withdraw", {"reason": "x"}, 2)
    service.settle()

    assert (filed, opened_now) == (False, True)
    assert desk["claim"]["contested"] is True
    assert customer.claim(rival, 2)["contested"] is False


def windows(service, case):
    """Return until when each party may make its statement, by organisation."""
    senior = service.token(None, "senior_reviewer", name="Sena")
    parties = service.get(f"/v1/arbitrations/{case['id']}", by=senior)["parties"]
    return {party["organisation_id"]: party["statement_due_at"] for party in parties}


def test_whoever_joins_has_a_full_window_and_every_open_one_ends_with_it(service):
    customer = service.customer()
    case, _ = open_case(service, customer)
    before = set(windows(service, case).values())
    third = customer.file(3)
    service.advance("P5D")  # at New Year there is no business day in three

    customer.approve(third, who="Ruth")
    service.settle()
    now, after = service.now(), windows(service, case)

    assert len(before) == 1
    assert len(set(after.values())) == 1
    # Five business days are a week at least, in any calendar.
    late = datetime.fromisoformat(after[customer.partner(3)])
    assert late - datetime.fromisoformat(now) >= timedelta(days=5)
    assert late > datetime.fromisoformat(max(before))


def test_a_window_that_joins_is_never_shorter_than_the_others(service):
    """The longest calendar of the first two counts for the third as well."""
    customer = service.customer()
    first = feed.a_partner(customer.partner(1), "4500001")
    far_west = first.evolve(country="AS", time_zone="Pacific/Pago_Pago")
    feed.write(service.rows, partners=[far_west])
    case, _ = open_case(service, customer)
    before = max(windows(service, case).values())
    third = customer.file(3)

    customer.approve(third, who="Ruth")
    service.settle()

    assert min(windows(service, case).values()) >= before


def test_a_window_that_has_ended_stays_so_when_another_party_joins(service):
    customer = service.customer()
    case, _ = open_case(service, customer)
    before = windows(service, case)
    third = customer.file(3)
    service.to(max(before.values()))

    customer.approve(third, who="Ruth")
    service.settle()
    after = windows(service, case)

    assert {one: after[one] for one in before} == before
    assert after[customer.partner(3)] > max(before.values())


def test_a_winner_is_proposed_when_every_party_was_heard_and_not_before(service):
    customer = service.customer()
    case, (first, _) = open_case(service, customer)
    proposal = {"winner": first["id"], "reasons": REASONS}
    statement = f"/v1/arbitrations/{case['id']}/statement"

    nobody = act(service, case, "propose", "Sena", **proposal)
    service.post(statement, {"text": "Ours."}, by=customer.by(1))
    one = act(service, case, "propose", "Sena", **proposal)
    service.post(statement, {"text": "No, ours."}, by=customer.by(2))
    act(service, case, "request-info", "Sena", party=first["id"], message="Since when?")
    asked = act(service, case, "propose", "Sena", **proposal)
    service.post(statement, {"text": "For a year."}, by=customer.by(1))
    heard = act(service, case, "propose", "Sena", **proposal)

    refused = [(reply.status, reply.json["code"]) for reply in (nobody, one, asked)]
    assert refused == [(409, "statements_open")] * 3
    assert heard.status == 200


def test_a_winner_is_proposed_without_statements_once_the_windows_have_ended(service):
    customer = service.customer()
    case, (first, _) = open_case(service, customer)

    service.to(max(windows(service, case).values()))
    reply = act(service, case, "propose", "Sena", winner=first["id"], reasons=REASONS)

    assert reply.status == 200


def test_the_party_that_is_left_learns_that_the_case_was_closed(service):
    customer = service.customer()
    case, (first, second) = open_case(service, customer)

    customer.act(second, "withdraw", {"reason": "x"}, 2)
    service.settle()

    events = service.get("/v1/events?type=arbitration.closed", by=customer.by())["data"]
    [closed] = [event["data"] for event in events]
    assert (closed["claim_id"], closed["arbitration_id"]) == (first["id"], case["id"])
    assert (closed["from"], closed["to"]) == ("open", "closed")
    acts = customer.acts(first)
    assert acts.index("arbitration.closed") < acts.index("claim.approved")
