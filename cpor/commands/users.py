"""`cpor users`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from chalicelib.domain.user import User
from chalicelib.usecases.users import list_users, remove_user, restore_users, switch_user
from cpor.errors import CommandError
from cpor.exit_codes import DONE, PARTIAL, finish, report_errors
from cpor.options import AsJson, Endpoint, StackName, StageName
from cpor.stage import Stage
from cpor.users import Result, find_user, invite_all, make_person, open_services, read_people

app = typer.Typer(no_args_is_help=True, help="The people who may sign in.")

Organisation = Annotated[
    str,
    typer.Option("--organisation", help="The partner's id in the feed; none: the programme."),
]
Mail = Annotated[str, typer.Option("--mail", help="The person's address.")]


@app.callback()
def users() -> None:
    """The people who may sign in: of partner organisations, and of the programme."""


@app.command("invite")
def invite(  # noqa: PLR0913 - one parameter per option
    organisation: Organisation = "",
    roles: Annotated[str, typer.Option(help="Their roles, separated by commas.")] = "",
    mail: Mail = "",
    name: Annotated[str, typer.Option(help="Their name, as others see it.")] = "",
    locale: Annotated[str, typer.Option(help="The language: de, en, fr, hu or ja.")] = "en",
    file: Annotated[
        Path | None,
        typer.Option(help="A CSV file instead: organisation, mail, name, roles, locale."),
    ] = None,
    stage: StageName = "prod",
    stack: StackName = "",
    endpoint_url: Endpoint = "",
    as_json: AsJson = False,
) -> None:
    """Invite people by mail. They choose a password and set up a second factor at first sign-in.

    Exit codes: 0 all invited, 1 some could not be.
    """
    with report_errors(as_json):
        if (file is None) == (not mail):
            raise CommandError("Give either --mail and --roles, or --file.")
        columns = {"organisation": organisation, "mail": mail, "name": name, "locale": locale}
        people = read_people(file) if file else [make_person(columns | {"roles": roles})]
        results = list(invite_all(open_services(Stage(stage, stack, endpoint_url)), people))
        failed = any(result.why for result in results)
        data = {"ok": not failed, "users": [result._asdict() for result in results]}
        finish(as_json, data, _describe_results(results), PARTIAL if failed else DONE)


@app.command("list")
def list_(
    organisation: Organisation = "",
    stage: StageName = "prod",
    stack: StackName = "",
    endpoint_url: Endpoint = "",
    as_json: AsJson = False,
) -> None:
    """List the people of an organisation, or of the programme."""
    with report_errors(as_json):
        found = list_users(open_services(Stage(stage, stack, endpoint_url)), organisation)
        data = {"ok": True, "users": [_as_json(user) for user in found]}
        finish(as_json, data, _describe(found), DONE)


@app.command("disable")
def disable(
    mail: Mail,
    organisation: Organisation = "",
    stage: StageName = "prod",
    stack: StackName = "",
    endpoint_url: Endpoint = "",
    as_json: AsJson = False,
) -> None:
    """Let a person sign in no more. Tokens that they have are accepted for 15 minutes."""
    _switch(Stage(stage, stack, endpoint_url), organisation, mail, False, as_json)


@app.command("enable")
def enable(
    mail: Mail,
    organisation: Organisation = "",
    stage: StageName = "prod",
    stack: StackName = "",
    endpoint_url: Endpoint = "",
    as_json: AsJson = False,
) -> None:
    """Let a disabled person sign in again."""
    _switch(Stage(stage, stack, endpoint_url), organisation, mail, True, as_json)


@app.command("remove")
def remove(
    mail: Mail,
    organisation: Organisation = "",
    stage: StageName = "prod",
    stack: StackName = "",
    endpoint_url: Endpoint = "",
    as_json: AsJson = False,
) -> None:
    """Remove a person. What they have done stays in the history of claims."""
    with report_errors(as_json):
        services = open_services(Stage(stage, stack, endpoint_url))
        user = find_user(services, organisation, mail)
        remove_user(services, user)
        finish(as_json, {"ok": True, "id": user.id}, [f"{user.email} removed."], DONE)


@app.command("restore")
def restore(
    organisation: Organisation = "",
    stage: StageName = "prod",
    stack: StackName = "",
    endpoint_url: Endpoint = "",
    as_json: AsJson = False,
) -> None:
    """Bring everybody whom the table knows into the user pool, with their roles.

    For an adopted user pool, and for a new one, whose people get a new invitation. It is safe to
    repeat.
    """
    with report_errors(as_json):
        services = open_services(Stage(stage, stack, endpoint_url))
        found = restore_users(services, organisation)
        data = {"ok": True, "users": [_as_json(user) for user in found]}
        finish(as_json, data, _describe(found), DONE)


def _switch(stage: Stage, organisation: str, mail: str, is_active: bool, as_json: bool) -> None:
    with report_errors(as_json):
        services = open_services(stage)
        user = switch_user(services, find_user(services, organisation, mail), is_active)
        data = {"ok": True, "id": user.id, "state": user.state}
        finish(as_json, data, [f"{user.email} is {user.state}."], DONE)


def _as_json(user: User) -> dict[str, object]:
    return user.model_dump(mode="json", include={"id", "name", "email", "roles", "state"})


def _describe(found: tuple[User, ...]) -> Iterator[str]:
    for user in found:
        yield f"{user.email}  {user.state}  {' '.join(user.roles)}  {user.name}  {user.id}"
    yield f"{len(found)} people."


def _describe_results(results: list[Result]) -> Iterator[str]:
    for result in results:
        yield f"{result.mail}  {result.why or f'invited, {result.id}'}"
