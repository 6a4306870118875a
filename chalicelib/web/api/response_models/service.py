"""The state of the service, and what webhooks answer."""

from typing import Literal

from chalicelib.web.api.response_models.base import Shape


class Health(Shape):
    status: Literal["ok"]
    stage: str


class Accepted(Shape):
    accepted: Literal[True]
