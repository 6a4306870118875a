"""No endpoint at all: only the calls of one filing, which is the least that it can cost with this
client.
"""

from collections.abc import Callable
from typing import Any

from botocore import xform_name

from chalicelib.aws.clients import get_client
from chalicelib.aws.files import get_s3_client

from . import bare
from .endpoint import Endpoint

Call = tuple[Any, str, Any]


def handler(endpoint: Endpoint) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    """Return a function that records the calls of the first filing, and then makes only these."""
    first = bare.handler(endpoint)
    recorded: list[Call] = []

    def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
        if not recorded:
            return _record(recorded, lambda: first(event, context))
        for one, operation, parameters in recorded:
            answer = getattr(one, operation)(**parameters)
            if "Body" in answer:
                answer["Body"].read()
        return {"statusCode": 201, "body": ""}

    return handle


def _record(recorded: list[Call], do: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Append every call that is made, by botocore's event before its parameters are built."""
    clients = (get_client("dynamodb"), get_client("sqs"), get_s3_client(""))
    handlers = {one: _recorder(recorded, one) for one in clients}
    for one, note in handlers.items():
        one.meta.events.register("before-parameter-build", note)
    try:
        return do()
    finally:
        for one, note in handlers.items():
            one.meta.events.unregister("before-parameter-build", note)


def _recorder(recorded: list[Call], one: Any) -> Callable[..., None]:
    def note(params: dict[str, Any], model: Any, **_: Any) -> None:
        recorded.append((one, xform_name(model.name), dict(params)))

    return note
