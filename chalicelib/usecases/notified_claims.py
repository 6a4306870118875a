"""Which claims a notification names: one mail per act and recipient names all items."""

from datetime import datetime

from chalicelib.domain.claim import Claim
from chalicelib.domain.notification import Notification
from chalicelib.domain.state_machines import AWAITING_ANSWER
from chalicelib.ports import Services

NOTICES = frozenset({"notice", "reminder"})


def select_claims(
    services: Services, claim: Claim, notification: Notification
) -> tuple[Claim, ...]:
    """Select the claims that a notification names.

    A notice names those of its filing that still await an answer, a reminder those that it reminds
    of while that is possible, an end by the partner the others of that day, any other notification
    its own claim.
    """
    if notification.not_before:
        return _select_ended_together(services, claim, notification.not_before)
    others = [claim_id for claim_id in notification.claims if claim_id != claim.id]
    group = (claim, *services.store.claims.get_many(others)) if others else (claim,)
    if notification.kind == "reminder":
        return _select_reminded(claim, group)
    if notification.kind in NOTICES:
        return tuple(
            one
            for one in group
            if one.answer.state in AWAITING_ANSWER
            and one.answer.round == (notification.round or one.answer.round)
        )
    return group


def _select_ended_together(services: Services, claim: Claim, at: datetime) -> tuple[Claim, ...]:
    """Select the claims whose end is mailed together with one.

    The first of them sends the mail for all.
    """
    ids = services.store.claims.list_ended_together(claim, at)
    return services.store.claims.get_many(ids) if ids[:1] == (claim.id,) else ()


def _select_reminded(claim: Claim, group: tuple[Claim, ...]) -> tuple[Claim, ...]:
    """Select the claims that one notice asked about and whose time ends at the same moment.

    The first of them sends the mail for all.
    """
    alike = tuple(
        one
        for one in group
        if one.answer.state == "open"
        and one.answer.due_at == claim.answer.due_at
        and (one.id == claim.id or claim.id in one.answer.filed_together)
    )
    return alike if claim.id == min((one.id for one in alike), default="") else ()
