"""A receiver of webhooks in the sandbox: a partner needs no server to see a signed event."""

import time
from typing import Annotated

from pydantic import Field

from chalicelib.domain.base import rfc3339
from chalicelib.domain.filing import RequestValue
from chalicelib.domain.refusals import NotFound
from chalicelib.domain.sandbox_hook import (
    MAX_BODY,
    MAX_SHOWN,
    HookMessage,
    Respond,
    SandboxHook,
)
from chalicelib.domain.standard_webhooks import is_genuine, parse_secret
from chalicelib.ports.sandbox_hooks import SandboxHooks
from chalicelib.usecases.sandbox import run_all_due
from chalicelib.web.api.response_models import sandbox_hooks as models
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call

SIGNED = ("webhook-id", "webhook-timestamp", "webhook-signature")
SLOW_SECONDS = 16  # a receiver has 15 (integration.md, 3)


class HookBody(RequestValue):
    """A receiver to make. respond: the status that it answers; `slow`: none in time."""

    respond: Respond = "200"


class HookQuery(RequestValue):
    """The secret of the endpoint, to verify what came."""

    secret: Annotated[str, Field(max_length=200)] = ""


def create_hook(call: Call, body: HookBody) -> Answer[models.SandboxHook]:
    """Make a receiver with an address of its own."""
    hook = SandboxHook(
        id=call.services.random_bytes(12).hex(),
        respond=body.respond,
        created_at=call.services.read_real_time(),
    )
    _require_hooks(call).save(hook)
    shown: models.SandboxHook = {
        "id": hook.id,
        "url": _make_url(call, hook),
        "respond": hook.respond,
    }
    return Answer(201, shown)


def show_hook(call: Call, query: HookQuery) -> Answer[models.HookMessages]:
    """Deliver what is due, and show what came, newest first."""
    hook = _get(call)
    run_all_due(call.services, call.now)
    found = _require_hooks(call).list(hook.id, MAX_SHOWN)
    data = [_serialize(message, query.secret) for message in found]
    return Answer(body={"id": hook.id, "url": _make_url(call, hook), "data": data})


def receive(call: Call) -> Answer[None]:
    """Keep what came, and answer as the receiver is set up."""
    hook = _get(call)
    message = HookMessage(
        at=call.services.read_real_time(),
        headers={name: call.headers.get(name, "")[:MAX_BODY] for name in SIGNED},
        body=call.raw_body.decode(errors="replace")[:MAX_BODY],
    )
    _require_hooks(call).add(hook, message)
    if hook.respond == "slow":
        time.sleep(SLOW_SECONDS)
        return Answer(204)
    return Answer(int(hook.respond))


def _get(call: Call) -> SandboxHook:
    hook = _require_hooks(call).get(call.path["hook_id"])
    if hook is None:
        raise NotFound()
    return hook


def _require_hooks(call: Call) -> SandboxHooks:
    if call.services.hooks is None:
        raise NotFound()
    return call.services.hooks


def _make_url(call: Call, hook: SandboxHook) -> str:
    return f"{call.services.settings.public_base_url}/sandbox/hooks/{hook.id}"


def _serialize(message: HookMessage, secret: str) -> models.HookMessage:
    return {
        "at": rfc3339(message.at),
        "verified": _is_verified(message, secret) if secret else None,
        "webhook_id": message.headers["webhook-id"],
        "body": message.body,
    }


def _is_verified(message: HookMessage, secret: str) -> bool:
    """Return whether a message was signed with a secret, and was fresh when it came."""
    key = parse_secret(secret)
    return key is not None and is_genuine(
        [key],
        message.headers["webhook-id"],
        message.headers["webhook-timestamp"],
        message.body.encode(),
        message.headers["webhook-signature"],
        [message.at.timestamp()],
    )
