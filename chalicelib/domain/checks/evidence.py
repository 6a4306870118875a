"""Check the proof of execution: each file against its announcement, and the cover of every item."""

from calendar import monthrange
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from chalicelib.domain.catalogue import Edition
from chalicelib.domain.checks.context import CheckContext, Findings
from chalicelib.domain.evidence import MAX_SIZE, TYPES, Evidence, Proof, StoredFile
from chalicelib.domain.filing import Filing, ProofReference
from chalicelib.domain.findings import Finding

SUPPORTING = "supporting"


class FileContext(NamedTuple):
    """What files are checked against.

    organisation_id: whose files they must be.
    uploads: by evidence id, what was announced and what was stored.
    zones: where today may be a later date than in UTC: the customer's and the partner's.
    edition: its `evidence_age` limits the date of the acknowledgement.
    submitted: from when the age counts (the day of submission).
    codes: what a file may cover: the codes of the filing's items.
    """

    organisation_id: str
    uploads: Mapping[str, tuple[Evidence, StoredFile | None]]
    zones: tuple[str | None, ...]
    edition: Edition
    now: datetime
    submitted: datetime
    codes: frozenset[str]


def check_proof(
    filing: Filing, context: CheckContext, now: datetime, submitted: datetime | None = None
) -> Findings:
    """Check every file, its date, and that each item is covered.

    submitted: when the filing was submitted, if not now.
    """
    if not filing.evidence:
        yield Finding(code="evidence_missing", pointer="/evidence")
        return
    tenant = context.customer.tenant
    file_context = FileContext(
        organisation_id=context.partner.organisation_id,
        uploads=context.evidence,
        zones=(context.partner.time_zone, tenant.time_zone if tenant else None),
        edition=context.edition,
        now=now,
        submitted=submitted or now,
        codes=frozenset(item.code for item in filing.items),
    )
    yield from check_files(filing.evidence, file_context)
    for code in dict.fromkeys(item.code for item in filing.items if item.code):
        yield from _check_cover(code, filing, context)


def check_files(references: Iterable[ProofReference], context: FileContext) -> Findings:
    """Check each file by itself, and the date of its acknowledgement."""
    for at, reference in enumerate(references):
        yield from _check_file(reference, f"/evidence/{at}", context)
        yield from _check_date(reference, f"/evidence/{at}/acknowledged_on", context)
        for number, code in enumerate(reference.covers):
            if code not in context.codes:
                pointer = f"/evidence/{at}/covers/{number}"
                yield Finding(code="evidence_item_unknown", pointer=pointer)


def is_as_announced(evidence: Evidence, stored: StoredFile) -> bool:
    """Return whether what was stored is the file that was announced."""
    return not any(_check_content(evidence, stored, ""))


def subtract_months(day: date, months: int) -> date:
    """Return the same day of an earlier month, or its last day when that month is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def find_last_day(proofs: Iterable[Proof], edition: Edition) -> date | None:
    """Return the last day (UTC) on which the newest acknowledgement is fresh enough to submit.

    None without any acknowledgement that has a date.
    """
    days = [
        proof.acknowledged_on
        for proof in proofs
        if proof.kind != SUPPORTING and proof.acknowledged_on
    ]
    months = _parse_months(edition.deadlines["evidence_age"])
    return subtract_months(max(days), -months) if days else None


def _check_file(reference: ProofReference, pointer: str, context: FileContext) -> Findings:
    """Check that the file is the partner's own and was uploaded.

    A file of another partner and one that does not exist get the same finding.
    """
    evidence, stored = context.uploads.get(reference.id, (None, None))
    values = {"evidence_id": reference.id}
    if not evidence or evidence.organisation_id != context.organisation_id:
        yield Finding(code="evidence_not_yours", pointer=f"{pointer}/id", values=values)
    elif not stored:
        yield Finding(code="evidence_not_uploaded", pointer=f"{pointer}/id", values=values)
    else:
        yield from _check_content(evidence, stored, pointer)


def _check_content(evidence: Evidence, stored: StoredFile, pointer: str) -> Findings:
    """Check the stored object's type, size and checksum against what was announced."""
    values = {"evidence_id": evidence.id, "file_name": evidence.file_name}
    if stored.kind is None or stored.kind != TYPES.get(evidence.content_type):
        yield Finding(code="evidence_type_not_allowed", pointer=f"{pointer}/id", values=values)
    if stored.size > MAX_SIZE:
        yield Finding(
            code="evidence_too_large",
            pointer=f"{pointer}/id",
            values={**values, "most": str(MAX_SIZE)},
        )
    if stored.sha256 != evidence.sha256 or stored.size != evidence.size:
        yield Finding(code="evidence_checksum_mismatch", pointer=f"{pointer}/id", values=values)


def _check_date(reference: ProofReference, pointer: str, context: FileContext) -> Findings:
    day = reference.acknowledged_on
    values = {"evidence_id": reference.id, "acknowledged_on": str(day)}
    not_before = subtract_months(
        context.submitted.astimezone(UTC).date(),
        _parse_months(context.edition.deadlines["evidence_age"]),
    )
    if day is None:
        if reference.kind != SUPPORTING:
            yield Finding(code="missing", pointer=pointer)
    elif day < not_before:
        yield Finding(
            code="evidence_too_old",
            pointer=pointer,
            values={**values, "not_before": not_before.isoformat()},
        )
    elif day > max(_find_today(zone or "UTC", context.now) for zone in ("UTC", *context.zones)):
        yield Finding(code="evidence_date_in_future", pointer=pointer, values=values)


def _parse_months(length: str) -> int:
    """Return 12 for `P12M`."""
    return int(length.removeprefix("P").removesuffix("M"))


def _find_today(zone: str, now: datetime) -> date:
    """Return today's date in a zone; in UTC when the zone of a feed is unknown.

    A date is in the future only when it is so in UTC, at the customer's and at the partner's: a
    morning in Tokyo is still the day before in UTC.
    """
    try:
        return now.astimezone(ZoneInfo(zone)).date()
    except (KeyError, ValueError, OSError):
        return now.astimezone(UTC).date()


def _check_cover(code: str, filing: Filing, context: CheckContext) -> Findings:
    """Check that a file covers the item, and not only `supporting` files."""
    kinds = {reference.kind for reference in filing.evidence if code in reference.covers}
    values = {"product": context.edition.find_name(code)}
    if not kinds:
        yield Finding(code="evidence_item_not_covered", pointer="/evidence", values=values)
    elif kinds == {SUPPORTING}:
        yield Finding(code="evidence_acknowledgement_missing", pointer="/evidence", values=values)
