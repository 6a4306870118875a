"""Format the keys of rows that only sandboxes have."""

from datetime import datetime

from chalicelib.aws.keys import Key, moment

HOOK_MESSAGES = "M#"  # prefix of the sort keys of messages to a webhook receiver
MAILBOX = "MAILBOX"  # the partition of a sandbox's mails


def grant(grant_id: str) -> Key:
    """A grant of a sandbox's issuer, by its hash."""
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


def hook(hook_id: str) -> Key:
    """A receiver of webhooks."""
    return Key(f"HOOK#{hook_id}", "HOOK")


def hook_message(hook_id: str, at: datetime, nonce: str) -> Key:
    """A message that a webhook receiver got."""
    return Key(hook(hook_id).pk, f"{HOOK_MESSAGES}{moment(at)}#{nonce}")
