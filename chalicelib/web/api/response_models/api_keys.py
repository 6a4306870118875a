"""API keys."""

from typing import Annotated, Literal, NotRequired

from pydantic import Field

from chalicelib.web.api.response_models.base import Date, Shape, Timestamp


class ApiKey(Shape):
    id: str
    name: str
    role: Literal["billing_admin", "incentives_user"]
    state: Literal["active", "expired", "revoked"]
    created_at: Timestamp
    expires_on: Date
    from_addresses: list[str]
    contact: str | None
    last_used_on: Date | None


class NewApiKey(ApiKey):
    key: NotRequired[Annotated[str, Field(pattern="^cpk_")]]


class ApiKeys(Shape):
    data: list[ApiKey]
    next: str | None
