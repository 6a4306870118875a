"""Mails about endpoints whose receiver does not accept events (integration.md, 3)."""

from datetime import datetime

from chalicelib.domain.webhook_endpoint import WebhookEndpoint
from chalicelib.ports import Change, Services
from chalicelib.text.mail_facts import NotificationFacts
from chalicelib.usecases.administrator_mails import AdministratorMail, send_to_administrators
from chalicelib.usecases.retry import retry


def send_notices(services: Services, endpoint: WebhookEndpoint, now: datetime) -> None:
    """Send the mails about an endpoint's failures, and record that. Idempotent.

    A mail that the mail service does not accept is tried again by the next run.
    """
    sent = {
        notice
        for notice in endpoint.notices
        if send_to_administrators(services, _make_mail(services, endpoint, *notice), now)
    }

    def note() -> None:
        current = services.store.endpoints.get(endpoint.id)
        if current is None:
            return
        left = tuple(notice for notice in current.notices if notice not in sent)
        if left != current.notices:
            after = current.evolve(notices=left, rev=current.rev + 1)
            services.store.commit(Change(endpoints=(after,)))

    retry(note)


def _make_mail(
    services: Services, endpoint: WebhookEndpoint, kind: str, reference: str
) -> AdministratorMail:
    failure = endpoint.last_failure
    return AdministratorMail(
        kind=kind,
        organisation_id=endpoint.organisation_id,
        reference=f"{endpoint.id}/{kind}/{reference}",
        contact=endpoint.contact,
        locale=endpoint.locale,
        facts=NotificationFacts(
            programme=services.settings.programme_name,
            name=endpoint.url,
            codes=(failure.reason,) if failure else (),
            link=f"{services.settings.public_base_url}/portal/integration/endpoints/{endpoint.id}",
            support_url=services.settings.support_url,
        ),
    )
