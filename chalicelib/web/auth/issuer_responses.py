"""Responses of an issuer: strict JSON objects."""

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.refusals import Malformed
from chalicelib.net.http_messages import Response
from chalicelib.net.service import Service
from chalicelib.web.http import strict_json


def read_object(service: Service, response: Response) -> Mapping[str, Any]:
    """Return the JSON object of a response, empty for another value. Raises Unavailable."""
    if response.status != 200:
        raise service.unavailable(f"answer {response.status}")
    try:
        value = strict_json.loads(response.body)
    except Malformed as error:
        raise service.unavailable("ambiguous or invalid JSON") from error
    return value if isinstance(value, dict) else {}
