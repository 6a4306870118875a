"""The largest claim that a partner can make can still be objected to, decided, revoked and ended by
time.
"""

import hashlib

import pytest

from chalicelib.domain.claim import Outcome
from chalicelib.domain.history import Act, Actor, NewComment
from chalicelib.domain.ids import slot_id
from chalicelib.domain.outcomes import TICK
from chalicelib.domain.refusals import Invalid
from chalicelib.domain.review import Decision
from chalicelib.domain.slot import Contender
from chalicelib.domain.steps.comments import add_comment
from chalicelib.domain.steps.common import notify, take_files
from chalicelib.ports import Change
from chalicelib.usecases.write_set import make_change
from tests.support.claims import NOW, a_claim, at
from tests.support.customer import PDF, SALES
from tests.support.in_process import in_process

# domain.md, "Nothing a partner sends may stand in the way of anybody else's act"
MAX_CLAIM = 65_536  # bytes
MAX_FILES = 50
WIDE = "\U0001f600"  # a character of four bytes in UTF-8 and twelve in a mail header
LONGEST = WIDE * 200
LONG_MESSAGE = WIDE * 4000  # as long as a reviewer's may be


@pytest.fixture
def service():
    with in_process() as made:
        yield made


def upload(customer, number=1, name="sow.pdf"):
    """Upload a file under a name."""
    announced = {
        "file_name": name,
        "content_type": "application/pdf",
        "size": len(PDF),
        "sha256": hashlib.sha256(PDF).hexdigest(),
    }
    made = customer.service.post("/v1/evidence", announced, by=customer.by(number))
    customer.service.put_file(made, PDF)
    return made["id"]


def refer(customer, count, number=1, name="sow.pdf"):
    """Upload so many files and refer to them, each with as many covered codes as are allowed."""
    filed = customer.filing(number)["evidence"][0]
    return [
        filed | {"id": upload(customer, number, name), "covers": [SALES] * 10} for _ in range(count)
    ]


def file_large(customer, files):
    person = {"name": LONGEST, "title": LONGEST, "email": f"{'a' * 64}@{customer.domain}"}
    filing = {
        "customer_contact": person,
        "technical_contact": person,
        "partner_contact": person | {"email": f"pia@partner-{customer.fresh}.example"},
        "name": LONGEST,
        "external_reference": LONGEST,
        "comment": WIDE * 4000,
        "evidence": refer(customer, files, name=f"{WIDE * 120}.pdf"),
    }
    return customer.service.call(
        "POST", "/v1/claims", customer.filing(1, **filing), by=customer.by()
    )


@pytest.fixture
def largest(service):
    """Return a customer, and the largest claim on it that is accepted."""
    customer = service.customer()
    found = file_large(customer, MAX_FILES)
    assert found.status == 201, found.text
    claim = found.json["claims"][0]
    service.settle()
    return customer, claim


def measure_stored_claim(customer, claim):
    found = customer.service.services.store.claims.get(claim["id"]).claim
    return len(found.model_dump_json(exclude_defaults=True).encode())


def test_the_largest_claim_is_decided_revoked_and_ended_as_any_other(largest):
    customer, claim = largest
    service = customer.service
    assert measure_stored_claim(customer, claim) <= MAX_CLAIM

    case = service.get(
        f"/v1/review/claims/{claim['id']}", by=service.token(None, "reviewer", name="Rita")
    )
    customer.approve(claim)
    service.to(customer.clock(claim, "customer_opt_out"))
    active = customer.claim(claim)
    undo = customer.answer(claim, "opt_out", which="all")

    assert case["claim"]["id"] == claim["id"]
    assert active["association"]["state"] == "active"
    assert undo.status == 303
    assert customer.claim(claim)["status"] == "ended"


def test_the_partner_of_the_largest_claim_is_blocked(largest):
    customer, claim = largest
    path = customer.service.link(claim["id"], customer.admin)

    blocked = customer.switch(path, "block", customer.partner())

    assert blocked.status == 303
    assert customer.claim(claim)["status"] == "rejected"


def test_time_ends_the_largest_claim(largest):
    customer, claim = largest
    customer.review(claim, "start")
    question = {"codes": ["poe_date_missing"], "message": "Which day?" * 390}
    customer.review(claim, "request-info", question)

    customer.service.advance("P12D")

    assert customer.claim(claim)["decision"]["codes"] == ["no_partner_response"]


def test_two_seniors_revoke_the_largest_claim(largest):
    customer, claim = largest
    customer.approve(claim)
    customer.service.to(customer.clock(claim, "customer_opt_out"))
    association = customer.claim(claim)["association"]["id"]

    for who, act in (("Sena", "revoke"), ("Saul", "confirm-revocation")):
        senior = customer.service.token(None, "senior_reviewer", name=who)
        tag = customer.service.call("GET", f"/v1/review/claims/{claim['id']}", by=senior).etag
        done = customer.service.call(
            "POST",
            f"/v1/review/associations/{association}/{act}",
            {"codes": ["fraud"], "message": WIDE * 4000},
            by=senior,
            match=tag,
        )
        assert done.status == 200, done.text

    assert customer.claim(claim)["status"] == "ended"


def test_a_claim_takes_fifty_files_over_its_life(service):
    customer = service.customer()
    claim = customer.file(1, evidence=refer(customer, 20))
    customer.approve(claim)

    added = [customer.amend(claim, evidence=refer(customer, 20)) for _ in range(2)]
    last = customer.amend(claim, evidence=refer(customer, 10))

    assert [found.status for found in (*added, last)] == [200, 422, 200]
    errors = [(e["code"], e["pointer"]) for e in added[1].json["errors"]]
    assert errors == [("too_many_files", "/evidence")]


def test_a_filing_takes_fifty_files(service):
    customer = service.customer()
    one = customer.filing(1)["evidence"][0]

    refused = service.call(
        "POST", "/v1/claims", customer.filing(1, evidence=[one] * 51), by=customer.by()
    )

    assert refused.status == 422
    errors = [(e["code"], e["pointer"]) for e in refused.json["errors"]]
    assert errors == [("too_many_files", "/evidence")]


def test_files_that_were_replaced_count(service):
    customer = service.customer()
    claim = customer.file(1, evidence=refer(customer, 20))

    replaced = [customer.amend(claim, evidence=refer(customer, 20)) for _ in range(2)]

    assert [found.status for found in replaced] == [200, 422]


@pytest.mark.parametrize("kind", ["customer", "reviewer", "time"])
def test_only_a_partner_is_refused_for_size(service, kind):
    before, after = make_claim_of(MAX_CLAIM + 1)

    change = make_change(service.services, [(before, act_by(kind, after))], at())

    assert change.claims[0].name == after.name


@pytest.mark.parametrize(("excess", "is_refused"), [(0, False), (1, True)])
def test_a_partner_is_refused_from_the_first_byte_over_the_limit(service, excess, is_refused):
    before, after = make_claim_of(MAX_CLAIM + excess)
    codes = []

    try:
        make_change(service.services, [(before, act_by("partner", after))], at())
    except Invalid as refusal:
        codes.append(refusal.code)

    assert codes == ["claim_too_large"] * is_refused


def test_what_reviewers_write_does_not_count_for_a_partners_step(service):
    before, after = make_claim_of(MAX_CLAIM - 100)  # without when the outbox is looked at
    decided = Decision(outcome="rejected", message=LONG_MESSAGE, at=NOW)
    waiting = notify(after, "comment_added", "partner", message=LONG_MESSAGE).outbox
    after = after.evolve(decision=decided, outbox=waiting)

    change = make_change(service.services, [(before, act_by("partner", after))], at())

    assert change.claims[0].decision == decided


def test_comments_of_reviewers_do_not_fill_a_claim_while_no_mail_goes_out():
    claim, reviewer = make_claim_of(MAX_CLAIM)[1], Actor(kind="reviewer", sub="rita")
    comment = NewComment(by="reviewer", author="Rita", text=LONG_MESSAGE)

    for _ in range(100):
        claim = add_comment(claim, reviewer, comment, NOW).claim

    messages = [one.message for one in claim.outbox if one.message]
    assert len(claim.outbox) == 100
    assert messages == [LONG_MESSAGE] * 4
    assert len(claim.model_dump_json(exclude_defaults=True).encode()) < 200 * 1024


def make_claim_of(size):
    """Make a claim as it was, and with a name that makes it so large once it is written."""
    before = a_claim(seq=1, name="\u00e9")
    history = {"rev": 2, "version": 1, "seq": 2, "head": "f" * 64, "updated_at": NOW + TICK}
    written = before.evolve(**history).model_dump_json(exclude_defaults=True)
    return before, before.evolve(name="\u00e9" + "x" * (size - len(written.encode())))


def act_by(kind, after):
    return Outcome(claim=after, acts=(Act(act="claim.amended", actor=Actor(kind=kind)),))


def test_files_of_a_draft_that_were_replaced_do_not_count():
    draft = a_claim(status="draft", files_taken=0)

    assert take_files(draft, ()).files_taken == 0


@pytest.mark.parametrize(
    ("earlier", "later", "refused"),
    [
        ({"text": "x" * 10_000}, None, []),
        ({"text": "x" * 10_001}, None, [("too_long", "/text")]),
        ({"text": "x" * 9_000}, {"text": "x" * 998}, []),
        ({"text": "x" * 9_000}, {"text": "x" * 999}, [("too_long", "/text")]),
    ],
)
def test_a_party_says_at_most_ten_thousand_characters(service, earlier, later, refused):
    customer = service.customer()
    path = open_case(customer)

    found = service.call("POST", path, earlier, by=customer.by())
    if later:
        found = service.call("POST", path, later, by=customer.by())

    assert [(e["code"], e["pointer"]) for e in found.json.get("errors", ())] == refused


def test_a_party_brings_at_most_ten_files(service):
    customer = service.customer()
    path = open_case(customer)

    found = [
        service.call("POST", path, {"text": "x", "evidence": files}, by=customer.by())
        for files in (refer_anew(customer, 11), refer_anew(customer, 9), refer_anew(customer, 2))
    ]

    assert [one.status for one in found] == [422, 200, 422]
    assert [e["code"] for e in found[0].json["errors"]] == ["too_many_files"]
    assert [e["code"] for e in found[2].json["errors"]] == ["too_many_files"]


def refer_anew(customer, count):
    return [one | {"covers": [SALES]} for one in refer(customer, count)]


def open_case(customer):
    """Open a case between two partners and return the path of statements on it."""
    for number in (1, 2):
        customer.approve(customer.file(number), f"Reviewer {number}")
    customer.service.settle()
    case = customer.service.get("/v1/arbitrations", by=customer.by())["data"][0]
    return f"/v1/arbitrations/{case['id']}/statement"


def fill_slot(service, customer, claim, count):
    """Let so many claims of other partners compete for the claim's item."""
    slots = service.services.store.slots
    item = service.services.store.claims.get(claim["id"]).claim.item
    slot = slots.get(slot_id(customer.tenant_id, item.name))
    rivals = tuple(
        Contender(
            claim_id=f"clm_{n:043d}",
            organisation_id=f"{n:064d}",
            partner_role="usage_recognition",
            standing="rival",
        )
        for n in range(count - len(slot.contenders))
    )
    full = slot.evolve(contenders=(*slot.contenders, *rivals), rev=slot.rev + 1)
    service.services.store.commit(Change(slots=(full,)))
    return full


def test_an_item_has_room_for_the_acts_of_others_when_no_more_claims_fit(service):
    customer = service.customer()
    objected, decided = customer.file(1), customer.file(2)
    draft = customer.file(3, submit=False)
    slot = fill_slot(service, customer, objected, 500)

    filed = service.call("POST", "/v1/claims", customer.filing(4), by=customer.by(4))
    submitted = customer.act(draft, "submit", number=3)
    objection = customer.answer(objected, "opt_out")
    again = customer.act(draft, "submit", number=3)
    customer.review(decided, "start")
    customer.review(decided, "reject", {"codes": ["insufficient_poe"], "message": "no"})

    assert len(slot.model_dump_json()) < 200_000  # half of a row, before compression
    assert [(one.status, one.json["code"]) for one in (filed, submitted)] == [
        (409, "item_full")
    ] * 2
    assert (objection.status, again.status) == (303, 200)
    assert customer.claim(decided, 2)["status"] == "rejected"


def test_cooling_off_periods_that_are_over_do_not_pile_up(service):
    customer = service.customer()
    for _ in range(3):
        claim = customer.file()
        customer.answer(claim, "opt_out")
        service.advance("P91D")

    item = service.services.store.claims.get(claim["id"]).claim.item
    slot = service.services.store.slots.get(slot_id(customer.tenant_id, item.name))

    assert [one.claim_id for one in slot.cooldowns] == [claim["id"]]
