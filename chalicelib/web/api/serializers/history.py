"""A claim's history, the event feed, its comments, and the bundle of all of it."""

from collections.abc import Iterable
from datetime import datetime
from typing import cast

from chalicelib.domain.base import rfc3339
from chalicelib.domain.claim import Claim
from chalicelib.domain.history import Comment, Entry
from chalicelib.web.api.response_models import claims
from chalicelib.web.api.response_models import history as models
from chalicelib.web.api.serializers.associations import serialize_association
from chalicelib.web.api.serializers.claims import serialize_proof


def serialize_comment(comment: Comment) -> models.Comment:
    """Write a comment as a partner sees it: with the names of its own people only."""
    return {
        "id": comment.id,
        "at": rfc3339(comment.at),
        "by": {"kind": comment.by, "name": comment.author if comment.by == "partner" else None},
        "text": comment.text,
    }


def serialize_thread_comment(comment: Comment) -> models.ThreadComment:
    """Write a comment as reviewers see it: with every author and who else may read it."""
    return {
        "id": comment.id,
        "at": rfc3339(comment.at),
        "by": {"kind": comment.by, "name": comment.author},
        "text": comment.text,
        "visibility": "internal" if comment.internal else "partner",
    }


def serialize_history_row(row: Entry) -> models.HistoryRow:
    """Write the public part of a row of history: the very members that its hash covers."""
    return cast(models.HistoryRow, row.to_public())


def serialize_whole_history_row(row: Entry) -> models.WholeHistoryRow:
    """Write a row of history with its private part, for reviewers and auditors."""
    whole = row.to_public() | {"salt": row.salt, "private": row.private}
    return cast(models.WholeHistoryRow, whole)


def serialize_bundle(
    claim: Claim,
    shown: claims.Claim,
    history: Iterable[Entry],
    comments: Iterable[Comment],
    now: datetime,
) -> models.UnsignedBundle:
    """Write the whole case as one document, as its partner sees it, without the signature.

    shown: the claim as it is written in every other response. `cpor verify` checks the document
    offline.
    """
    return {
        "format": "cpor-bundle/2",
        "made_at": rfc3339(now),
        "claim": shown,
        "association": serialize_association(claim, now) if claim.association else None,
        "history": [serialize_history_row(row) for row in history],
        "head": claim.head,
        "comments": [serialize_comment(comment) for comment in comments if not comment.internal],
        "evidence": [
            {**serialize_proof(p), "object_version": p.object_version} for p in claim.evidence
        ],
    }
