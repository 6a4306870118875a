"""Customer answers through a link: agree, opt out, and undo."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.claim import Claim
from chalicelib.domain.confirmations import Confirmation
from chalicelib.domain.refusals import NotFound, WrongState
from chalicelib.ports import Services
from chalicelib.usecases.answers_to_all import MOST_AT_ONCE, record_answer
from chalicelib.usecases.confirmation_requests import request_confirmation
from chalicelib.usecases.customer_answers import (
    Answer,
    GivenAnswer,
    answer_claim,
    check_answer,
    is_accepted,
)
from chalicelib.usecases.request import Conditions
from chalicelib.usecases.visits import ALL, Form, Visit, Wanted, open_form


def answer_claims(
    services: Services, form: Form, claim_ids: Sequence[str], answer: Answer, now: datetime
) -> bool:
    """Answer some claims, or `all` that the link shows.

    Return whether a confirmation is needed: opening acts take effect only when confirmed. Claims
    that cannot be answered any more are skipped. Raises NotFound, and WrongState when no claim
    could be answered.
    """
    is_agreement = answer.decision == "agree"
    wanted = Wanted(claim_ids[0] if len(claim_ids) == 1 else ALL)
    visit = open_form(services, form, now, wanted, with_lookup=is_agreement)
    claims = [claim for claim in visit.claims if claim.id in claim_ids or ALL in claim_ids]
    if not claims:
        raise NotFound("link_unknown")
    given = GivenAnswer(visit.guest, answer, visit.read_at)
    conditions = Conditions(now=now)
    waiting, refusals = _select_confirmable(services, visit, claims, given, now)
    immediate = [claim for claim in claims if not given.needs_confirmation(claim)]
    if len(immediate) > 1 and answer.decision != "agree":
        file = visit.tenant_file
        accepted = [one for one in immediate if is_accepted(services, file, one, given, now)]
        is_shared = record_answer(services, visit.guest, accepted, answer, now)
        given = replace(given, has_shared_mails=is_shared)
        immediate = immediate[:MOST_AT_ONCE]
    for claim in immediate:
        refusals.append(answer_claim(services, claim.id, given, conditions, visit.preload(claim)))
    refused = [refusal for refusal in refusals if refusal is not None]
    if len(refused) == len(claims):
        raise refused[0]
    if waiting:
        _request_confirmation(services, visit, waiting, answer, now)
    return bool(waiting)


def _select_confirmable(
    services: Services,
    visit: Visit,
    claims: list[Claim],
    given: GivenAnswer,
    now: datetime,
) -> tuple[list[Claim], list[WrongState | None]]:
    """Select the claims whose answer may be confirmed, and what the others are refused for."""
    waiting: list[Claim] = []
    refused: list[WrongState | None] = []
    for claim in filter(given.needs_confirmation, claims):
        try:
            check_answer(services, visit.tenant_file, claim, given, now)
            waiting.append(claim)
        except WrongState as refusal:
            refused.append(refusal)
    return waiting, refused


def _request_confirmation(
    services: Services, visit: Visit, claims: list[Claim], answer: Answer, now: datetime
) -> None:
    wanted = Confirmation(
        act="agree" if answer.decision == "agree" else "undo",
        link=visit.guest.mail.id,
        claims=tuple(claim.id for claim in claims),
        comment=answer.comment,
        requested_at=now,
        read_at=visit.read_at,
    )
    request_confirmation(services, visit.guest.mail, wanted, now)
