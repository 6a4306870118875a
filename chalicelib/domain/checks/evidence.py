"""The proof of execution: each file against what was announced, and whether the files cover every
item.
"""

from calendar import monthrange
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from chalicelib.domain.catalogue import Edition
from chalicelib.domain.checks.context import CheckContext, Findings
from chalicelib.domain.evidence import MAX_SIZE, TYPES, Evidence, StoredFile
from chalicelib.domain.filing import Filing, ProofReference
from chalicelib.domain.findings import Finding

SUPPORTING = "supporting"


class FileContext(NamedTuple):
    """What files are checked against: whose they must be, what is known of them and lies there,
    where it may be a day later already, and since when their age counts: from the day of
    submission.
    """

    organisation_id: str
    uploads: Mapping[str, tuple[Evidence, StoredFile | None]]
    zones: tuple[str | None, ...]
    edition: Edition
    now: datetime
    submitted: datetime


def check_proof(
    filing: Filing, known: CheckContext, now: datetime, submitted: datetime | None = None
) -> Findings:
    """Every file, its date, and the cover of every item. `submitted`: when it was, if not now."""
    if not filing.evidence:
        yield Finding(code="evidence_missing", pointer="/evidence")
        return
    tenant = known.customer.tenant
    zones = (known.partner.time_zone, tenant.time_zone if tenant else None)
    yield from check_files(
        filing.evidence,
        FileContext(
            known.partner.organisation_id,
            known.evidence,
            zones,
            known.edition,
            now,
            submitted or now,
        ),
    )
    for code in dict.fromkeys(item.code for item in filing.items if item.code):
        yield from _check_cover(code, filing, known)


def check_files(references: Iterable[ProofReference], against: FileContext) -> Findings:
    """Each file by itself, and its date. Dates count in UTC."""
    for at, reference in enumerate(references):
        yield from _check_file(reference, f"/evidence/{at}", against)
        yield from _check_date(reference, f"/evidence/{at}/acknowledged_on", against)


def subtract_months(day: date, months: int) -> date:
    """The same day of an earlier month, or that month's last day when it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _check_file(reference: ProofReference, pointer: str, against: FileContext) -> Findings:
    """A file of somebody else and one that does not exist look the same."""
    evidence, stored = against.uploads.get(reference.id, (None, None))
    if not evidence or evidence.organisation_id != against.organisation_id:
        yield Finding(
            code="evidence_not_yours", pointer=f"{pointer}/id", values={"evidence_id": reference.id}
        )
    elif not stored:
        yield Finding(
            code="evidence_not_uploaded",
            pointer=f"{pointer}/id",
            values={"evidence_id": reference.id},
        )
    else:
        yield from _check_content(evidence, stored, pointer)


def _check_content(evidence: Evidence, stored: StoredFile, pointer: str) -> Findings:
    """What lies in the object store, told by its own bytes, against what was announced."""
    told = {"evidence_id": evidence.id, "file_name": evidence.file_name}
    if stored.kind is None or stored.kind != TYPES.get(evidence.content_type):
        yield Finding(code="evidence_type_not_allowed", pointer=f"{pointer}/id", values=told)
    if stored.size > MAX_SIZE:
        yield Finding(
            code="evidence_too_large",
            pointer=f"{pointer}/id",
            values={**told, "most": str(MAX_SIZE)},
        )
    if stored.sha256 != evidence.sha256 or stored.size != evidence.size:
        yield Finding(code="evidence_checksum_mismatch", pointer=f"{pointer}/id", values=told)


def _check_date(reference: ProofReference, pointer: str, against: FileContext) -> Findings:
    day = reference.acknowledged_on
    told = {"evidence_id": reference.id, "acknowledged_on": str(day)}
    not_before = subtract_months(
        against.submitted.astimezone(UTC).date(),
        _parse_months(against.edition.deadlines["evidence_age"]),
    )
    if day is None:
        if reference.kind != SUPPORTING:
            yield Finding(code="missing", pointer=pointer)
    elif day < not_before:
        yield Finding(
            code="evidence_too_old",
            pointer=pointer,
            values={**told, "not_before": not_before.isoformat()},
        )
    elif day > max(_find_today(zone or "UTC", against.now) for zone in ("UTC", *against.zones)):
        yield Finding(code="evidence_date_in_future", pointer=pointer, values=told)


def _parse_months(length: str) -> int:
    """`P12M` as 12."""
    return int(length.removeprefix("P").removesuffix("M"))


def _find_today(zone: str, now: datetime) -> date:
    """The day where it is latest counts, in UTC, at the customer's or at the partner's: a Tokyo
    morning is UTC's day before. A feed's zone may be one that nobody knows: then UTC's day.
    """
    try:
        return now.astimezone(ZoneInfo(zone)).date()
    except (KeyError, ValueError, OSError):
        return now.astimezone(UTC).date()


def _check_cover(code: str, filing: Filing, known: CheckContext) -> Findings:
    """Some file covers the item, and not only files that no customer acknowledged."""
    kinds = {reference.kind for reference in filing.evidence if code in reference.covers}
    told = {"product": known.edition.find_name(code)}
    if not kinds:
        yield Finding(code="evidence_item_not_covered", pointer="/evidence", values=told)
    elif kinds == {SUPPORTING}:
        yield Finding(code="evidence_acknowledgement_missing", pointer="/evidence", values=told)
