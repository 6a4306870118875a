"""What everybody may ask: whether the service answers, and its contract."""

from typing import Any

from chalicelib.web.api.response_models.service import Health
from chalicelib.web.http import openapi
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call


def check_health(call: Call) -> Answer[Health]:
    chosen = call.services.settings
    return Answer(body={"status": "ok", "stage": chosen.stage, "build": chosen.build})


def show_contract(call: Call) -> Answer[dict[str, Any]]:
    return Answer(body=openapi.describe(call.routes, call.services.settings))
