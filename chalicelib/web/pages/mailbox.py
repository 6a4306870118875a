"""The mailbox of a sandbox as a page: what customers, partners and reviewers receive."""

import re
from collections.abc import Iterator, Sequence

from chalicelib.domain.refusals import NotFound
from chalicelib.ports import BoxedMail
from chalicelib.text.cleaning import clean_lines
from chalicelib.usecases import sandbox
from chalicelib.web.api.sandbox import read_mails
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call
from chalicelib.web.pages import form_models as forms
from chalicelib.web.pages.shell import public
from chalicelib.web.pages.shell.headers import find_origin

PATH = "/sandbox/mailbox"
FRAME_POLICY = "frame-src 'self'; default-src 'none'; script-src 'self'; style-src 'self'; "
FRAME_POLICY += "img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
# A mail is shown in a frame without any right but opening its links in a new tab.
MAIL_POLICY = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
MAIL_POLICY += "style-src 'unsafe-inline'; frame-ancestors 'self'"
HEAD = "<head>"


def show_mailbox(call: Call, query: forms.MailboxQuery) -> Answer[str]:
    """Show all mails, those of a claim or to a recipient, or one mail."""
    mails = read_mails(call)
    opened = next((mail for mail in mails if mail.id == query.mail), None)
    shown = {
        "opened": opened,
        "body": list(split_links(opened.text, opened.links)) if opened else [],
        "mails": [mail for mail in mails if _is_wanted(mail, query)],
        "recipients": sorted({mail.to for mail in mails}),
        "claims": sorted({claim for mail in mails for claim in mail.claim_ids}, reverse=True),
        "chosen": query,
    }
    answer = public.show(call, "mailbox.html", "mailbox.title", shown)
    headers = {**answer.headers, "Content-Security-Policy": FRAME_POLICY}
    return Answer(answer.status, answer.body, headers=headers)


def show_mail(call: Call) -> Answer[str]:
    """Show the HTML part of a mail, as its recipient sees it."""
    mailbox = call.services.mailbox
    mail = mailbox.get(call.path["mail_id"]) if mailbox else None
    if mail is None:
        raise NotFound
    html = mail.html.replace(HEAD, f'{HEAD}\n<base target="_blank">', 1)
    logo = call.services.settings.mail_logo_url
    policy = f"{MAIL_POLICY}; img-src {find_origin(logo)}" if logo else MAIL_POLICY
    headers = {"Content-Security-Policy": policy, "X-Frame-Options": "SAMEORIGIN"}
    return Answer(body=html, headers=headers)


def report_event_from_mailbox(call: Call, body: forms.MailboxForm) -> Answer[None]:
    sandbox.report_mail_event(call.services, call.path["mail_id"], body.type, call.now)
    sandbox.run_all_due(call.services, call.now)
    return _redirect(call, f"?mail={call.path['mail_id']}")


def split_links(text: str, links: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the text in pieces (text, address); only addresses that we wrote are links."""
    ours = [link for link in links if link.startswith(("https://", "http://"))]
    text = "\n".join(clean_lines(text, 50_000))
    if not ours:
        yield text, ""
        return
    longest_first = "|".join(re.escape(link) for link in sorted(ours, key=len, reverse=True))
    for piece in re.split(f"({longest_first})", text):
        yield piece, piece if piece in ours else ""


def _is_wanted(mail: BoxedMail, query: forms.MailboxQuery) -> bool:
    of_claim = not query.claim or query.claim in mail.claim_ids
    return of_claim and query.to in (None, "", mail.to)


def _redirect(call: Call, query: str = "") -> Answer[None]:
    location = f"{call.services.settings.public_base_url}{PATH}{query}"
    return Answer(303, headers={"Location": location})
