"""Format the keys of what sending mails needs to know of a customer."""

import hashlib
from datetime import datetime

from chalicelib.aws.keys import Key, moment, tenant_partition

# How the sort keys of a tenant's records begin.
STRUCK = "B#"
SHARED_MAILS = "W#"


def struck_address(tenant_key: str, address: str) -> Key:
    """An address (in canonical form) whose mails bounced or caused a complaint."""
    hashed = hashlib.sha256(address.encode()).hexdigest()
    return Key(tenant_partition(tenant_key), f"{STRUCK}{hashed}")


def shared_mail(tenant_key: str, organisation_key: str, at: datetime, claim_id: str = "") -> Key:
    """A claim whose end is mailed with others of its partner; without an id, the prefix."""
    start = f"{SHARED_MAILS}{organisation_key}#{moment(at)}#"
    return Key(tenant_partition(tenant_key), f"{start}{claim_id}")
