"""`cpor users`: who is invited, from words or from a list, and who is not."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.user import User
from chalicelib.ports import Services
from chalicelib.usecases.users import NewUser, list_users, restore_users, switch_user
from cpor.errors import CommandError
from cpor.users import Person, check_person, find_user, invite_all, read_people
from tests.support import feed
from tests.support.in_process import in_process


@pytest.fixture
def services() -> Iterator[Services]:
    """A sandbox with one partner, org_a."""
    with in_process() as service:
        feed.write(service.rows, [feed.a_partner("org_a", "4500001")])
        assert service.services
        yield service.services


def person(organisation: str = "org_a", mail: str = "pia@a.example", *roles: str) -> Person:
    return Person(organisation, NewUser(mail, "Pia", roles or ("incentives_admin",)))


def test_the_operator_and_the_first_partner_administrator_are_invited(services):
    people = [person("", "olga@programme.example", "operator"), person()]

    results = list(invite_all(services, people))

    assert [(one.mail, one.why) for one in results] == [
        ("olga@programme.example", ""),
        ("pia@a.example", ""),
    ]
    assert [user.roles for user in list_users(services, "")] == [("operator",)]
    assert [user.email for user in list_users(services, "org_a")] == ["pia@a.example"]


def test_who_cannot_be_invited_is_reported_and_the_others_are_invited(services):
    people = [person("org_b"), person(), person(), person(mail="max@a.example")]

    results = list(invite_all(services, people))

    assert [one.why.partition(".")[0] for one in results] == [
        "The organisation is not in the feed",
        "",
        "Somebody with this address can sign in already",
        "",
    ]


@pytest.mark.parametrize(
    ("invited", "why"),
    [
        (person("org_a", "a@b.example", "reviewer"), "Roles of a partner's people are"),
        (person("", "a@b.example", "incentives_admin"), "Roles of people of the programme are"),
        (Person("", NewUser("a@b.example", "A", ())), "Roles of"),
        (person("org_a", "nobody"), "is not a mail address"),
        (Person("org_a", NewUser("a@b.example", "A", ("billing_admin",), "xx")), "Languages are"),
        (person(), ""),
    ],
)
def test_roles_belong_to_one_side_and_addresses_can_be_written_to(invited, why):
    assert why in check_person(invited)
    assert bool(why) == bool(check_person(invited))


def test_a_list_of_people_is_read_as_spreadsheets_write_it(tmp_path: Path):
    file = tmp_path / "people.csv"
    file.write_bytes(
        b"\xef\xbb\xbforganisation,mail,name,roles,locale\r\n"
        b'org_a,pia@a.example,"Pia P.",incentives_admin incentives_user,de\r\n'
        b",olga@programme.example,,operator,\r\n"
    )

    assert read_people(file) == [
        Person(
            "org_a",
            NewUser("pia@a.example", "Pia P.", ("incentives_admin", "incentives_user"), "de"),
        ),
        Person("", NewUser("olga@programme.example", "olga", ("operator",), "en")),
    ]


def test_a_list_without_a_column_is_refused_by_its_name(tmp_path: Path):
    file = tmp_path / "people.csv"
    file.write_text("mail,roles\na@b.example,operator\n")

    with pytest.raises(CommandError, match="no column organisation, name"):
        read_people(file)


def test_a_person_is_found_by_address_and_disabled(services):
    list(invite_all(services, [person()]))

    found = find_user(services, "org_a", "PIA@a.example")
    disabled = switch_user(services, found, is_active=False)
    enabled = switch_user(services, disabled, is_active=True)

    assert (disabled.state, enabled.state) == ("disabled", "active")
    assert list_users(services, "org_a") == (enabled,)
    with pytest.raises(CommandError, match="no user with the address"):
        find_user(services, "", "pia@a.example")


class NewPool:
    """A user pool without people; keeps whom it was given, and with which state."""

    def __init__(self) -> None:
        self.people: dict[str, str] = {}

    def invite(self, user: User) -> str:
        self.people.setdefault(user.email, "active")
        return f"new-{user.email}"

    def disable(self, user: User) -> None:
        self.people[user.email] = "disabled"


def test_people_of_a_lost_pool_are_in_the_new_one_with_their_state(services):
    list(invite_all(services, [person(), person(mail="max@a.example")]))
    switch_user(services, find_user(services, "org_a", "max@a.example"), False)
    pool: Any = NewPool()
    services = services.evolve(user_pool=pool)

    first = restore_users(services, "org_a")
    again = restore_users(services, "org_a")

    assert pool.people == {"pia@a.example": "active", "max@a.example": "disabled"}
    assert {user.sub for user in first} == {"new-pia@a.example", "new-max@a.example"}
    assert again == first == list_users(services, "org_a")
