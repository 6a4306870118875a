"""The user pool's adapter: what it asks of the pool, and what it makes of the answers.

The pool itself is MiniStack's in tests/deployed/test_production.py.
"""

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from chalicelib.aws.cognito import ORGANISATION, CognitoUserPool
from chalicelib.domain.refusals import Unavailable, UserExists
from chalicelib.domain.user import User

PIA = User(
    id="usr_1",
    organisation_id="org_x",
    email="pia@x.example",
    name="Pia",
    roles=("incentives_admin", "incentives_user"),
    locale="de",
    created_at=datetime(2026, 11, 27, tzinfo=UTC),
)


class Cognito:
    """A pool in memory, with the answers and errors of cognito-idp (API reference)."""

    def __init__(self) -> None:
        self.people: dict[str, dict[str, str]] = {}
        self.groups: set[tuple[str, str]] = set()
        self.calls: list[str] = []

    def admin_create_user(
        self, UserPoolId: str, Username: str, UserAttributes: list[dict[str, str]]
    ) -> Any:
        if Username in self.people:
            raise fault("UsernameExistsException")
        attributes = {one["Name"]: one["Value"] for one in UserAttributes}
        self.people[Username] = attributes | {"sub": f"sub-{len(self.people)}"}
        return {"User": {"Attributes": self._list(Username)}}

    def admin_get_user(self, UserPoolId: str, Username: str) -> Any:
        return {"UserAttributes": self._list(Username)}

    def admin_add_user_to_group(self, UserPoolId: str, Username: str, GroupName: str) -> None:
        self.groups.add((Username, GroupName))

    def admin_remove_user_from_group(self, UserPoolId: str, Username: str, GroupName: str) -> None:
        self.groups.discard((Username, GroupName))

    def admin_user_global_sign_out(self, UserPoolId: str, Username: str) -> None:
        self._note("sign out", Username)

    def admin_delete_user(self, UserPoolId: str, Username: str) -> None:
        self._note("delete", Username)
        del self.people[Username]

    def admin_disable_user(self, UserPoolId: str, Username: str) -> None:
        self._note("disable", Username)

    def admin_enable_user(self, UserPoolId: str, Username: str) -> None:
        self._note("enable", Username)

    def _note(self, what: str, who: str) -> None:
        self._list(who)
        self.calls.append(what)

    def _list(self, who: str) -> list[dict[str, str]]:
        if who not in self.people:
            raise fault("UserNotFoundException")
        return [{"Name": name, "Value": value} for name, value in self.people[who].items()]


def fault(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code}}, "AdminAnything")


def test_a_person_is_created_with_organisation_language_and_roles():
    pool = Cognito()

    sub = CognitoUserPool(pool, "p").invite(PIA)

    assert pool.people[PIA.email] == {
        "email": "pia@x.example",
        "email_verified": "true",
        "name": "Pia",
        "locale": "de",
        ORGANISATION: "org_x",
        "sub": sub,
    }
    assert pool.groups == {(PIA.email, "incentives_admin"), (PIA.email, "incentives_user")}


def test_other_roles_replace_those_before():
    pool = Cognito()
    users = CognitoUserPool(pool, "p")
    users.invite(PIA)

    users.change_roles(PIA, PIA.evolve(roles=("incentives_user", "billing_admin")))

    assert pool.groups == {(PIA.email, "incentives_user"), (PIA.email, "billing_admin")}


def test_people_of_the_programme_have_no_organisation():
    pool = Cognito()

    CognitoUserPool(pool, "p").invite(PIA.evolve(organisation_id="", roles=("operator",)))

    assert ORGANISATION not in pool.people[PIA.email]
    assert pool.groups == {(PIA.email, "operator")}


def test_an_invitation_that_broke_off_is_completed_by_the_next():
    pool = Cognito()
    users = CognitoUserPool(pool, "p")
    first = users.invite(PIA.evolve(roles=()))

    assert users.invite(PIA) == first
    assert len(pool.groups) == 2


@pytest.mark.parametrize("organisation", ["org_y", ""])
def test_a_person_of_another_organisation_is_not_taken_over(organisation):
    pool = Cognito()
    users = CognitoUserPool(pool, "p")
    users.invite(PIA.evolve(organisation_id=organisation, roles=()))

    with pytest.raises(UserExists):
        users.invite(PIA)

    assert pool.groups == set()


def test_who_is_disabled_or_removed_is_signed_out_and_a_repeat_does_no_harm():
    pool = Cognito()
    users = CognitoUserPool(pool, "p")
    users.invite(PIA)

    users.disable(PIA)
    users.enable(PIA)
    users.remove(PIA)
    users.remove(PIA)

    assert pool.calls == ["disable", "sign out", "enable", "sign out", "delete"]
    assert pool.people == {}


@pytest.mark.parametrize(
    "error",
    [
        ReadTimeoutError(endpoint_url="https://cognito.example"),
        fault("TooManyRequestsException"),
    ],
)
def test_a_pool_that_is_busy_is_unavailable(error):
    class Busy:
        def admin_create_user(self, **_: Any) -> None:
            raise error

    with pytest.raises(Unavailable):
        CognitoUserPool(Busy(), "p").invite(PIA)


def test_what_the_pool_refuses_otherwise_is_a_bug():
    class Refusing:
        def admin_create_user(self, **_: Any) -> None:
            raise fault("AccessDeniedException")

    with pytest.raises(ClientError):
        CognitoUserPool(Refusing(), "p").invite(PIA)
