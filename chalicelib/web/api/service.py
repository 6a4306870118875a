"""Public routes: health, the contract and the public keys."""

from typing import Any, cast

from chalicelib.web.api.response_models.service import Health, KeySet
from chalicelib.web.api.webhook_descriptions import describe_webhooks
from chalicelib.web.http import openapi
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call


def check_health(call: Call) -> Answer[Health]:
    chosen = call.services.settings
    return Answer(body={"status": "ok", "stage": chosen.stage, "build": chosen.build})


def show_history_keys(call: Call) -> Answer[KeySet]:
    keys = call.services.history_keys.list_public_keys()
    return Answer(
        body=cast(KeySet, {"keys": keys}), headers={"Cache-Control": "public, max-age=3600"}
    )


def show_contract(call: Call) -> Answer[dict[str, Any]]:
    document = openapi.describe(call.routes, call.services.settings)
    has_feed = "/v1/events" in call.routes.paths
    return Answer(body=document | ({"webhooks": describe_webhooks()} if has_feed else {}))
