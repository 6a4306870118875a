"""Format the keys of people who may sign in."""

from chalicelib.aws.keys import Key


def users_of(organisation_id: str) -> str:
    """The partition of the people of an organisation; of the programme for an empty id."""
    return f"Y#{organisation_id}"


def user(organisation_id: str, user_id: str) -> Key:
    """A person of an organisation."""
    return Key(users_of(organisation_id), user_id)
