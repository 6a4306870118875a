"""What customers open: the page behind a link and its forms, the journal, and the mail check.

GET and HEAD change nothing: mail scanners open every link, several times.
"""

from chalicelib.domain.base import rfc3339
from chalicelib.domain.ids import tenant_key
from chalicelib.domain.links import is_token
from chalicelib.domain.refusals import NotFound
from chalicelib.text import i18n
from chalicelib.usecases import customer, tenant_settings
from chalicelib.usecases.customer_answers import Answer as CustomerAnswer
from chalicelib.usecases.mail_checks import is_genuine
from chalicelib.usecases.tenant_journal import list_acts
from chalicelib.usecases.visits import Form, Wanted, open_page
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call
from chalicelib.web.pages import form_models as forms
from chalicelib.web.pages import page_renderer
from chalicelib.web.pages.copied_texts import find_address, find_reference
from chalicelib.web.pages.shell.bar import make_bar
from chalicelib.web.pages.shell.layout import Frame
from chalicelib.web.pages.shell.public import read_query
from chalicelib.web.pages.view_builder import make_customer_view, make_journal_view

KEPT = ("lang", "older")  # of the page's address, what links back to it keep


def show_page(call: Call, query: forms.CustomerPageQuery) -> Answer[str]:
    token = call.path["token"]
    visit = open_page(call.services, token, call.now, Wanted(start=query.older or ""))
    language = choose_language(query, visit.guest.mail.language)
    view = make_customer_view(call.services, visit, call.now, query.done or "")
    html = page_renderer.render_customer_page(make_frame(call, language, f"/o/{token}"), view)
    return _answer_page(html, language)


def answer_request(call: Call, body: forms.Decision, query: forms.PageQuery) -> Answer[None]:
    answer = CustomerAnswer(body.decision, body.reason, body.comment)
    form = Form(call.path["token"], body.form)
    waits = customer.answer_claims(call.services, form, body.claim, answer, call.now)
    return _redirect(call, query, f"{body.decision}_sent" if waits else body.decision)


def lock_tenant(call: Call, body: forms.TenantSettingForm, query: forms.PageQuery) -> Answer[None]:
    tenant_settings.lock(call.services, _make_form(call, body), call.now)
    return _redirect(call, query, "lock")


def unlock_tenant(
    call: Call, body: forms.TenantSettingForm, query: forms.PageQuery
) -> Answer[None]:
    tenant_settings.unlock(call.services, _make_form(call, body), call.now)
    return _redirect(call, query, "unlock")


def block_partner(
    call: Call, body: forms.TenantSettingForm, query: forms.PageQuery
) -> Answer[None]:
    form, partner = _make_form(call, body), body.organisation_id
    tenant_settings.block(call.services, form, partner, call.now)
    return _redirect(call, query, "block")


def allow_partner(
    call: Call, body: forms.TenantSettingForm, query: forms.PageQuery
) -> Answer[None]:
    form, partner = _make_form(call, body), body.organisation_id
    tenant_settings.allow_again(call.services, form, partner, call.now)
    return _redirect(call, query, "allow_again")


def show_journal(call: Call, query: forms.JournalQuery) -> Answer[str]:
    token = call.path["token"]
    visit = open_page(call.services, token, call.now)
    if not visit.guest.has_tenant_link:
        raise NotFound("link_unknown")
    rows, before = call.services.store.tenants.list_journal(
        tenant_key(visit.guest.mail.tenant_id), query.before or ""
    )
    language = choose_language(query, visit.guest.mail.language)
    since = rows[-1].at if before else None
    older = f"?lang={language}&before={before}&until={rfc3339(rows[-1].at)}" if before else ""
    acts = list_acts(call.services, visit, since, query.until)
    view = make_journal_view(call.services, visit, (rows, acts), older, call.now)
    html = page_renderer.render_journal_page(make_frame(call, language, f"/o/{token}"), view)
    return _answer_page(html, language)


def show_mail_check(call: Call, query: forms.PageQuery) -> Answer[str]:
    frame = _make_mail_check_frame(call, query)
    return _answer_page(page_renderer.render_verify_page(frame), frame.language)


def check_mail(call: Call, body: forms.MailCheck, query: forms.PageQuery) -> Answer[str]:
    reference, address = find_reference(body.reference), find_address(body.address)
    genuine = is_genuine(call.services, reference, address, call.now)
    frame = _make_mail_check_frame(call, query)
    html = page_renderer.render_verify_page(frame, genuine, reference, address)
    return _answer_page(html, frame.language)


def _make_form(call: Call, body: forms.TenantSettingForm) -> Form:
    return Form(call.path["token"], body.form)


def _make_mail_check_frame(call: Call, query: forms.PageQuery) -> Frame:
    return make_frame(call, choose_language(query, call.language), "/verify-mail")


def _answer_page(html: str, language: str) -> Answer[str]:
    return Answer(body=html, headers={"Content-Language": language})


def _redirect(call: Call, query: forms.PageQuery, done: str) -> Answer[None]:
    """Return to the page, by the one base address, because a stage may have a path prefix."""
    token = call.path["token"]
    if not is_token(token):
        raise NotFound("link_unknown")
    language = f"&lang={query.lang}" if query.lang in i18n.LANGUAGES else ""
    location = f"{call.services.settings.public_base_url}/o/{token}?done={done}{language}"
    return Answer(303, headers={"Location": location})


def choose_language(query: forms.PageQuery, default: str) -> str:
    """Return the reader's choice on the page, else the default."""
    return query.lang if query.lang in i18n.LANGUAGES else default


def make_frame(call: Call, language: str, path: str) -> Frame:
    """Return what surrounds a page for customers."""
    settings, query = call.services.settings, read_query(call)
    return Frame(
        settings=settings,
        language=language,
        address=path,
        title="",
        now=call.now,
        zone=settings.programme_time_zone,
        query={name: query[name] for name in KEPT if name in query},
        bar=make_bar(call, query),
    )
