"""API keys of organisations."""

import json

from chalicelib.aws import user_keys
from chalicelib.aws.rows import Rows, read_text
from chalicelib.aws.store.values import decode, decode_optional
from chalicelib.domain.api_key import ApiKey
from chalicelib.domain.ids import Kind
from chalicelib.domain.organisation_ids import parse_organisation_key


class DynamoApiKeys:
    """`ports.ApiKeys` over the table."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def list(self, organisation_id: str) -> tuple[ApiKey, ...]:
        """List the keys of an organisation, oldest first."""
        found = self._rows.query(user_keys.api_keys_of(organisation_id))
        return tuple(decode(ApiKey, row) for row in found)

    def get(self, key_id: str) -> ApiKey | None:
        """Return a key by its id."""
        if parse_organisation_key(Kind.API_KEY, key_id) is None:
            return None
        return decode_optional(ApiKey, self._rows.get_one(user_keys.api_key(key_id)))

    def find(self, sha256: str) -> ApiKey | None:
        """Return the key with this hash."""
        found = self._rows.get_one(user_keys.api_key_hash(sha256))
        return self.get(json.loads(read_text(found))["id"]) if found else None
