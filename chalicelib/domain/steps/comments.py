"""Comments that partner and reviewers write to each other: acts of their own, told to the other."""

import hashlib

from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.history import Actor, NewComment
from chalicelib.domain.steps.common import add_handler, notify, record_act


def add_comment(
    claim: Claim, by: Actor, comment: NewComment, notifies_programme: bool = True
) -> Outcome:
    """Add a comment that both sides read, and tell the other side by mail.

    notifies_programme: whether the programme is told of a partner's comment.

    The history proves its text by a salted hash. That of a draft causes no mail, because no
    reviewer sees it.
    """
    after = claim
    if by.kind == "reviewer":
        after = add_handler(claim, by.sub or "")
        after = notify(after, "comment_added", "partner", message=comment.text)
    elif claim.submitted_at and notifies_programme:
        after = notify(claim, "comment_added", "programme")
    facts = {"comment_id": comment.id} if comment.id else {}
    private = {"text_sha256": hashlib.sha256(comment.text.encode()).hexdigest()}
    added = record_act(claim, after, "comment.added", by, facts=facts, private=private)
    return added.evolve(comments=(comment,))


def add_internal_comment(claim: Claim, by: Actor, comment: NewComment) -> Outcome:
    """Add a comment that only the programme reads; it is in no history row and in no version.

    Its author has taken part, and does not answer a later dispute (domain.md, "Claim").
    """
    return Outcome(claim=add_handler(claim, by.sub or ""), comments=(comment,))
