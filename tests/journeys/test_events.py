"""The event feed, followed page by page: every event once and in order, with any writes at the
same moment.
"""

import json
import re
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from jsonschema import Draft202012Validator

from chalicelib.domain.review_codes import REJECTION_CODES
from tests.support.customer import SALES

IN_PROCESS_ONLY = True  # the tests replace its store


def read(service, by, **query):
    """Return one page of the feed."""
    return service.get("/v1/events?" + urlencode({k: v for k, v in query.items() if v}), by=by)


def read_feed(service, by, after="", limit=100, kind="", **query):
    """Return everything from a position on, and the last position."""
    found = []
    while True:
        page = read(service, by, limit=limit, after=after, type=kind, **query)
        found += page["data"]
        after = page["next"]
        if not page["more"]:
            return found, after


def test_an_event_that_is_written_late_reaches_a_reader_who_has_read_on(service):
    customer = service.customer()
    by, slow, fast = customer.by(), customer.filing(submit=False), customer.filing(submit=False)
    seen, commit = [], service.services.store.commit

    def late(change):
        service.services.store.commit = commit
        service.advance("PT1S")
        service.post("/v1/claims", fast, by=by, expect=(201,))
        seen.append(read_feed(service, by))
        return commit(change)

    service.services.store.commit = late
    claim = service.post("/v1/claims", slow, by=by, expect=(201,))["claims"][0]
    rest, _ = read_feed(service, by, seen[0][1])

    assert [event["data"]["claim_id"] for event in rest] == [claim["id"]]
    assert len(seen[0][0]) == 1


@pytest.mark.parametrize("limit", [1, 3, 100])
def test_every_event_is_sent_once_and_in_order(service, limit):
    customer = service.customer()
    customer.active()

    early, after = read_feed(service, customer.by(), limit=limit)
    customer.file(1, submit=False)
    late, after = read_feed(service, customer.by(), after, limit)
    service.advance("PT1H")
    nothing, _ = read_feed(service, customer.by(), after, limit)

    ids = [event["id"] for event in (*early, *late)]
    assert (ids, len(set(ids)), nothing) == (sorted(ids), len(ids), [])
    assert [event["type"] for event in late] == ["claim.created"]
    assert "association.activated" in [event["type"] for event in early]


def test_an_events_own_id_is_a_position(service):
    customer = service.customer()
    customer.file()
    first, *rest = read_feed(service, customer.by())[0]

    assert read_feed(service, customer.by(), first["id"])[0] == rest


def file_amended_drafts(customer, drafts):
    """File so many drafts with twenty-one events each."""
    for number in range(drafts):
        draft = customer.file(submit=False)
        for name in range(20):
            customer.amend(draft, name=f"{number} {name}")


def test_a_type_that_is_rare_is_found_however_small_the_page(service):
    customer = service.customer()
    file_amended_drafts(customer, 6)
    claim = customer.file()

    found, _ = read_feed(service, customer.by(), limit=1, kind="claim.submitted")

    assert [event["data"]["claim_id"] for event in found] == [claim["id"]]


def test_a_position_does_not_grow_without_end(service):
    customer = service.customer()
    file_amended_drafts(customer, 9)

    some, after = read_feed(service, customer.by())
    service.advance("PT5M")
    rest, _ = read_feed(service, customer.by(), after)

    assert len(after) < 200
    assert len({event["id"] for event in (*some, *rest)}) == len(some) + len(rest) == 9 * 21


@pytest.mark.parametrize("after", ["~~", "é", "evt_0.!", "clm_0", "evt_x", f"evt_{'0' * 11}"])
def test_what_is_no_position_is_refused(service, after):
    customer = service.customer()

    refused = service.call("GET", f"/v1/events?after={after}", by=customer.by())

    assert (refused.status, [e["pointer"] for e in refused.json["errors"]]) == (422, ["/after"])


def types(customer, claim, start):
    """Return the types of a claim's events from its row `start` on, in order."""
    return customer.acts(claim)[start:]


def test_an_objection_to_an_active_association_names_all_three_moves(service):
    customer = service.customer()
    claim = customer.active()
    before = len(customer.acts(claim))

    customer.answer(claim, "opt_out")

    moved = ["customer.opted_out", "association.ended", "claim.ended"]
    assert types(customer, claim, before) == moved


def test_an_objection_to_an_open_claim_rejects_it(service):
    customer = service.customer()
    claim = customer.file()
    before = len(customer.acts(claim))

    customer.answer(claim, "opt_out")
    objected = types(customer, claim, before)
    customer.answer(claim, "undo")

    assert objected == ["customer.opted_out", "claim.rejected"]
    assert types(customer, claim, before + 2) == ["customer.undone", "claim.returned"]


def test_an_agreement_that_is_undone_pauses_and_the_partner_is_told_once(service):
    customer = service.customer()
    claim = customer.file()
    customer.approve(claim)
    customer.answer(claim, "agree")
    before = len(customer.acts(claim))

    customer.answer(claim, "undo")

    paused = service.mails(claim["id"], "paused")
    assert types(customer, claim, before) == ["customer.undone", "association.paused"]
    assert [mail["to"] for mail in paused] == [[f"pia1@partner-{customer.fresh}.example"]]
    assert "The customer can object until" in paused[0]["text"]
    assert not [
        mail
        for mail in service.mails(claim["id"], "customer_undone")
        if mail["to"] == paused[0]["to"]
    ]


# docs/api.md, "Shapes that callers rely on": an event as it is written there.
EVENT = {"id", "type", "at", "seq", "api_version", "data"}
DATA = {
    "claim_id",
    "filing_id",
    "association_id",
    "arbitration_id",
    "tenant_id",
    "organisation_id",
    "location_id",
    "item",
    "solution_area",
    "partner_role",
    "external_reference",
    "from",
    "to",
    "reasons",
    "details",
    "actor",
    "version",
}


def newest(service, customer, kind, number=1):
    """Return the newest event of a type."""
    return read_feed(service, customer.by(number), kind=kind)[0][-1]


def test_an_event_has_the_shape_of_the_contract(service):
    customer = service.customer()
    claim = customer.file(external_reference="OPP-1")
    customer.review(claim, "start")
    customer.review(claim, "reject", {"codes": ["insufficient_poe"], "message": "No date."})

    event = newest(service, customer, "claim.rejected")

    after = customer.claim(claim)
    data = event["data"]
    assert set(event) == EVENT
    assert set(data) == DATA
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", event["at"])
    assert event["api_version"] == "2026-12-01"
    assert (data["from"], data["to"]) == ("under_review", "rejected")
    assert (data["reasons"], data["details"]) == (["insufficient_poe"], {})
    assert data["actor"] == {"kind": "reviewer"}
    assert data["item"] == {"product": SALES, "subscription_id": customer.subscription_id}
    assert data["version"] == after["version"]
    assert data["external_reference"] == "OPP-1"
    same = ("filing_id", "tenant_id", "organisation_id", "location_id", "solution_area")
    assert {name: data[name] for name in same} == {name: after[name] for name in same}
    assert (data["association_id"], data["arbitration_id"]) == (None, None)


def test_an_event_shows_what_the_claim_showed_at_that_moment(service):
    customer = service.customer()
    claim = customer.file(items=[{"product": SALES}])
    customer.amend(claim, external_reference="CRM-7")
    customer.approve(claim)

    events = read_feed(service, customer.by())[0]

    shown = {event["type"]: event["data"] for event in events}
    assert shown["claim.submitted"]["item"]["subscription_id"] is None
    assert shown["claim.submitted"]["external_reference"] is None
    assert shown["claim.amended"]["external_reference"] == "CRM-7"
    assert shown["claim.amended"]["details"] == {"fields": ["external_reference"]}
    assert shown["claim.approved"]["item"]["subscription_id"] == customer.subscription_id
    made = shown["association.pending"]
    assert (made["from"], made["to"], made["association_id"][:4]) == (None, "pending", "asc_")


def test_events_say_what_their_type_needs(service):
    customer = service.customer()
    customer.file()

    details = {
        event["type"]: event["data"]["details"] for event in read_feed(service, customer.by())[0]
    }

    assert details["notice.sent"] == {
        "addresses": 2,
        "sources": ["claimant", "directory"],
        "qualifying": True,
    }
    assert details["notice.delivered"] == {"source": "directory", "qualifying": True}


def test_every_event_is_what_the_contract_says_of_its_type(service):
    customer = service.customer()
    claim = customer.file()
    customer.amend(claim, name="x")
    customer.act(claim, "comments", {"text": "All well?"})
    customer.approve(claim)
    customer.answer(claim, "opt_out")
    document = service.get("/openapi.json")

    events = read_feed(service, customer.by())[0]

    assert len({event["type"] for event in events}) > 12
    for event in events:
        path = f"#/webhooks/{event['type']}/post/requestBody/content/application~1json/schema"
        Draft202012Validator({**document, "$ref": path}).validate(event)


def test_the_largest_event_has_at_most_4_kb(service):
    customer = service.customer()
    claim = customer.file(external_reference="\U0001f680" * 200, name="x")
    customer.review(claim, "start")
    customer.review(claim, "reject", {"codes": sorted(REJECTION_CODES), "message": "x" * 4000})

    events = read_feed(service, customer.by())[0]

    assert max(len(json.dumps(event)) for event in events) <= 4096


def test_acts_of_the_programme_stay_internal(service):
    customer = service.customer()
    claim = customer.file()
    customer.review(claim, "assign")

    assert "claim.assigned" in customer.acts(claim)
    assert "claim.assigned" not in {e["type"] for e in read_feed(service, customer.by())[0]}


def test_types_and_families_can_be_chosen_and_unknown_ones_are_named(service):
    customer = service.customer()
    customer.file()

    some = read_feed(service, customer.by(), kind="claim.*,notice.sent")[0]
    refused = service.call("GET", "/v1/events?type=claim.created,claim.filed,x.*", by=customer.by())

    assert {event["type"] for event in some} == {"claim.created", "claim.submitted", "notice.sent"}
    assert refused.status == 422
    assert [(e["code"], e["pointer"]) for e in refused.json["errors"]] == [
        ("unknown_event_type", "/type")
    ] * 2
    assert "claim.filed" in refused.json["errors"][0]["detail"]


def test_the_events_of_one_claim_can_be_chosen(service):
    customer = service.customer()
    customer.file(submit=False)
    claim = customer.file()

    found = read_feed(service, customer.by(), claim_id=claim["id"])[0]

    assert [event["type"] for event in found] == customer.acts(claim)


def test_a_reader_may_start_at_a_moment_or_now(service):
    customer = service.customer()
    customer.file(submit=False)
    service.advance("PT1H")
    since = service.now()
    second = customer.file(submit=False)

    later = read_feed(service, customer.by(), since=since)[0]
    now = read(service, customer.by(), after="now")
    third = customer.file(submit=False)

    assert [event["data"]["claim_id"] for event in later] == [second["id"]]
    assert (now["data"], now["more"]) == ([], False)
    found = read_feed(service, customer.by(), now["next"])[0]
    assert [event["data"]["claim_id"] for event in found] == [third["id"]]


@pytest.mark.parametrize(
    "since", ["1970-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "0001-01-01T00:00:00Z"]
)
def test_a_moment_before_all_events_is_the_beginning_of_the_feed(service, since):
    customer = service.customer()
    claim = customer.file(submit=False)

    found, after = read_feed(service, customer.by(), since=since)

    assert [event["data"]["claim_id"] for event in found] == [claim["id"]]
    assert read(service, customer.by(), after=after)["data"] == []


def test_a_position_and_whether_there_is_more_are_always_told(service):
    customer = service.customer()
    empty = read(service, customer.by())
    customer.file()

    first = read(service, customer.by(), limit=1)
    rest, end = read_feed(service, customer.by(), first["next"])
    nothing = read(service, customer.by(), after=end)

    assert (empty["data"], empty["more"], bool(empty["next"])) == ([], False, True)
    assert (len(first["data"]), first["more"]) == (1, True)
    assert len(rest) > 1
    assert (nothing["data"], nothing["more"], bool(nothing["next"])) == ([], False, True)


def test_many_events_that_are_written_late_are_told_once(service):
    customer = service.customer()
    by, commit = customer.by(), service.services.store.commit
    slow = [customer.filing(submit=False) for _ in range(9)]
    held = []
    service.services.store.commit = held.append
    for filing in slow:
        service.call("POST", "/v1/claims", filing, by=by)
    service.services.store.commit = commit
    service.advance("PT1S")
    customer.file(submit=False)
    _, position = read_feed(service, by)

    for change in held:
        commit(replace(change, additions=None))  # as if each had counted the drafts alone
    late, position = read_feed(service, by, position, limit=4)
    customer.file(submit=False)
    last, _ = read_feed(service, by, position)

    expected = {claim.id for change in held for claim in change.claims}
    assert {event["data"]["claim_id"] for event in late} == expected
    assert len(late) == len(held) == 9
    assert len(last) == 1
