"""Send mails through SES."""

from datetime import datetime
from email.message import EmailMessage
from typing import Any

from chalicelib.ports import Mail


class SesMailSender:
    """`ports.MailSender` over SES v2.

    client: the SES v2 client.
    sender: the address that mails come from.
    configuration_set: the configuration set that reports events, '' for none.
    """

    def __init__(self, client: Any, sender: str, configuration_set: str) -> None:
        self._client = client
        self._sender = sender
        self._configuration_set = configuration_set

    def send(self, mail: Mail, now: datetime) -> str:
        """Send a mail, tagged so that its events name it, and return the id that SES gave it."""
        more = {"ConfigurationSetName": self._configuration_set} if self._configuration_set else {}
        response = self._client.send_email(
            FromEmailAddress=self._sender,
            Destination={"ToAddresses": [to_ascii(mail.to)]},
            Content={"Raw": {"Data": make_message(mail, self._sender).as_bytes()}},
            EmailTags=[{"Name": "mail", "Value": mail.id}],
            **more,
        )
        return str(response["MessageId"])


def make_message(mail: Mail, sender: str) -> EmailMessage:
    """Return a mail as MIME with a text and an HTML part.

    It is marked as written by a machine, so that no machine answers it (RFC 3834).
    """
    message = EmailMessage()
    message["From"] = sender
    message["To"] = to_ascii(mail.to)
    message["Subject"] = mail.subject
    message["Auto-Submitted"] = "auto-generated"
    message["X-Reference"] = mail.id
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    # Set last: `add_alternative` moves content headers into the first part.
    message["Content-Language"] = mail.language
    return message


def to_ascii(address: str) -> str:
    """Return a mail address with its domain in ASCII (UTS 46), as mail servers expect it."""
    if address.isascii():
        return address
    import idna  # loaded for other domains only

    local, _, domain = address.rpartition("@")
    encoded = idna.encode(domain, uts46=True, std3_rules=True, transitional=False)
    return f"{local}@{encoded.decode()}"
