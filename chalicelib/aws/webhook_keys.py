"""Format the keys of webhook endpoints and of what was posted to them."""

from chalicelib.aws.keys import Key, MalformedId
from chalicelib.domain.ids import Kind
from chalicelib.domain.organisation_ids import organisation_key, parse_organisation_key


def endpoints_of(organisation_id: str) -> str:
    """The partition of the endpoints of an organisation."""
    return f"B#{organisation_key(organisation_id)}"


def endpoint(endpoint_id: str) -> Key:
    """An endpoint, or a replay to one. Raises MalformedId."""
    owner = find_owner(endpoint_id)
    if owner is None:
        raise MalformedId(endpoint_id)
    return Key(f"B#{owner}", endpoint_id)


def find_owner(endpoint_id: str) -> str | None:
    """The organisation key in the id of an endpoint or a replay, None for any other text."""
    endpoint_of = parse_organisation_key(Kind.WEBHOOK_ENDPOINT, endpoint_id)
    return endpoint_of or parse_organisation_key(Kind.WEBHOOK_REPLAY, endpoint_id)


def deliveries_of(endpoint_id: str) -> str:
    """The partition of what was posted to an endpoint."""
    return f"B#{endpoint_id}"


def delivery(endpoint_id: str, event_id: str) -> Key:
    """The delivery of an event to an endpoint."""
    return Key(deliveries_of(endpoint_id), event_id)
