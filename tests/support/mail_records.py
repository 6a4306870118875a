"""The record of a mail, with defaults."""

from typing import Any

from chalicelib.domain.mail_records import MailRecord
from tests.support.claims import NOW, TENANT


def a_mail_record(**changes: Any) -> MailRecord:
    """Return a notice to a contact of a tenant, who is known from the directory."""
    values: dict[str, Any] = {
        "id": f"mai_{'0' * 38}",
        "tenant_id": TENANT,
        "kind": "notice",
        "claim_ids": (),
        "recipient": "admin@fabrikam.example",
        "source": "directory",
        "scope": "tenant",
        "language": "en",
        "template": "1",
        "template_hash": "",
        "text_hash": "",
        "sent_at": NOW,
    }
    return MailRecord(**values | changes)
