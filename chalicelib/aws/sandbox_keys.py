"""Format the keys of what only sandboxes store."""

from chalicelib.aws.keys import Key

MAILBOX = "MAILBOX"  # the partition of a sandbox's mails


def grant(grant_id: str) -> Key:
    """What the issuer of a sandbox gave out, by its hash."""
    return Key(f"G#{grant_id}", "G")


def sandbox_mail(box_id: str) -> Key:
    """A mail in the mailbox of a sandbox."""
    return Key(MAILBOX, box_id)


def clock() -> Key:
    """The test clock of a sandbox."""
    return Key("CLOCK", "CLOCK")


def secret(name: str) -> Key:
    """A secret of a sandbox."""
    return Key("SECRET", name)
