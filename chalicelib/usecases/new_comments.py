"""Make new comments of a claim's thread: by a caller, or by the service itself.

A module of its own: filing needs it, but not `comments`, whose imports slow a cold start.
"""

from chalicelib.domain.claim import Outcome
from chalicelib.domain.history import NewComment
from chalicelib.text import i18n
from chalicelib.usecases.request import Request


def write_comment(request: Request, text: str, internal: bool = False) -> NewComment:
    """Make a comment by the caller. `internal`: for reviewers only."""
    caller = request.caller
    return NewComment(
        by="partner" if caller.organisation_id else "reviewer",
        author=caller.name or caller.sub,
        text=text,
        internal=internal,
    )


def add_contested_comment(outcome: Outcome) -> Outcome:
    """Add the comment at submission that the item is contested, never by whom.

    Source: domain.md, "Competing claims".
    """
    claim = outcome.claim
    if not claim.contested or claim.status != "submitted":
        return outcome
    sentences = ("mail.contested.what", "mail.contested.next")
    text = " ".join(i18n.translate(claim.partner_language, sentence) for sentence in sentences)
    return outcome.evolve(comments=(*outcome.comments, NewComment(by="system", text=text)))
