"""The state of the service, and what webhooks answer."""

from typing import Literal

from chalicelib.web.api.response_models.base import Shape


class Health(Shape):
    status: Literal["ok"]
    stage: str
    build: str  # the beginning of the digest of the deployed package


class Accepted(Shape):
    accepted: Literal[True]
