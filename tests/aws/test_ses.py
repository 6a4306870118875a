"""What SES's answers mean for a mail."""

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)

from chalicelib.aws.clients import make_mail_client
from chalicelib.aws.ses import SesMailSender
from chalicelib.ports import Mail
from chalicelib.ports.mail import MailPostponed, OutcomeUnknown, RecipientRefused

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
URL = "https://email.eu-central-1.amazonaws.com"


class Answering:
    """SES, giving one answer; keeps what it was asked."""

    def __init__(self, answer: Exception | None = None) -> None:
        self.answer = answer
        self.calls: list[dict[str, Any]] = []

    def send_email(self, **call: Any) -> dict[str, str]:
        self.calls.append(call)
        if self.answer:
            raise self.answer
        return {"MessageId": "m-1"}


def a_mail(to: str = "it@fabrikam.example", text: str = "Grüße") -> Mail:
    return Mail("mai_0", to, "Übersicht", text, f"<p>{text}</p>", "notice", "de")


def refusing(code: str, message: str = "", status: int = 400) -> ClientError:
    answer = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(answer, "SendEmail")  # type: ignore[arg-type]


def send(answer: Exception | None, mail: Mail | None = None) -> str:
    return SesMailSender(Answering(answer), "por@vendor.example", "").send(mail or a_mail(), NOW)


@pytest.mark.parametrize(
    "message",
    [
        "Local address contains control or whitespace",  # EmailValidator#414
        "Missing final '@domain'",
        "Domain contains dot-dot",
        "Domain ends with dot",
        "Illegal address",
    ],
)
def test_an_address_that_ses_does_not_take_is_the_recipients(message: str) -> None:
    with pytest.raises(RecipientRefused):
        send(refusing("BadRequestException", message))


def test_a_domain_that_has_no_ascii_form_is_the_recipients() -> None:
    with pytest.raises(RecipientRefused):
        send(None, a_mail(to="it@\u2603\u200d.example"))


@pytest.mark.parametrize(
    "answer",
    [
        refusing("MessageRejected", "Email address is not verified."),
        refusing("TooManyRequestsException", status=429),
        refusing("LimitExceededException", "Daily message quota exceeded."),
        refusing("SendingPausedException"),
        refusing("AccountSuspendedException"),
        refusing("MailFromDomainNotVerifiedException"),
        refusing("BadRequestException", "Configuration set does not exist"),
        refusing("AccessDeniedException", status=403),
        EndpointConnectionError(endpoint_url=URL),
        ConnectTimeoutError(endpoint_url=URL),
    ],
)
def test_what_has_nothing_to_do_with_the_recipient_is_postponed(answer: Exception) -> None:
    with pytest.raises(MailPostponed):
        send(answer)


@pytest.mark.parametrize(
    "answer",
    [
        ReadTimeoutError(endpoint_url=URL),
        ConnectionClosedError(endpoint_url=URL),
        refusing("InternalServiceErrorException", status=500),
        refusing("ServiceUnavailable", status=503),
    ],
)
def test_an_answer_that_never_came_leaves_the_outcome_open(answer: Exception) -> None:
    with pytest.raises(OutcomeUnknown):
        send(answer)


@pytest.mark.parametrize("text", ["Grüße", "日本語の本文", "plain"])
def test_a_message_has_lines_of_seven_bits_only(text: str) -> None:
    ses = Answering()

    assert SesMailSender(ses, "por@vendor.example", "").send(a_mail(text=text), NOW) == "m-1"
    ses.calls[0]["Content"]["Raw"]["Data"].decode("ascii")


def test_a_mail_is_handed_over_in_one_attempt_with_a_long_time_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")

    config = make_mail_client().meta.config

    assert config.retries["total_max_attempts"] == 1
    assert config.read_timeout >= 20
