"""What customers open: the page behind a link and its forms, the journal, and whether a mail is
genuine.

GET and HEAD change nothing: mail scanners open every link, several times.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from chalicelib.domain.claim import Claim
from chalicelib.domain.ids import tenant_key
from chalicelib.domain.links import form_token, well_formed
from chalicelib.domain.next_actions import list_customer_actions
from chalicelib.domain.refusals import NotFound
from chalicelib.runtime.settings import settings
from chalicelib.text import i18n
from chalicelib.usecases import customer, tenant_settings
from chalicelib.usecases.step_context import make_step_context
from chalicelib.web.http.call import Answer, Call
from chalicelib.web.http.routing import Routes

if TYPE_CHECKING:
    from chalicelib.usecases.customer import Visit
    from chalicelib.web.api import request_models

routes = Routes()


@routes.get(
    "/o/{token}", who=None, kind="page", query="PageQuery", summary="The page behind a link"
)
def page(call: Call) -> Answer:
    from chalicelib.web.pages import page_renderer

    token = call.path["token"]
    seen = customer.visit(call.services, token, call.now)
    language = _language(call, seen.guest.mail.language)
    return Answer(
        body=page_renderer.customer_page(_frame(call, language, f"/o/{token}"), _view(call, seen)),
        headers={"Content-Language": language},
    )


@routes.post(
    "/o/{token}",
    who=None,
    kind="page",
    body="Decision",
    query="PageQuery",
    summary="The page's form",
)
def decide(call: Call) -> Answer:
    form: request_models.Decision = call.body
    words = {"reason": form.reason, "comment": form.comment}
    customer.answer(
        call.services, call.path["token"], form.form, form.decision, form.claim, words, call.now
    )
    return _back(call, form.decision)


@routes.post(
    "/o/{token}/lock",
    who=None,
    kind="page",
    body="Switch",
    query="PageQuery",
    summary="No new claims on this tenant",
)
def lock(call: Call) -> Answer:
    tenant_settings.lock(call.services, call.path["token"], call.body.form, call.now)
    return _back(call, "lock")


@routes.post(
    "/o/{token}/unlock",
    who=None,
    kind="page",
    body="Switch",
    query="PageQuery",
    summary="New claims are possible again",
)
def unlock(call: Call) -> Answer:
    tenant_settings.unlock(call.services, call.path["token"], call.body.form, call.now)
    return _back(call, "unlock")


@routes.post(
    "/o/{token}/block",
    who=None,
    kind="page",
    body="Switch",
    query="PageQuery",
    summary="No claims by this partner",
)
def block(call: Call) -> Answer:
    tenant_settings.block(
        call.services, call.path["token"], call.body.form, call.body.organisation_id, call.now
    )
    return _back(call, "block")


@routes.post(
    "/o/{token}/allow-again",
    who=None,
    kind="page",
    body="Switch",
    query="PageQuery",
    summary="This partner may claim again",
)
def allow_again(call: Call) -> Answer:
    tenant_settings.allow_again(
        call.services, call.path["token"], call.body.form, call.body.organisation_id, call.now
    )
    return _back(call, "allow_again")


@routes.get(
    "/o/{token}/journal",
    who=None,
    kind="page",
    query="JournalQuery",
    summary="Who looked up or read what",
)
def journal(call: Call) -> Answer:
    from chalicelib.web.pages import page_renderer
    from chalicelib.web.pages.customer_views import JournalEntry, JournalView

    token = call.path["token"]
    seen = customer.visit(call.services, token, call.now)
    if not seen.guest.of_tenant:
        raise NotFound("link_unknown")
    rows, more = call.services.store.tenants.list_journal(
        tenant_key(seen.guest.mail.tenant_id), call.query.before
    )
    names = _names(call, seen, {row.organisation_id for row in rows})
    entries = tuple(
        JournalEntry(at=row.at, who=names[row.organisation_id], act=row.what, item=row.item)
        for row in rows
    )
    language = _language(call, seen.guest.mail.language)
    older = f"?lang={language}&before={more}" if more else ""
    view = JournalView(tenant=_tenant(seen), entries=entries, zone=_zone(call, seen), older=older)
    return Answer(
        body=page_renderer.journal_page(_frame(call, language, f"/o/{token}"), view),
        headers={"Content-Language": language},
    )


@routes.get(
    "/verify-mail",
    who=None,
    kind="page",
    query="PageQuery",
    summary="Ask whether a mail is genuine",
)
def ask(call: Call) -> Answer:
    return _verified(call, None, "")


@routes.post(
    "/verify-mail",
    who=None,
    kind="page",
    body="Reference",
    query="PageQuery",
    status=200,
    summary="Whether a mail is genuine",
)
def verify(call: Call) -> Answer:
    reference = call.body.reference.strip().lower()
    mail = call.services.store.mails.get(reference)
    return _verified(call, mail is not None and not mail.revoked, reference)


def problem_page(problem: Mapping[str, Any], language: str) -> str:
    """A refusal as a page."""
    from chalicelib.web.pages import page_renderer
    from chalicelib.web.pages.customer_views import Frame

    chosen = settings()
    return page_renderer.error_page(
        Frame(language=language, programme=chosen.programme_name, support_url=chosen.support_url),
        problem,
    )


def _verified(call: Call, genuine: bool | None, reference: str) -> Answer:
    from chalicelib.web.pages import page_renderer

    language = _language(call, call.language)
    return Answer(
        body=page_renderer.verify_page(_frame(call, language, "/verify-mail"), genuine, reference),
        headers={"Content-Language": language},
    )


def _back(call: Call, done: str) -> Answer:
    """See the page again; built from the one base address, because a stage may have a prefix."""
    token = call.path["token"]
    if not well_formed(token):
        raise NotFound("link_unknown")
    lang = f"&lang={call.query.lang}" if call.query.lang in i18n.LANGUAGES else ""
    return Answer(
        303,
        None,
        headers={
            "Location": f"{call.services.settings.public_base_url}/o/{token}?done={done}{lang}"
        },
    )


def _language(call: Call, own: str) -> str:
    """The reader's choice on the page, else the tenant's language."""
    return call.query.lang if call.query.lang in i18n.LANGUAGES else own


def _frame(call: Call, language: str, path: str) -> Any:
    from chalicelib.web.pages.customer_views import Frame

    chosen = call.services.settings
    return Frame(
        language=language,
        programme=chosen.programme_name,
        path=path,
        support_url=chosen.support_url,
    )


def _view(call: Call, seen: "Visit") -> Any:
    from chalicelib.web.pages.customer_views import CustomerView

    return CustomerView(
        tenant=_tenant(seen),
        scope=seen.guest.mail.scope if seen.guest.of_tenant else "claim",
        form=form_token(call.services.secrets.link_key(), seen.guest.token, call.now),
        zone=_zone(call, seen),
        claims=tuple(
            _claim(call, seen, c) for c in sorted(seen.claims, key=lambda c: c.id, reverse=True)
        ),
        partners=_partners(seen, call.now) if seen.guest.of_tenant else (),
        locked=seen.tenant_file.tenant_settings.locked,
        done=call.query.done or "",
    )


def _claim(call: Call, seen: "Visit", claim: Claim) -> Any:
    from chalicelib.web.pages.customer_views import ClaimView

    services, answer = call.services, claim.answer
    r = make_step_context(services, claim.catalogue_edition, call.now)
    waiting = answer.state in ("notice_queued", "undeliverable")
    slot = claim.customer
    return ClaimView(
        claim_id=claim.id,
        organisation_id=claim.organisation_id,
        partner=claim.partner_name or claim.organisation_id,
        item=services.catalogue.find_edition(claim.catalogue_edition).find_name(claim.item.code),
        partner_role=claim.partner_role,
        status=claim.status,
        answer=answer.state,
        association=claim.association.state if claim.association else None,
        asked_at=claim.submitted_at,
        due_at=answer.due_at,
        earliest=r.compute_end("customer_opt_out", slot) if waiting else None,
        undo_until=answer.undo_until,
        zone=services.calendars.zone(slot.country, slot.zone),
        calendar="-".join(filter(None, (slot.country, slot.subdivision))),
        endorsed=answer.endorsed,
        may=list_customer_actions(claim, seen.guest.judges(claim), call.now),
    )


def _partners(seen: "Visit", now: datetime) -> tuple[Any, ...]:
    """Every partner that claims or has claimed something here, with what it must wait for."""
    from chalicelib.web.pages.customer_views import CoolingView, PartnerView

    names = {c.organisation_id: c.partner_name or c.organisation_id for c in seen.claims}
    items = {c.item.name: c.item.code for c in seen.claims}

    def cooling(partner: str) -> tuple[CoolingView, ...]:
        waits = ((p, p.find_cooldown_end(partner, now)) for p in seen.tenant_file.slots)
        return tuple(
            CoolingView(item=items.get(p.item.name, p.item.code), until=until)
            for p, until in waits
            if until
        )

    return tuple(
        PartnerView(
            organisation_id=one,
            name=name,
            blocked=one in seen.tenant_file.tenant_settings.blocked,
            cooling=cooling(one),
        )
        for one, name in names.items()
    )


def _names(call: Call, seen: "Visit", wanted: set[str]) -> dict[str, str]:
    known = {c.organisation_id: c.partner_name for c in seen.claims if c.partner_name}
    others = [partial(call.services.partners.partner, one) for one in wanted - set(known)]
    found = call.services.run_parallel(*others) if others else ()
    return {one: one for one in wanted} | {p.organisation_id: p.name for p in found if p} | known


def _tenant(seen: "Visit") -> str:
    return seen.tenant_file.tenant.name if seen.tenant_file.tenant else ""


def _zone(call: Call, seen: "Visit") -> str:
    tenant = seen.tenant_file.tenant
    return call.services.calendars.zone(
        tenant.country if tenant else None, tenant.time_zone if tenant else None
    )
