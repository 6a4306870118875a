"""The mailbox of a sandbox as a page, with the clock."""

from chalicelib.domain.base import rfc3339
from chalicelib.ports import BoxedMail
from chalicelib.usecases import sandbox
from chalicelib.web.api.sandbox import move_time, parse_advance, read_mails
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call
from chalicelib.web.pages import form_models as forms
from chalicelib.web.pages import page_renderer
from chalicelib.web.pages.customer_views import Frame, MailView

PATH = "/sandbox/mailbox"


def show_mailbox(call: Call, query: forms.MailboxQuery) -> Answer[str]:
    mails = [_make_view(mail) for mail in read_mails(call)]
    opened = next((mail for mail in mails if mail.id == query.mail), None)
    settings = call.services.settings
    frame = Frame(
        language="en",
        programme=settings.programme_name,
        path=PATH,
        support_url=settings.support_url,
    )
    return Answer(body=page_renderer.render_mailbox_page(frame, mails, opened, rfc3339(call.now)))


def move_clock_from_mailbox(call: Call, body: forms.ClockForm) -> Answer[None]:
    move_time(call, parse_advance(call.now, body.advance), f"advance {body.advance}")
    return _redirect(call)


def report_event_from_mailbox(call: Call, body: forms.MailboxForm) -> Answer[None]:
    sandbox.report_mail_event(call.services, call.path["mail_id"], body.type, call.now)
    sandbox.run_all_due(call.services, call.now)
    return _redirect(call, f"?mail={call.path['mail_id']}")


def _redirect(call: Call, query: str = "") -> Answer[None]:
    location = f"{call.services.settings.public_base_url}{PATH}{query}"
    return Answer(303, headers={"Location": location})


def _make_view(mail: BoxedMail) -> MailView:
    return MailView(
        id=mail.id,
        to=mail.to,
        subject=mail.subject,
        kind=mail.kind,
        text=mail.text,
        at=mail.at,
        language=mail.language,
        links=mail.links,
        told=mail.events,
    )
