"""The event feed, followed page by page: every event once, in order, whatever is written at the
same moment.
"""

import pytest

IN_PROCESS_ONLY = True  # the tests replace its store


def followed(service, by, after="", limit=100, kind=""):
    """Everything from a position on, and the last position."""
    found = []
    while True:
        page = service.get(
            f"/v1/events?limit={limit}&after={after}" + (f"&type={kind}" if kind else ""), by=by
        )
        found += page["data"]
        if page["next"] is None:
            return found, after
        after = page["next"]


def test_an_event_that_is_written_late_reaches_a_reader_who_has_read_on(service):
    customer = service.customer()
    by, slow, fast = customer.by(), customer.filing(submit=False), customer.filing(submit=False)
    seen, commit = [], service.services.store.commit

    def late(change):
        service.services.store.commit = commit
        service.advance("PT1S")
        service.post("/v1/claims", fast, by=by, expect=(201,))
        seen.append(followed(service, by))
        return commit(change)

    service.services.store.commit = late
    claim = service.post("/v1/claims", slow, by=by, expect=(201,))["claims"][0]
    rest, _ = followed(service, by, seen[0][1])

    assert [event["data"]["claim_id"] for event in rest] == [claim["id"]]
    assert len(seen[0][0]) == 1


@pytest.mark.parametrize("limit", [1, 3, 100])
def test_every_event_is_sent_once_and_in_order(service, limit):
    customer = service.customer()
    customer.active()

    early, after = followed(service, customer.by(), limit=limit)
    customer.file(1, submit=False)
    late, after = followed(service, customer.by(), after, limit)
    service.advance("PT1H")
    nothing, _ = followed(service, customer.by(), after, limit)

    ids = [event["id"] for event in (*early, *late)]
    assert (ids, len(set(ids)), nothing) == (sorted(ids), len(ids), [])
    assert [event["type"] for event in late] == ["claim.created"]
    assert "association.activated" in [event["type"] for event in early]


def test_an_events_own_id_is_a_position(service):
    customer = service.customer()
    customer.file()
    first, *rest = followed(service, customer.by())[0]

    assert followed(service, customer.by(), first["id"])[0] == rest


def amended(customer, drafts):
    """So many drafts with twenty-one events each."""
    for number in range(drafts):
        draft = customer.file(submit=False)
        for name in range(20):
            customer.amend(draft, name=f"{number} {name}")


def test_a_type_that_is_rare_is_found_however_small_the_page(service):
    customer = service.customer()
    amended(customer, 6)
    claim = customer.file()

    found, _ = followed(service, customer.by(), limit=1, kind="claim.submitted")

    assert [event["data"]["claim_id"] for event in found] == [claim["id"]]


def test_a_position_does_not_grow_without_end(service):
    customer = service.customer()
    amended(customer, 9)

    some, after = followed(service, customer.by())
    service.advance("PT5M")
    rest, _ = followed(service, customer.by(), after)

    assert len(after) < 2048
    assert len({event["id"] for event in (*some, *rest)}) == len(some) + len(rest) == 9 * 21


@pytest.mark.parametrize("after", ["~~", "é", "evt_0.!", "clm_0"])
def test_what_is_no_position_is_refused(service, after):
    customer = service.customer()

    refused = service.call("GET", f"/v1/events?after={after}", by=customer.by())

    assert (refused.status, [e["pointer"] for e in refused.json["errors"]]) == (422, ["/after"])


def types(customer, claim, start):
    """What happened to a claim from its row `start` on, in order."""
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
