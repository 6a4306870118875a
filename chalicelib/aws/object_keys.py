"""The keys of evidence files in the bucket. infra/evidence.yaml names the same prefix."""


def key_of_kept(evidence_id: str) -> str:
    """The key of a file that a claim has accepted: no lifecycle rule deletes it."""
    return evidence_id


def key_of_unclaimed(evidence_id: str) -> str:
    """The key of an upload that no claim has accepted: it is deleted after 7 days."""
    return f"unclaimed/{evidence_id}"
