"""What only sandbox stages answer."""

from typing import Annotated, Literal, NotRequired

from chalicelib.domain.mail_records import ReportType
from chalicelib.web.api.response_models.base import OMITTED_WHEN_NONE, Shape, Timestamp


class Token(Shape):
    access_token: str
    token_type: Literal["Bearer"]


class PublicKey(Shape):
    kty: Literal["EC"]
    crv: Literal["P-256"]
    x: str
    y: str
    kid: str
    use: Literal["sig"]
    alg: Literal["ES256"]


class Keys(Shape):
    keys: list[PublicKey]


class Clock(Shape):
    """`target`: where it is still going, when it has not arrived."""

    now: Timestamp
    target: NotRequired[Annotated[Timestamp | None, OMITTED_WHEN_NONE]]


class BoxedMail(Shape):
    id: str
    to: list[str]
    subject: str
    text: str
    html: str
    claim_ids: list[str]
    links: list[str]
    kind: str
    language: str
    sent_at: Timestamp
    events: list[str]


class Mailbox(Shape):
    data: list[BoxedMail]


class MailTold(Shape):
    """`type`: null when the handler passes over such an event, an out-of-office reply for one."""

    id: str
    type: ReportType | None
