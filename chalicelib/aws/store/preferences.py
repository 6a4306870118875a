"""What people have chosen for the pages."""

from chalicelib.aws import user_keys
from chalicelib.aws.rows import Rows, make_row
from chalicelib.aws.store.sessions import put_row
from chalicelib.aws.store.values import decode_optional, encode
from chalicelib.aws.store.writes import put_version
from chalicelib.domain.preferences import Preferences


class DynamoPreferences:
    """`ports.PreferenceRecords` over the table."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def get(self, organisation_id: str, sub: str) -> Preferences | None:
        """Return a person's preferences, None when nothing was ever saved."""
        key = user_keys.preferences(organisation_id, sub)
        return decode_optional(Preferences, self._rows.get_one(key))

    def save(self, preferences: Preferences) -> None:
        """Write preferences over the version before them. Raises Conflict."""
        key = user_keys.preferences(preferences.organisation_id, preferences.sub)
        row = make_row(key, encode(preferences), rev=preferences.rev)
        put_row(self._rows, put_version(row, preferences.rev))
