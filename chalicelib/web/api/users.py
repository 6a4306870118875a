"""The people of a partner organisation, for its administrators."""

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.domain.filing import RequestValue
from chalicelib.domain.text_types import DeliverableAddress
from chalicelib.domain.user import User
from chalicelib.usecases import users
from chalicelib.usecases.callers import PARTNER_ROLES
from chalicelib.usecases.idempotency import StoredResponse
from chalicelib.web.api.paging import take_page
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


Roles = Annotated[
    tuple[Literal[ROLES], ...],  # type: ignore[valid-type]  # one list
    Field(min_length=1, max_length=len(ROLES)),
]


class Invitation(RequestValue):
    """A person to invite into the caller's organisation."""

    name: Name
    email: DeliverableAddress
    roles: Roles
    locale: Literal["de", "en", "fr", "hu", "ja"] = "en"


class UserChange(RequestValue):
    """A merge patch of a person's membership: what is left out stays."""

    roles: Roles | None = None
    state: Literal["active", "disabled"] | None = None


def list_users(call: Call, query: Page) -> Answer[models.Users]:
    """List the people of the caller's organisation, oldest membership first."""
    everyone = users.list_users(call.services, require_caller(call).organisation)
    page, following = take_page(call, query, everyone)
    data = [_serialize(user) for user in page]
    return Answer(body={"data": data, "next": following})


def invite_user(call: Call, body: Invitation) -> Answer[models.User]:
    """Invite a person into the caller's organisation."""

    def respond(user: User) -> StoredResponse:
        return store_response(_serialize(user), 201, str(user.rev))

    new = users.NewUser(**body.model_dump())
    return send_response(users.invite(call.services, make_request(call), new, respond))


def change_user(call: Call, body: UserChange) -> Answer[models.User]:
    """Change the roles or the state of a person of the caller's organisation."""
    changes = body.model_dump(exclude_none=True)
    user = users.change(call.services, make_request(call), call.path["user_id"], changes)
    return Answer(body=_serialize(user), etag=str(user.rev))


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
        "version": user.rev,
    }
