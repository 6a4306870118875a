"""API keys: made by an administrator, used by programs, and revoked (integration.md, 5)."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.api_key import MAX_KEYS, is_well_formed
from chalicelib.web.routes import ADMINS, ROUTES
from tests.support import feed
from tests.support.in_process import in_process

IN_PROCESS_ONLY = True


def today(service) -> date:
    """Return the current day of the service's clock."""
    return datetime.fromisoformat(service.now()).date()


def a_key(service, **changes: Any) -> dict[str, Any]:
    """Return a body that is in order: a key that works for 60 days."""
    last = str(today(service) + timedelta(days=60))
    return {"name": "ERP", "role": "incentives_user", "expires_on": last} | changes


def mails(service, kind: str) -> list[dict[str, Any]]:
    return [mail for mail in service.get("/sandbox/mail")["data"] if mail["kind"] == kind]


def test_a_key_is_made_shown_once_and_listed(service):
    customer = service.customer()
    admin = customer.by(1)

    made = service.call("POST", "/v1/api-keys", a_key(service), by=admin, key="one")
    again = service.call("POST", "/v1/api-keys", a_key(service), by=admin, key="one")
    listed = service.get("/v1/api-keys", by=admin)["data"]

    assert made.status == again.status == 201
    assert is_well_formed(made.json["key"], "local")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json == {name: one for name, one in made.json.items() if name != "key"}
    assert listed == [again.json]
    assert listed[0] | {"id": "", "created_at": "", "expires_on": ""} == {
        "id": "",
        "name": "ERP",
        "role": "incentives_user",
        "state": "active",
        "created_at": "",
        "expires_on": "",
        "from_addresses": [],
        "contact": None,
        "last_used_on": None,
    }


def test_a_key_files_claims_and_is_seen_as_used(service):
    customer = service.customer()
    made = service.post("/v1/api-keys", a_key(service), by=customer.by(1))

    claim = customer.file(1)
    seen = service.get(f"/v1/claims/{claim['id']}", by=made["key"])
    commented = service.call(
        "POST", f"/v1/claims/{claim['id']}/comments", {"text": "x"}, by=made["key"], key="c"
    )

    assert seen["id"] == claim["id"]
    assert commented.status == 201
    (listed,) = service.get("/v1/api-keys", by=customer.by(1))["data"]
    assert listed["last_used_on"] == str(today(service))


def test_neither_the_table_nor_a_receipt_holds_the_key(service):
    customer = service.customer()
    made = service.post("/v1/api-keys", a_key(service), by=customer.by(1))

    client = service.rows._client
    rows = client.scan(TableName="cpor", ConsistentRead=True)["Items"]

    secret = made["key"].rpartition("_")[2]
    assert not [row for row in rows if secret in repr(row)]


@pytest.mark.parametrize(
    "name",
    [route.name for route in ROUTES if route.roles == ADMINS and route.path.startswith("/v1/")],
)
def test_a_key_opens_nothing_that_is_for_administrators(name, admin_key):
    service, key = admin_key
    method, path = name.split(" ")
    path = path.replace("{", "").replace("}", "")

    refused = service.call(method, path, {} if method == "POST" else None, by=key, key="k")

    assert (refused.status, refused.json["code"]) == (403, "forbidden")


@pytest.fixture(scope="module")
def admin_key():
    """The service and a key of the most powerful role that a key may have."""
    with in_process() as service:
        customer = service.customer()
        made = service.post("/v1/api-keys", a_key(service), by=customer.by(1))
        yield service, made["key"]


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"role": "incentives_admin"}, "/role", "not_one_of"),
        ({"role": "reviewer"}, "/role", "not_one_of"),
        ({"name": " "}, "/name", "too_short"),
        ({"expires_on": "2020-01-01"}, "/expires_on", "day_out_of_range"),
        ({"expires_on": "2099-01-01"}, "/expires_on", "day_out_of_range"),
        ({"expires_on": "soon"}, "/expires_on", "not_a_date"),
        ({"from_addresses": ["10.0.0.1/8"]}, "/from_addresses/0", "not_a_network"),
        ({"from_addresses": ["here"]}, "/from_addresses/0", "not_a_network"),
        ({"contact": "ops@elsewhere.example"}, "/contact", "contact_not_own"),
        ({"organisation_id": "other"}, "/organisation_id", "unknown_field"),
    ],
)
def test_a_key_that_would_be_wrong_is_refused(service, changes, pointer, code):
    admin = service.customer().by(1)

    refused = service.call("POST", "/v1/api-keys", a_key(service, **changes), by=admin, key="k")

    assert refused.status == 422
    assert (code, pointer) in {(one["code"], one["pointer"]) for one in refused.json["errors"]}
    assert service.get("/v1/api-keys", by=admin)["data"] == []


def test_a_key_lives_for_a_year_and_not_a_day_longer(service):
    service.start("2027-05-10T12:00:00Z")
    admin = service.customer().by(1)

    statuses = [
        service.call("POST", "/v1/api-keys", a_key(service, expires_on=day), by=admin).status
        for day in ("2028-05-11", "2028-05-10")
    ]

    assert statuses == [422, 201]


def test_a_revoked_key_is_refused_within_a_minute(service):
    customer = service.customer()
    admin = customer.by(1)
    made = service.post("/v1/api-keys", a_key(service), by=admin)
    assert service.call("GET", "/v1/claims", by=made["key"]).status == 200

    revoked = service.call("DELETE", f"/v1/api-keys/{made['id']}", by=admin)
    service.advance("PT1M")
    refused = service.call("GET", "/v1/claims", by=made["key"])

    assert revoked.status == 204
    assert (refused.status, refused.json["code"]) == (401, "token_invalid")
    assert service.call("DELETE", f"/v1/api-keys/{made['id']}", by=admin).status == 204
    assert service.get("/v1/api-keys", by=admin)["data"][0]["state"] == "revoked"


def test_a_key_ends_with_its_last_day(service):
    customer = service.customer()
    made = service.post("/v1/api-keys", a_key(service), by=customer.by(1))

    service.advance("P60D")
    last_day = service.call("GET", "/v1/claims", by=made["key"])
    service.advance("P1D")
    refused = service.call("GET", "/v1/claims", by=made["key"])

    assert last_day.status == 200
    assert (refused.status, refused.json["code"]) == (401, "token_expired")


def test_what_is_no_key_of_this_stage_is_refused_without_a_look_up(service):
    customer = service.customer()
    made = service.post("/v1/api-keys", a_key(service), by=customer.by(1))["key"]
    wrong = [
        made[:-1],
        made[:-1] + ("0" if made[-1] != "0" else "1"),
        made.replace("local", "prod"),
        made.upper(),
        "cpk_",
        "cpk_local_" + "0" * 38,
    ]

    replies = [service.call("GET", "/v1/claims", by=one) for one in wrong]

    assert {(one.status, one.json["code"]) for one in replies} == {(401, "token_invalid")}
    assert not any(is_well_formed(one, "local") for one in wrong)


def test_a_key_works_from_its_addresses_only(service):
    customer = service.customer()
    here = service.post(
        "/v1/api-keys", a_key(service, from_addresses=["192.0.2.0/24"]), by=customer.by(1)
    )
    elsewhere = service.post(
        "/v1/api-keys", a_key(service, from_addresses=["198.51.100.7"]), by=customer.by(1)
    )

    inside = service.call("GET", "/v1/claims", by=here["key"])
    outside = service.call("GET", "/v1/claims", by=elsewhere["key"])

    assert elsewhere["from_addresses"] == ["198.51.100.7/32"]
    assert inside.status == 200
    assert (outside.status, outside.json["code"]) == (403, "address_not_allowed")


def test_keys_of_another_organisation_are_neither_seen_nor_revoked(service):
    customer = service.customer()
    made = service.post("/v1/api-keys", a_key(service), by=customer.by(1))

    foreign = service.call("DELETE", f"/v1/api-keys/{made['id']}", by=customer.by(2))

    assert foreign.status == 404
    assert service.get("/v1/api-keys", by=customer.by(2))["data"] == []
    assert service.get("/v1/api-keys", by=customer.by(1))["data"][0]["state"] == "active"


def test_an_organisation_has_ten_keys_that_work(service):
    admin = service.customer().by(1)
    made = [service.post("/v1/api-keys", a_key(service), by=admin) for _ in range(MAX_KEYS)]

    full = service.call("POST", "/v1/api-keys", a_key(service), by=admin, key="eleven")
    service.call("DELETE", f"/v1/api-keys/{made[0]['id']}", by=admin)
    after = service.call("POST", "/v1/api-keys", a_key(service), by=admin, key="twelve")

    assert (full.status, full.json["code"]) == (409, "too_many_api_keys")
    assert after.status == 201


def test_mails_say_that_a_key_was_made_and_that_it_ends(service):
    customer = service.customer()
    contact = "ops@partner.example"
    own = feed.a_partner(customer.partner(1)).evolve(domains=("partner.example",))
    feed.write(service.rows, [own])
    service.post("/v1/api-keys", a_key(service, contact=contact), by=customer.by(1))

    at_once = [mail["to"] for mail in mails(service, "api_key_made")]
    service.advance("P31D")
    month_before = len(mails(service, "api_key_ends"))
    service.advance("P23D")
    week_before = mails(service, "api_key_ends")
    service.advance("P30D")

    assert at_once == [[contact]]
    assert (month_before, len(week_before)) == (1, 2)
    assert {mail["to"][0] for mail in week_before} == {contact}
    assert len(mails(service, "api_key_ends")) == 2


def test_without_a_contact_the_administrators_are_written_to(service):
    customer = service.customer()
    for number, role in ((1, "incentives_admin"), (2, "incentives_user")):
        person = {"name": f"P {number}", "email": f"p{number}@partner.example", "roles": [role]}
        service.post("/v1/users", person | {"locale": "de"}, by=customer.by(1))

    service.post("/v1/api-keys", a_key(service), by=customer.by(1))

    (mail,) = mails(service, "api_key_made")
    assert mail["to"] == ["p1@partner.example"]
    assert mail["subject"] == "Neuer API-Schlüssel: ERP"


def test_a_revoked_key_is_not_written_about(service):
    customer = service.customer()
    made = service.post("/v1/api-keys", a_key(service), by=customer.by(1))
    service.call("DELETE", f"/v1/api-keys/{made['id']}", by=customer.by(1))

    service.advance("P80D")

    assert mails(service, "api_key_ends") == []
