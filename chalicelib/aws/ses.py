"""Mail by SES: the raw message, tagged so that its events name it."""

from datetime import datetime
from email.message import EmailMessage
from typing import Any

from chalicelib.ports import Mail


class Ses:
    """`ports.Post` over SES v2."""

    def __init__(self, client: Any, sender: str, configuration_set: str) -> None:
        self._client = client
        self._sender = sender
        self._set = configuration_set

    def send(self, mail: Mail, now: datetime) -> str:
        more = {"ConfigurationSetName": self._set} if self._set else {}
        answer = self._client.send_email(
            FromEmailAddress=self._sender,
            Destination={"ToAddresses": [plain(mail.to)]},
            Content={"Raw": {"Data": message(mail, self._sender).as_bytes()}},
            EmailTags=[{"Name": "mail", "Value": mail.id}],
            **more,
        )
        return str(answer["MessageId"])


def message(mail: Mail, sender: str) -> EmailMessage:
    """Return a mail as MIME, text and HTML, marked so that no auto-responder answers it."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, plain(mail.to), mail.subject
    made["Auto-Submitted"] = "auto-generated"
    made["X-Reference"] = mail.id
    made.set_content(mail.text)
    made.add_alternative(mail.html, subtype="html")
    made["Content-Language"] = (
        mail.language
    )  # last: the body would take it along into its first part
    return made


def plain(address: str) -> str:
    """An address whose domain is spelt in ASCII, as mail servers want it; `idna` is loaded for
    other domains only.
    """
    if address.isascii():
        return address
    import idna

    local, _, domain = address.rpartition("@")
    return (
        f"{local}@{idna.encode(domain, uts46=True, std3_rules=True, transitional=False).decode()}"
    )
