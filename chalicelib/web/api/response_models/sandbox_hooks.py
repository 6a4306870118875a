"""The receivers of webhooks that a sandbox offers."""

from typing import Literal

from chalicelib.web.api.response_models.base import Shape, Timestamp


class SandboxHook(Shape):
    id: str
    url: str
    respond: Literal["200", "410", "429", "500", "503", "slow"]


class HookMessage(Shape):
    at: Timestamp
    verified: bool | None
    webhook_id: str
    body: str


class HookMessages(Shape):
    id: str
    url: str
    data: list[HookMessage]
