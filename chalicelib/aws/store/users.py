"""The memberships of people in organisations."""

from chalicelib.aws import user_keys
from chalicelib.aws.rows import Rows
from chalicelib.aws.store.values import decode, decode_optional
from chalicelib.domain.user import User


class DynamoUsers:
    """`ports.Users` over the table."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def list(self, organisation_id: str) -> tuple[User, ...]:
        """List the people of an organisation, those of the programme for an empty id."""
        return tuple(
            decode(User, found) for found in self._rows.query(user_keys.users_of(organisation_id))
        )

    def get(self, organisation_id: str, user_id: str) -> User | None:
        """Return one person of an organisation."""
        return decode_optional(User, self._rows.get_one(user_keys.user(organisation_id, user_id)))

    def remove(self, organisation_id: str, user_id: str) -> None:
        """Remove a membership. Idempotent."""
        self._rows.write(deletes=[user_keys.user(organisation_id, user_id)])
