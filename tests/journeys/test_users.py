"""A partner's administrator manages the organisation's people."""

import json
from typing import Any

import jwt
import pytest

from chalicelib.domain.refusals import UserExists
from chalicelib.domain.user import MAX_USERS, User
from tests.support.in_process import in_process

IN_PROCESS_ONLY = True


def person(number: int = 1, **changes: Any) -> dict[str, Any]:
    email = f"person-{number}@partner.example"
    return {"name": f"P {number}", "email": email, "roles": ["incentives_user"]} | changes


class Pool:
    """A user pool that records its calls. `taken`: addresses of other organisations."""

    def __init__(self, *taken: str) -> None:
        self.taken, self.calls = taken, list[str]()

    def invite(self, user: User) -> str:
        if user.email in self.taken:
            raise UserExists()
        self.calls.append(f"invite {user.email} {user.organisation_id}")
        return f"sub-{user.email}"

    def change_roles(self, before: User, after: User) -> None:
        self.calls.append(f"roles {' '.join(after.roles)}")

    def disable(self, user: User) -> None:
        self.calls.append(f"disable {user.email}")

    def remove(self, user: User) -> None:
        self.calls.append(f"remove {user.email}")


def test_an_administrator_invites_lists_and_removes_people(service):
    customer = service.customer()
    admin = customer.by(1)

    made = service.post("/v1/users", person(1, roles=["billing_admin"]), by=admin)
    service.post("/v1/users", person(2), by=admin)
    first = service.get("/v1/users?limit=1", by=admin)
    rest = service.get(f"/v1/users?limit=1&cursor={first['next']}", by=admin)
    removed = service.call("DELETE", f"/v1/users/{made['id']}", by=admin)

    assert made["id"].startswith("usr_")
    assert made | {"id": ""} == {
        "id": "",
        "name": "P 1",
        "email": "person-1@partner.example",
        "roles": ["billing_admin"],
        "state": "active",
        "version": 1,
    }
    assert (first["data"], rest["data"][0]["name"], rest["next"]) == ([made], "P 2", None)
    assert removed.status == 204
    assert [one["name"] for one in service.get("/v1/users", by=admin)["data"]] == ["P 2"]


def test_people_of_another_organisation_are_neither_seen_nor_removed(service):
    customer = service.customer()
    made = service.post("/v1/users", person(), by=customer.by(1))

    foreign = service.call("DELETE", f"/v1/users/{made['id']}", by=customer.by(2))

    assert service.get("/v1/users", by=customer.by(2))["data"] == []
    assert foreign.status == 404
    assert service.get("/v1/users", by=customer.by(1))["data"] == [made]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"roles": ["reviewer"]}, "/roles/0"),
        ({"roles": []}, "/roles"),
        ({"email": "nobody"}, "/email"),
        ({"email": ""}, "/email"),
        ({"name": " "}, "/name"),
        ({"locale": "xx"}, "/locale"),
        ({"organisation_id": "other"}, "/organisation_id"),
    ],
)
def test_a_role_of_the_programme_and_malformed_people_are_refused(service, changes, pointer):
    admin = service.customer().by(1)

    refused = service.call("POST", "/v1/users", person(**changes), by=admin)

    assert refused.status == 422
    assert pointer in [error["pointer"] for error in refused.json["errors"]]
    assert service.get("/v1/users", by=admin)["data"] == []


def test_nobody_removes_themselves(service):
    customer = service.customer()
    admin = customer.by(1)
    # The built-in issuer takes a person's name for the subject of their tokens.
    sub = jwt.decode(admin, options={"verify_signature": False})["sub"]
    made = service.post("/v1/users", person(name=sub), by=admin)

    refused = service.call("DELETE", f"/v1/users/{made['id']}", by=admin)

    assert (refused.status, refused.json["code"]) == (409, "own_membership")


def test_roles_and_state_are_changed_on_the_version_that_was_read(local_service):
    service, pool = local_service, Pool()
    service.exchange(user_pool=pool)
    admin = service.customer().by(1)
    made = service.post("/v1/users", person(), by=admin)
    path = f"/v1/users/{made['id']}"

    roles = service.call("PATCH", path, {"roles": ["billing_admin"]}, by=admin, match='"1"')
    late = service.call("PATCH", path, {"state": "disabled"}, by=admin, match='"1"')
    disabled = service.call("PATCH", path, {"state": "disabled"}, by=admin, match=roles.etag)

    assert (roles.json["roles"], roles.json["version"]) == (["billing_admin"], 2)
    assert late.status == 412
    assert service.get("/v1/users", by=admin)["data"] == [disabled.json]
    assert (disabled.json["state"], disabled.json["roles"]) == ("disabled", ["billing_admin"])
    assert pool.calls[1:] == ["roles billing_admin", "disable person-1@partner.example"]


def test_nobody_changes_their_own_membership(service):
    admin = service.customer().by(1)
    sub = jwt.decode(admin, options={"verify_signature": False})["sub"]
    made = service.post("/v1/users", person(name=sub), by=admin)

    refused = service.call(
        "PATCH", f"/v1/users/{made['id']}", {"state": "disabled"}, by=admin, match='"1"'
    )

    assert (refused.status, refused.json["code"]) == (409, "own_membership")


def test_an_address_is_invited_once_and_a_repeat_gets_the_same_answer(service):
    admin = service.customer().by(1)
    first = service.call("POST", "/v1/users", person(), by=admin, key="one")

    again = service.call("POST", "/v1/users", person(), by=admin, key="one")
    twin = service.call(
        "POST", "/v1/users", person(email="PERSON-1@partner.example"), by=admin, key="two"
    )

    assert (first.status, again.status, again.json) == (201, 201, first.json)
    assert (twin.status, twin.json["code"]) == (409, "user_exists")


def test_an_organisation_has_a_limit_of_people_and_of_invitations_a_day(local_service):
    service = local_service
    customer = service.customer()
    for number in range(20):
        service.post("/v1/users", person(number), by=customer.by(1))

    tomorrow = service.call("POST", "/v1/users", person(20), by=customer.by(1))
    for day in range(1, MAX_USERS // 20):
        service.advance("P1D")
        for number in range(day * 20, day * 20 + 20):
            service.post("/v1/users", person(number), by=customer.by(1))
    service.advance("P1D")
    full = service.call("POST", "/v1/users", person(MAX_USERS), by=customer.by(1))

    assert (tomorrow.status, tomorrow.json["code"]) == (429, "too_many_requests")
    assert 0 < int(tomorrow.headers["Retry-After"]) <= 24 * 3600
    assert (full.status, full.json["code"]) == (409, "too_many_users")
    assert str(MAX_USERS) in full.json["detail"]


def test_the_pool_signs_people_in_and_the_service_knows_where_they_belong(local_service):
    service, pool = local_service, Pool("taken@partner.example")
    service.exchange(user_pool=pool)
    customer = service.customer()
    admin = customer.by(1)

    made = service.post("/v1/users", person(), by=admin)
    taken = service.call("POST", "/v1/users", person(email="taken@partner.example"), by=admin)
    service.call("DELETE", f"/v1/users/{made['id']}", by=admin)

    organisation = customer.partner(1)
    assert pool.calls == [
        f"invite person-1@partner.example {organisation}",
        "remove person-1@partner.example",
    ]
    assert (taken.status, taken.json["code"]) == (409, "user_exists")
    assert service.get("/v1/users", by=admin)["data"] == []


def test_with_another_issuer_people_are_managed_there():
    with in_process(oidc_issuer="https://login.example") as service:
        admin = service.customer().by(1)

        replies = [
            service.call("GET", "/v1/users", by=admin),
            service.call("POST", "/v1/users", person(), by=admin),
            service.call("DELETE", "/v1/users/usr_1", by=admin),
        ]

    assert {(one.status, json.loads(one.text)["code"]) for one in replies} == {
        (501, "users_managed_elsewhere")
    }


def test_addresses_of_other_organisations_are_tried_out_twenty_times_a_day(local_service):
    service = local_service
    taken = [f"p{number}@other.example" for number in range(21)]
    service.exchange(user_pool=Pool(*taken))
    admin = service.customer().by(1)

    tried = [service.call("POST", "/v1/users", person(email=one), by=admin) for one in taken]

    assert [one.status for one in tried[-2:]] == [409, 429]
