"""Mail by SES: the raw message, tagged so that its events name it.

SES has no idempotency token, so a mail is handed over once and never repeated by the client. This
module maps errors to outcomes; the use case decides when to try again.
"""

import re
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import idna
from botocore.exceptions import ClientError, ConnectionError, HTTPClientError

from chalicelib.ports import Mail
from chalicelib.ports.mail import MailPostponed, OutcomeUnknown, RecipientRefused

# SES's message for an address that it refuses (BadRequestException; from public reports).
ADDRESS_FAULT = re.compile(
    r"local address|missing final '@|domain (contains|starts|ends)|illegal (address|character)"
    r"|invalid email address|extended characters",
    re.IGNORECASE,
)
SERVER_FAULT = 500  # HTTP status: the mail may have been accepted
# Lines of 7 bit only: SES asks not to send 8 bit (docs.aws.amazon.com/ses, "RawMessage").
WIRE = SMTP.clone(cte_type="7bit")


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
        """Hand a mail over once and return SES's id of it.

        Raises RecipientRefused, MailPostponed, OutcomeUnknown.
        """
        more = {"ConfigurationSetName": self._configuration_set} if self._configuration_set else {}
        try:
            answer = self._client.send_email(
                FromEmailAddress=self._sender,
                Destination={"ToAddresses": [to_ascii(mail.to)]},
                Content={"Raw": {"Data": make_message(mail, self._sender).as_bytes(policy=WIRE)}},
                EmailTags=[{"Name": "mail", "Value": mail.id}],
                **more,
            )
        except ClientError as error:
            raise _judge(error) from error
        except ConnectionError as error:  # the request was never sent
            raise MailPostponed from error
        except HTTPClientError as error:
            raise OutcomeUnknown from error
        return str(answer["MessageId"])


def make_message(mail: Mail, sender: str) -> EmailMessage:
    """Make the MIME message: text and HTML, marked as automatic so that no machine answers it."""
    message = EmailMessage()
    message["From"], message["To"] = sender, to_ascii(mail.to)
    message["Subject"] = mail.subject
    message["Auto-Submitted"] = "auto-generated"
    message["X-Reference"] = mail.id
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    # Last: adding the alternative would move it into the first part.
    message["Content-Language"] = mail.language
    return message


def to_ascii(address: str) -> str:
    """Return an address with its domain in ASCII (IDNA 2008), as mail servers want it.

    Raises RecipientRefused: the domain cannot be written so.
    """
    if address.isascii():
        return address
    local, _, domain = address.rpartition("@")
    try:
        name = idna.encode(domain, uts46=True, std3_rules=True, transitional=False).decode()
    except idna.IDNAError as error:
        raise RecipientRefused from error
    return f"{local}@{name}"


def _judge(error: ClientError) -> Exception:
    """Map an error to its cause: the recipient, the account, or unknown."""
    answer = error.response
    said = answer.get("Error", {})
    is_bad_request = said.get("Code") in ("BadRequestException", "InvalidParameterValue")
    if is_bad_request and ADDRESS_FAULT.search(said.get("Message", "")):
        return RecipientRefused()
    if answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= SERVER_FAULT:
        return OutcomeUnknown()
    return MailPostponed()
