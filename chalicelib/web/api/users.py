"""The people of a partner organisation, for its administrators."""

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.domain.filing import RequestValue
from chalicelib.domain.text_types import MailAddress
from chalicelib.domain.user import User
from chalicelib.usecases import users
from chalicelib.usecases.callers import PARTNER_ROLES
from chalicelib.usecases.idempotency import StoredResponse
from chalicelib.web.api.paging import read_start, write_next
from chalicelib.web.api.request_models import Name, Page
from chalicelib.web.api.response_models import users as models
from chalicelib.web.api.responses import (
    make_request,
    require_caller,
    send_response,
    store_response,
)
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call

ROLES = tuple(sorted(PARTNER_ROLES))


class Invitation(RequestValue):
    """A person to invite into the caller's organisation."""

    name: Name
    email: Annotated[MailAddress, Field(min_length=3)]
    roles: Annotated[
        tuple[Literal[ROLES], ...],  # type: ignore[valid-type]  # one list
        Field(min_length=1, max_length=len(ROLES)),
    ]
    locale: Literal["de", "en", "fr", "hu", "ja"] = "en"


def list_users(call: Call, query: Page) -> Answer[models.Users]:
    """List the people of the caller's organisation, oldest membership first."""
    start = read_start(call, query) or ""
    everyone = users.list_users(call.services, require_caller(call).organisation)
    later = [user for user in everyone if user.id > start]
    page = later[: query.limit]
    last = page[-1].id if len(later) > len(page) else None
    data = [_serialize(user) for user in page]
    return Answer(body={"data": data, "next": write_next(call, query, last)})


def invite_user(call: Call, body: Invitation) -> Answer[models.User]:
    """Invite a person into the caller's organisation."""

    def respond(user: User) -> StoredResponse:
        return store_response(_serialize(user), 201)

    new = users.NewUser(**body.model_dump())
    return send_response(users.invite(call.services, make_request(call), new, respond))


def remove_user(call: Call) -> Answer[None]:
    """Remove a person from the caller's organisation."""
    users.remove(call.services, require_caller(call), call.path["user_id"])
    return Answer(204)


def _serialize(user: User) -> models.User:
    return {
        "id": user.id,
        "name": user.name,
        "email": user.email,
        "roles": list(user.roles),
        "state": user.state,
    }
