"""The customer's hand: what a tenant link may set for the whole tenant. Every act is mailed to the
tenant's contacts.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from chalicelib.domain.claim import OUTBOX_RETRY_SECONDS, Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.history import Actor
from chalicelib.domain.ids import format_tenant_settings_id, tenant_key
from chalicelib.domain.next_actions import list_customer_actions
from chalicelib.domain.notification import Notification
from chalicelib.domain.refusals import LostRace, NotFound, WrongState
from chalicelib.domain.steps.customer import BLOCK, opt_out
from chalicelib.domain.tenant_settings import TenantSettings
from chalicelib.ports import Change, Conflict, Services
from chalicelib.usecases.callers import Guest
from chalicelib.usecases.customer import Visit, answered, checked, in_scope
from chalicelib.usecases.retry import TRIES
from chalicelib.usecases.unit_of_work import decide

Set = Callable[[TenantSettings], TenantSettings]
BLOCKED = "partner_blocked"


def lock(services: Services, token: str, form: str, now: datetime) -> None:
    """No new claims on this tenant, by anyone."""
    _set(
        services,
        checked(services, token, form, now),
        lambda tenant_settings: tenant_settings.evolve(locked=True),
        "tenant_locked",
        now,
    )


def unlock(services: Services, token: str, form: str, now: datetime) -> None:
    """New claims are possible again."""
    _set(
        services,
        checked(services, token, form, now),
        lambda tenant_settings: tenant_settings.evolve(locked=False),
        "tenant_unlocked",
        now,
    )


def block(services: Services, token: str, form: str, partner: str, now: datetime) -> None:
    """No claims by this partner, and its open ones are answered with no.

    Raises NotFound for one that is not shown.
    """
    seen = _shown(checked(services, token, form, now), partner)
    _set(
        services,
        seen,
        lambda tenant_settings: tenant_settings.evolve(
            blocked=tuple(dict.fromkeys((*tenant_settings.blocked, partner)))
        ),
        BLOCKED,
        now,
        partner,
    )
    _no_to(services, seen.guest, seen.claims, partner, now)


def no_to_blocked(services: Services, tenant_key: str, now: datetime) -> None:
    """The no that belongs to a block, where whoever set the block was stopped before saying it."""
    tenant_file = services.store.tenants.get_file(tenant_key)
    for notification in tenant_file.tenant_settings.outbox:
        mail = next((m for m in tenant_file.mails if m.id == notification.by), None)
        if (
            mail
            and notification.kind == BLOCKED
            and notification.codes[0] in tenant_file.tenant_settings.blocked
        ):
            _no_to(
                services, Guest(mail, ""), in_scope(mail, tenant_file), notification.codes[0], now
            )


def no_if_crossed(services: Services, claim: Claim, now: datetime) -> Claim:
    """The no that belongs to a block, to a claim that came in while the block was being set:
    whoever set it looked for open claims before this one was written. Asked before the first notice
    goes out, so that no filing pays for it.
    """
    first = (
        claim.answer.round == 1
        and claim.status_before_opt_out is None
        and any(notification.kind == "notice" for notification in claim.outbox)
    )
    if (
        not first
        or claim.organisation_id not in services.store.tenants.get_settings(claim.tenant_id).blocked
    ):
        return claim
    return decide(services, claim.id, lambda c, p, r: _refused(c, r), now).claim


def _refused(claim: Claim, ctx: StepContext) -> Outcome:
    by = Actor(kind="customer", name="tenant link")
    return (
        opt_out(claim, by, ctx, BLOCK)
        if "opt_out" in list_customer_actions(claim, True, ctx.now)
        else Outcome(claim=claim)
    )


def allow_again(services: Services, token: str, form: str, partner: str, now: datetime) -> None:
    """This partner may claim again: no block, no cooling-off. Raises NotFound for one that is not
    shown.
    """
    seen = _shown(checked(services, token, form, now), partner)
    without_cooldown = tuple(
        p.without_cooldown(partner)
        for p in seen.tenant_file.slots
        if p.without_cooldown(partner) != p and _of(seen, p.item.name, partner)
    )
    slots = tuple(p.evolve(rev=p.rev + 1) for p in without_cooldown)
    _set(
        services,
        seen,
        lambda tenant_settings: tenant_settings.evolve(
            blocked=tuple(b for b in tenant_settings.blocked if b != partner)
        ),
        "partner_allowed_again",
        now,
        partner,
        Change(slots=slots),
    )


def _set(
    services: Services,
    seen: Visit,
    change: Set,
    kind: str,
    now: datetime,
    partner: str = "",
    more: Change | None = None,
) -> None:
    """Writes what is set, with the letter that tells of it.

    Raises NotFound for a claim link, WrongState for nothing.
    """
    if not seen.guest.of_tenant:
        raise NotFound("link_unknown")
    for _ in range(TRIES):
        before = services.store.tenants.get_settings(seen.guest.mail.tenant_id)
        after = change(before)
        slots = more.slots if more else ()
        if after == before and not slots:
            raise WrongState("nothing_to_change", status=kind, event=kind)
        notification = Notification(
            kind=kind,
            to="tenant",
            ref=f"{before.rev + 1}.{kind}",
            codes=(partner,) if partner else (),
            by=seen.guest.mail.id,
        )
        after = after.evolve(
            rev=before.rev + 1,
            outbox=(*before.outbox, notification),
            outbox_retry=now + timedelta(seconds=OUTBOX_RETRY_SECONDS),
        )
        try:
            services.store.commit(Change(tenant_settings=after, slots=slots))
        except Conflict:
            continue
        settings_id = format_tenant_settings_id(tenant_key(before.tenant_id))
        services.work_queue.enqueue([settings_id])
        return
    raise LostRace()


def _no_to(
    services: Services, guest: Guest, claims: tuple[Claim, ...], partner: str, now: datetime
) -> None:
    """Answers with no what a partner still claims or is to hold; what is official already has an
    answer of its own.
    """
    for claim in claims:
        pending = claim.association is not None and claim.association.state == "pending"
        if claim.organisation_id == partner and (claim.is_open or pending):
            answered(services, guest, claim, "opt_out", {"reason": BLOCK}, now)


def _shown(seen: Visit, partner: str) -> Visit:
    """Only a partner that the page shows can be meant: a form cannot be used to try names out."""
    if all(c.organisation_id != partner for c in seen.claims):
        raise NotFound("link_unknown")
    return seen


def _of(seen: Visit, item: str, partner: str) -> bool:
    return any(c.item.name == item and c.organisation_id == partner for c in seen.claims)
