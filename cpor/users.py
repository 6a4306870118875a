"""People who may sign in at a stage: invited one by one or from a list, disabled and removed."""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from chalicelib.aws.cognito import CognitoUserPool
from chalicelib.domain.refusals import NotFound, Refusal, UserExists, UsersManagedElsewhere
from chalicelib.domain.text_types import MAIL
from chalicelib.domain.user import User
from chalicelib.ports import Services
from chalicelib.usecases import users
from chalicelib.usecases.callers import PARTNER_ROLES, PROGRAMME_ROLES
from chalicelib.usecases.users import NewUser
from cpor.errors import CommandError
from cpor.stage import Stage, make_services

LANGUAGES = ("de", "en", "fr", "hu", "ja")
COLUMNS = ("organisation", "mail", "name", "roles")  # and, if people differ in it, `locale`
ELSEWHERE = "Tokens of this stage come from an issuer of your own: manage people there."
SENTENCES = {
    UserExists.code: "Somebody with this address can sign in already.",
    NotFound.code: "The organisation is not in the feed. Import it first.",
    "too_many_users": "The organisation has as many people as it can have.",
}


class Person(NamedTuple):
    """Whom to invite, and into which organisation; empty: the programme."""

    organisation_id: str
    user: NewUser


class Result(NamedTuple):
    """What happened to an invitation. `why`: it was not sent; empty if it was."""

    mail: str
    id: str = ""
    why: str = ""


def open_services(stage: Stage) -> Services:
    """Return the services of a stage, with its user pool. Raises CommandError."""
    chosen = stage.settings_of("APIHandler")
    services = make_services(chosen, stage.endpoint)
    if not chosen.user_pool_id and not chosen.has_built_in_issuer:
        raise CommandError(ELSEWHERE)
    if not chosen.user_pool_id:
        return services
    pool = CognitoUserPool(stage.client("cognito-idp"), chosen.user_pool_id)
    return services.evolve(user_pool=pool)


def check_person(person: Person) -> str:
    """Return what is wrong with an invitation, or an empty text."""
    allowed = PARTNER_ROLES if person.organisation_id else PROGRAMME_ROLES
    roles = person.user.roles
    if not roles or set(roles) - allowed:
        whose = "a partner's people" if person.organisation_id else "people of the programme"
        return f"Roles of {whose} are {', '.join(sorted(allowed))}."
    if not MAIL.fullmatch(person.user.email):
        return f"{person.user.email!r} is not a mail address."
    if person.user.locale not in LANGUAGES:
        return f"Languages are {', '.join(LANGUAGES)}."
    return ""


def invite_all(services: Services, people: Iterable[Person]) -> Iterator[Result]:
    """Invite people one by one; who cannot be invited is reported, and the others are invited."""
    for person in people:
        email = person.user.email
        if why := check_person(person):
            yield Result(email, why=why)
            continue
        try:
            made = users.invite_as_operator(
                services, person.organisation_id, person.user, services.clock.now()
            )
            yield Result(email, made.id)
        except UsersManagedElsewhere as refusal:
            raise CommandError(ELSEWHERE) from refusal
        except Refusal as refusal:
            yield Result(email, why=SENTENCES.get(refusal.code, refusal.code))


def read_people(file: Path) -> list[Person]:
    """Read a list of people: CSV with the columns organisation, mail, name, roles, locale.

    Several roles are separated by spaces. Raises CommandError for a missing column.
    """
    with file.open(encoding="utf-8-sig", newline="") as opened:
        reader = csv.DictReader(opened)
        if missing := [name for name in COLUMNS if name not in (reader.fieldnames or ())]:
            raise CommandError(f"{file} has no column {', '.join(missing)}.")
        return [make_person({k: (v or "").strip() for k, v in row.items() if k}) for row in reader]


def make_person(columns: dict[str, str]) -> Person:
    """Make an invitation of the columns of a list."""
    mail = columns["mail"]
    name = columns["name"] or mail.partition("@")[0]
    roles = tuple(columns["roles"].replace(",", " ").split())
    new = NewUser(mail, name, roles, columns.get("locale") or "en")
    return Person(columns["organisation"], new)


def find_user(services: Services, organisation_id: str, mail: str) -> User:
    """Return a person by address. Raises CommandError."""
    found = users.list_users(services, organisation_id)
    for user in found:
        if user.email.lower() == mail.lower():
            return user
    where = organisation_id or "the programme"
    raise CommandError(f"{where} has no user with the address {mail}: cpor users list.")
