"""Sessions of people who are signed in.

A closed session is a row without a value that the table deletes within two days: the API may not
delete rows.
"""

from typing import Any

from chalicelib.aws import user_keys
from chalicelib.aws.errors import ConditionFailed, Row
from chalicelib.aws.rows import Rows, make_row, read_text
from chalicelib.aws.store.values import decode, encode
from chalicelib.aws.store.writes import put_version
from chalicelib.domain.session import Session
from chalicelib.ports import Conflict

CLOSED = "{}"


class DynamoSessions:
    """`ports.Sessions` over the table."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def get(self, owner: str, session_id: str) -> Session | None:
        """Return a session that was not closed."""
        found = self._rows.get_one(user_keys.session(owner, session_id))
        return _decode(found) if found else None

    def save(self, session: Session) -> None:
        """Write a session over the version before it. Raises Conflict."""
        put = put_version(_make_row(session), session.rev)
        put_row(self._rows, put)

    def close(self, session: Session) -> None:
        """Remove the value of a session's row, so that no earlier version can be written."""
        key, ends = user_keys.session(session.owner, session.id), int(session.ends_at.timestamp())
        self._rows.put(make_row(key, CLOSED, expires=ends))

    def list_of(self, owner: str) -> tuple[Session, ...]:
        """Return all sessions of a person that were not closed."""
        found = map(_decode, self._rows.query(user_keys.sessions_of(owner)))
        return tuple(session for session in found if session)


def put_row(rows: Rows, put: dict[str, Any]) -> None:
    """Write one row on its condition. Raises Conflict."""
    try:
        rows.put(put.pop("Item"), put.pop("ConditionExpression", ""), **put)
    except ConditionFailed as lost:
        raise Conflict(str(lost)) from lost


def _decode(found: Row) -> Session | None:
    return None if read_text(found) == CLOSED else decode(Session, found)


def _make_row(session: Session) -> Row:
    return make_row(
        user_keys.session(session.owner, session.id),
        encode(session),
        rev=session.rev,
        expires=int(session.ends_at.timestamp()),
    )
