"""The people of an organisation."""

from typing import Annotated, Literal

from chalicelib.usecases.callers import PARTNER_ROLES
from chalicelib.web.api.response_models.base import Shape, make_enum

PartnerRole = Annotated[str, make_enum(*sorted(PARTNER_ROLES))]


class User(Shape):
    id: str
    name: str
    email: str
    roles: list[PartnerRole]
    state: Literal["active", "disabled"]
    version: int


class Users(Shape):
    data: list[User]
    next: str | None
