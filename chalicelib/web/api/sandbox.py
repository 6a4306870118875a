"""What only sandbox stages have: tokens for the asking, the test clock, the mailbox."""

import time
from typing import TYPE_CHECKING, Any

from chalicelib.domain.base import rfc3339
from chalicelib.domain.durations import add_duration
from chalicelib.domain.findings import Finding
from chalicelib.domain.refusals import Invalid
from chalicelib.usecases import sandbox
from chalicelib.web.auth.sandbox_issuer import Issuer
from chalicelib.web.http.call import Answer, Call
from chalicelib.web.http.routing import Routes

if TYPE_CHECKING:
    from chalicelib.web.api import request_models

PATIENCE = 20  # seconds; a gateway cuts an answer off after 29
SHOWN = 200  # mails
routes = Routes()


@routes.post(
    "/sandbox/tokens",
    who=None,
    body="TokenRequest",
    kind="sandbox",
    answers="Token",
    summary="A token for the asking",
)
def tokens(call: Call) -> Answer:
    wanted: request_models.TokenRequest = call.body
    claims: dict[str, Any] = {
        "sub": wanted.name or f"{wanted.organisation_id or 'programme'}-tester",
        "roles": wanted.roles,
    }
    claims |= {k: v for k, v in wanted.model_dump(exclude={"roles"}).items() if v}
    return Answer(
        body={"access_token": _issuer(call).mint(claims, call.now), "token_type": "Bearer"}
    )


@routes.get(
    "/sandbox/issuer/jwks",
    who=None,
    kind="sandbox",
    answers="Keys",
    summary="The built-in issuer's public keys",
)
def jwks(call: Call) -> Answer:
    return Answer(body=_issuer(call).jwks())


@routes.get("/sandbox/clock", who=None, kind="sandbox", answers="Clock", summary="The test clock")
def clock(call: Call) -> Answer:
    return Answer(body={"now": rfc3339(call.now)})


@routes.post(
    "/sandbox/clock",
    who=None,
    body="ClockMove",
    kind="sandbox",
    status=(200, 202),
    answers="Clock",
    summary="Move time forward",
)
def move(call: Call) -> Answer:
    target, asked = _target(call)
    began = time.monotonic()
    clock_: Any = call.services.clock
    moved = sandbox.move(
        call.services, clock_, asked, target, lambda: time.monotonic() - began > PATIENCE
    )
    if moved.target is None:
        return Answer(body={"now": rfc3339(moved.now)})
    return Answer(202, {"now": rfc3339(moved.now), "target": rfc3339(moved.target)})


@routes.get(
    "/sandbox/mail",
    who=None,
    kind="sandbox",
    answers="Mailbox",
    summary="The mails that were sent, newest first",
)
def mails(call: Call) -> Answer:
    return Answer(body={"data": [shown(mail) for mail in sent(call)]})


@routes.post(
    "/sandbox/mail/{mail_id}/events",
    who=None,
    body="MailEventBody",
    kind="sandbox",
    answers="MailTold",
    summary="Say what became of a mail",
)
def events(call: Call) -> Answer:
    sandbox.settle(call.services, call.now)
    sandbox.say(call.services, call.path["mail_id"], call.body.type, call.now)
    sandbox.settle(call.services, call.now)
    return Answer(body={"id": call.path["mail_id"], "type": call.body.type})


def sent(call: Call) -> list[Any]:
    """The mails, once everything that is due now has been done: whoever looks shall not have to
    wait for a worker.
    """
    sandbox.settle(call.services, call.now)
    return list(call.services.mailbox.mails(SHOWN)) if call.services.mailbox else []


def shown(mail: Any) -> dict[str, Any]:
    """A mail as the contract shows it (api.md, "The embedded run")."""
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
        "events": list(mail.told),
    }


def _issuer(call: Call) -> Issuer:
    secrets: Any = call.services.secrets
    return Issuer(call.services.settings, secrets.keep)


def _target(call: Call) -> tuple[Any, str]:
    """Where the clock is to go, and the call's name for going on with it."""
    wanted: request_models.ClockMove = call.body
    if (wanted.advance is None) == (wanted.to is None):
        raise Invalid([Finding(code="one_of", pointer="", values={"fields": "advance, to"})])
    if wanted.to is not None:
        if wanted.to.tzinfo is None:
            raise Invalid([Finding(code="wrong_format", pointer="/to")])
        return wanted.to, f"to {rfc3339(wanted.to)}"
    target = add_duration(call.now, wanted.advance or "")
    if target is None:
        raise Invalid([Finding(code="wrong_format", pointer="/advance")])
    return target, f"advance {wanted.advance}"


@routes.get(
    "/sandbox/mailbox", who=None, kind="page", query="MailboxQuery", summary="The mails as a page"
)
def mailbox(call: Call) -> Answer:
    from chalicelib.web.pages import page_renderer

    mails = [_boxed(mail) for mail in sent(call)]
    opened = next((mail for mail in mails if mail.id == call.query.mail), None)
    return Answer(
        body=page_renderer.mailbox_page(_frame(call), mails, opened, rfc3339(call.now)),
        headers=dict(page_renderer.HEADERS),
    )


@routes.post(
    "/sandbox/mailbox/clock",
    who=None,
    kind="page",
    body="ClockForm",
    summary="Move time forward, from the page",
)
def mailbox_clock(call: Call) -> Answer:
    target = add_duration(call.now, call.body.advance)
    if target is None:
        raise Invalid([Finding(code="wrong_format", pointer="/advance")])
    began = time.monotonic()
    clock_: Any = call.services.clock
    sandbox.move(
        call.services,
        clock_,
        f"advance {call.body.advance}",
        target,
        lambda: time.monotonic() - began > PATIENCE,
    )
    return _to_mailbox(call)


@routes.post(
    "/sandbox/mailbox/{mail_id}",
    who=None,
    kind="page",
    body="MailboxForm",
    summary="Say what became of a mail, from the page",
)
def mailbox_event(call: Call) -> Answer:
    sandbox.say(call.services, call.path["mail_id"], call.body.type, call.now)
    sandbox.settle(call.services, call.now)
    return _to_mailbox(call, f"?mail={call.path['mail_id']}")


def _to_mailbox(call: Call, query: str = "") -> Answer:
    return Answer(
        303,
        None,
        headers={"Location": f"{call.services.settings.public_base_url}/sandbox/mailbox{query}"},
    )


def _boxed(mail: Any) -> Any:
    from chalicelib.web.pages.customer_views import MailView

    return MailView(
        id=mail.id,
        to=mail.to,
        subject=mail.subject,
        kind=mail.kind,
        text=mail.text,
        at=mail.at,
        language=mail.language,
        links=mail.links,
        told=mail.told,
    )


def _frame(call: Call) -> Any:
    from chalicelib.web.pages.customer_views import Frame

    chosen = call.services.settings
    return Frame(
        language="en",
        programme=chosen.programme_name,
        path="/sandbox/mailbox",
        support_url=chosen.support_url,
    )
