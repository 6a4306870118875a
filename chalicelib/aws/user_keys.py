"""Format the keys of people who may sign in, their sessions, and the API keys of their
organisations.
"""

import hashlib

from chalicelib.aws.keys import Key, MalformedId
from chalicelib.domain.ids import Kind
from chalicelib.domain.organisation_ids import organisation_key, parse_organisation_key


def users_of(organisation_id: str) -> str:
    """The partition of the people of an organisation; of the programme for an empty id."""
    return f"Y#{organisation_id}"


def user(organisation_id: str, user_id: str) -> Key:
    """A person of an organisation."""
    return Key(users_of(organisation_id), user_id)


def api_keys_of(organisation_id: str) -> str:
    """The partition of the API keys of an organisation."""
    return f"V#{organisation_key(organisation_id)}"


def api_key(key_id: str) -> Key:
    """An API key. Raises MalformedId."""
    owner = parse_organisation_key(Kind.API_KEY, key_id)
    if owner is None:
        raise MalformedId(key_id)
    return Key(f"V#{owner}", key_id)


def api_key_hash(sha256: str) -> Key:
    """Which API key has this hash."""
    return Key(f"V#{sha256}", "V")


def preferences(organisation_id: str, sub: str) -> Key:
    """What a person of an organisation, or of the programme, has chosen for the pages."""
    person = hashlib.sha256(f"{organisation_id}\0{sub}".encode()).hexdigest()
    return Key(f"Z#{person}", "Z")


def session(owner: str, session_id: str) -> Key:
    """The session of a person (a hash) in one browser (the hash of its cookie)."""
    return Key(sessions_of(owner), session_id)


def sessions_of(owner: str) -> str:
    """The partition of all sessions of one person."""
    return f"N#{owner}"
