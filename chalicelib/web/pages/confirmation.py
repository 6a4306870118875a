"""The page behind a confirmation link: it says what will happen, and its form does it, once."""

from chalicelib.domain.links import make_form_token
from chalicelib.usecases import confirmations
from chalicelib.usecases.confirmations import ConfirmationVisit
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call
from chalicelib.web.pages import form_models as forms
from chalicelib.web.pages import page_renderer
from chalicelib.web.pages.customer import choose_language, make_frame
from chalicelib.web.pages.customer_views import ConfirmationView
from chalicelib.web.pages.view_builder import name_item


def show_confirmation(call: Call, query: forms.PageQuery) -> Answer[str]:
    visit = confirmations.open_confirmation(call.services, call.path["token"], call.now)
    unchanged = frozenset(confirmations.find_refusals(call.services, visit, call.now))
    return _render(call, query, visit, unchanged)


def confirm_act(call: Call, body: forms.TenantSettingForm, query: forms.PageQuery) -> Answer[str]:
    visit = confirmations.open_confirmation(call.services, call.path["token"], call.now)
    unchanged = confirmations.confirm(call.services, visit, body.form, call.now)
    return _render(call, query, visit, unchanged, is_done=True)


def _render(
    call: Call,
    query: forms.PageQuery,
    visit: ConfirmationVisit,
    unchanged: frozenset[str],
    is_done: bool = False,
) -> Answer[str]:
    """Render the page. `unchanged`: ids of the claims that the confirmation no longer fits."""
    language = choose_language(query, visit.mail.language)
    frame = make_frame(call, language, f"/o/{visit.token}/confirm")
    view = _make_view(call, visit, unchanged, is_done)
    html = page_renderer.render_confirmation_page(frame, view)
    return Answer(body=html, headers={"Content-Language": language})


def _make_view(
    call: Call, visit: ConfirmationVisit, unchanged: frozenset[str], is_done: bool
) -> ConfirmationView:
    services, tenant = call.services, visit.tenant_file.tenant
    partners = {claim.organisation_id: claim.partner_name for claim in visit.tenant_file.claims}
    wanted = visit.confirmation.organisation_id
    items = [(claim.id in unchanged, name_item(services, claim)) for claim in visit.claims]
    return ConfirmationView(
        tenant=tenant.name if tenant else "",
        act=visit.confirmation.act,
        items=tuple(name for is_unchanged, name in items if not is_unchanged),
        unchanged=tuple(name for is_unchanged, name in items if is_unchanged),
        partner=partners.get(wanted) or wanted,
        form=make_form_token(services.secrets.link_key(), visit.token, call.now),
        is_done=is_done,
    )
