"""SES's SendEmail over HTTP, as slow and as unwilling as a test says.

Sources of the answers: SES API v2 reference, "SendEmail", Errors; the protocol is REST-JSON, whose
errors are named by the header `x-amzn-ErrorType`.
"""

import base64
import email
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from typing import NamedTuple

from tests.support.forwarding import ForwardingHandler, serving

SEND_EMAIL = "/v2/email/outbound-emails"


class Behaviour(NamedTuple):
    """How a call is answered.

    takes: whether the mail goes out, whatever the answer says.
    status, error, message: the answer; status 0 closes the connection without one.
    seconds: how long the caller waits for it.
    """

    takes: bool = True
    status: int = 200
    error: str = ""
    message: str = ""
    seconds: float = 0.0


WELL = Behaviour()
PAUSED = Behaviour(False, 400, "SendingPausedException", "Account sending is disabled.")
UNVERIFIED = Behaviour(False, 400, "MessageRejected", "Email address is not verified.")
THROTTLED = Behaviour(False, 429, "TooManyRequestsException", "Maximum sending rate exceeded.")
OVER_QUOTA = Behaviour(False, 400, "LimitExceededException", "Daily message quota exceeded.")
FAILING = Behaviour(False, 503, "ServiceUnavailable", "")
SILENT = Behaviour(status=0)  # takes the mail, and the connection is lost


@dataclass(frozen=True)
class Taken:
    """A mail that went out. `mail_id`: of the tag that names it in events."""

    mail_id: str
    provider_id: str
    to: str
    message: EmailMessage

    @property
    def text(self) -> str:
        """The plain text of the mail."""
        part = self.message.get_body(("plain",))
        assert part is not None
        return str(part.get_content())


@dataclass
class FakeSes:
    """The service: its address, how it behaves, and what it has seen.

    behave: decides with a mail and the number of its call, from 1.
    calls: how often each mail was handed over, by its id.
    taken: the mails that went out, in order.
    reports: called with every mail that goes out; SES publishes its event `Send` then.
    """

    url: str = ""
    behave: Callable[["Taken", int], Behaviour] = lambda mail, call: WELL
    calls: Counter[str] = field(default_factory=Counter)
    taken: list[Taken] = field(default_factory=list)
    reports: Callable[[Taken], None] = lambda taken: None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def receive(self, request: dict[str, object]) -> tuple[Behaviour, str]:
        """Take a call, and return how to answer it and with which id."""
        tags = {tag["Name"]: tag["Value"] for tag in request["EmailTags"]}  # type: ignore[attr-defined]
        mail_id = tags["mail"]
        with self._lock:
            self.calls[mail_id] += 1
            provider_id = f"{len(self.taken):016x}-{mail_id[-8:]}"
            taken = _parse(request, mail_id, provider_id)
            behaviour = self.behave(taken, self.calls[mail_id])
            if behaviour.takes:
                self.taken.append(taken)
        if behaviour.takes:
            self.reports(taken)
        return behaviour, provider_id

    def count_copies(self) -> Counter[str]:
        """Count how often each mail went out."""
        return Counter(one.mail_id for one in self.taken)


@contextmanager
def fake_ses(behind: str = "") -> Iterator[FakeSes]:
    """Serve SES; other requests are forwarded to `behind`, the emulator."""
    service = FakeSes()

    class Handler(ForwardingHandler):
        def answer_itself(self, body: bytes) -> bool:
            if self.path != SEND_EMAIL:
                return False
            behaviour, provider_id = service.receive(json.loads(body))
            time.sleep(behaviour.seconds)
            if behaviour.status == 0:
                self.close_connection = True
            elif behaviour.error:
                named = {"x-amzn-ErrorType": behaviour.error}
                text = json.dumps({"message": behaviour.message})
                self.answer(behaviour.status, named, text.encode())
            else:
                self.answer(200, {}, json.dumps({"MessageId": provider_id}).encode())
            return True

    Handler.behind = behind
    with serving(Handler) as service.url:
        yield service


def _parse(request: dict[str, object], mail_id: str, provider_id: str) -> Taken:
    raw = base64.b64decode(request["Content"]["Raw"]["Data"])  # type: ignore[index]
    message = email.message_from_bytes(raw, _class=EmailMessage, policy=default)
    assert isinstance(message, EmailMessage)
    (to,) = request["Destination"]["ToAddresses"]  # type: ignore[index]
    return Taken(mail_id, provider_id, to, message)
