"""Routes that only sandbox stages have: tokens, the test clock, the mailbox."""

import time
from datetime import datetime
from typing import Any, cast

from chalicelib.domain.base import rfc3339
from chalicelib.domain.durations import add_duration
from chalicelib.domain.findings import Finding
from chalicelib.domain.refusals import Invalid
from chalicelib.ports import BoxedMail, MovableClock
from chalicelib.usecases import sandbox
from chalicelib.web.api import request_models as requests
from chalicelib.web.api.response_models import sandbox as models
from chalicelib.web.auth.sandbox_issuer import make_issuer
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call

MAX_SECONDS = 20  # that time is moved for in one request; API Gateway gives up after 29
MAX_MAILS = 200  # shown


def make_token(call: Call, body: requests.TokenRequest) -> Answer[models.Token]:
    claims: dict[str, Any] = {
        "sub": body.name or f"{body.organisation_id or 'programme'}-tester",
        "roles": body.roles,
    }
    claims |= {name: value for name, value in body.model_dump(exclude={"roles"}).items() if value}
    token = make_issuer(call.services).make_token(claims, call.now)
    return Answer(body={"access_token": token, "token_type": "Bearer"})


def show_keys(call: Call) -> Answer[models.Keys]:
    keys = make_issuer(call.services).make_jwks()
    return Answer(body=cast(models.Keys, keys))


def show_clock(call: Call) -> Answer[models.Clock]:
    return Answer(body={"now": rfc3339(call.now)})


def move_clock(call: Call, body: requests.ClockMove) -> Answer[models.Clock]:
    """Move time forward; 202 if it is not there yet, and the same call goes on."""
    target, name = _choose_target(call, body)
    moved = move_time(call, target, name)
    if moved.target is None:
        return Answer(body={"now": rfc3339(moved.now)})
    return Answer(202, {"now": rfc3339(moved.now), "target": rfc3339(moved.target)})


def list_mails(call: Call) -> Answer[models.Mailbox]:
    return Answer(body={"data": [_serialize_mail(mail) for mail in read_mails(call)]})


def report_mail_event(call: Call, body: requests.MailEventBody) -> Answer[models.MailTold]:
    """Say what became of a mail: in one word, or by a document of SES; `type` null: ignored."""
    if (body.type is None) == (body.ses is None):
        raise Invalid([Finding(code="one_of", pointer="", values={"fields": "type, ses"})])
    mail_id, event = call.path["mail_id"], None
    sandbox.run_all_due(call.services, call.now)
    if body.ses is not None:
        event = sandbox.report_ses_event(call.services, mail_id, body.ses, call.now)
    elif body.type is not None:
        event = sandbox.report_mail_event(call.services, mail_id, body.type, call.now)
    sandbox.run_all_due(call.services, call.now)
    return Answer(body={"id": mail_id, "type": event})


def move_time(call: Call, target: datetime, name: str) -> sandbox.Moved:
    """Move the test clock to a moment, or part of the way if there is much to do.

    name: of the move; the same one made again continues it.
    """
    began = time.monotonic()
    return sandbox.move_clock(
        call.services,
        cast(MovableClock, call.services.clock),
        sandbox.MoveClock(name, target),
        lambda: time.monotonic() - began > MAX_SECONDS,
    )


def read_mails(call: Call) -> list[BoxedMail]:
    """Return the mails, newest first, after doing everything that is due now."""
    sandbox.run_all_due(call.services, call.now)
    mailbox = call.services.mailbox
    return list(mailbox.list(MAX_MAILS)) if mailbox else []


def parse_advance(now: datetime, duration: str) -> datetime:
    """Return the moment that lies a duration (ISO 8601) ahead. Raises Invalid."""
    target = add_duration(now, duration)
    if target is None:
        raise Invalid([Finding(code="wrong_format", pointer="/advance")])
    return target


def _choose_target(call: Call, body: requests.ClockMove) -> tuple[datetime, str]:
    """Return where the clock is to go, and the name of the move."""
    if body.to is not None and body.advance is None:
        if body.to.tzinfo is None:
            raise Invalid([Finding(code="wrong_format", pointer="/to")])
        return body.to, f"to {rfc3339(body.to)}"
    if body.advance is not None and body.to is None:
        return parse_advance(call.now, body.advance), f"advance {body.advance}"
    raise Invalid([Finding(code="one_of", pointer="", values={"fields": "advance, to"})])


def _serialize_mail(mail: BoxedMail) -> models.BoxedMail:
    return {
        "id": mail.id,
        "to": [mail.to],
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
        "claim_ids": list(mail.claim_ids),
        "links": list(mail.links),
        "kind": mail.kind,
        "language": mail.language,
        "sent_at": rfc3339(mail.at),
        "events": list(mail.events),
    }
