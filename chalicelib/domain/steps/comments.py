"""Comments that partner and reviewers write to each other: acts of their own, sent by mail."""

import hashlib
from datetime import datetime, timedelta

from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.history import Actor, NewComment
from chalicelib.domain.steps.common import add_handler, notify, record_act

# A mail for every comment would bury the programme's other mails.
PROGRAMME_MAIL_EVERY = timedelta(days=1)


def add_comment(claim: Claim, by: Actor, comment: NewComment, now: datetime) -> Outcome:
    """Add a comment that both sides read, and notify the other side by mail.

    The programme gets at most one mail in `PROGRAMME_MAIL_EVERY` about a claim. The history proves
    the text by a salted hash. A comment on a draft causes no mail, because no reviewer sees it.
    """
    after = claim
    if by.kind == "reviewer":
        after = add_handler(claim, by.sub or "")
        after = notify(after, "comment_added", "partner", message=comment.text)
    elif claim.submitted_at and _is_mail_due(claim, now):
        after = notify(claim, "comment_added", "programme").evolve(comment_mailed_at=now)
    facts = {"comment_id": comment.id} if comment.id else {}
    private = {"text_sha256": hashlib.sha256(comment.text.encode()).hexdigest()}
    added = record_act(claim, after, "comment.added", by, facts=facts, private=private)
    return added.evolve(comments=(comment,))


def _is_mail_due(claim: Claim, now: datetime) -> bool:
    last = claim.comment_mailed_at
    return last is None or now - last >= PROGRAMME_MAIL_EVERY


def add_internal_comment(claim: Claim, by: Actor, comment: NewComment) -> Outcome:
    """Add a comment that only the programme reads; it is in no history row and in no version.

    Its author has taken part, and does not answer a later dispute (domain.md, "Claim").
    """
    return Outcome(claim=add_handler(claim, by.sub or ""), comments=(comment,))
