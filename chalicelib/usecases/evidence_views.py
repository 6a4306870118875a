"""Reading a file of a claim: as a download, shown by the browser, or as text."""

from dataclasses import dataclass

from chalicelib.domain.evidence import TYPES, Evidence
from chalicelib.domain.file_text import extract_text
from chalicelib.domain.file_types import detect_file_type
from chalicelib.domain.refusals import NotFound, NotViewable
from chalicelib.ports import Services
from chalicelib.ports.files import FileContent
from chalicelib.usecases.callers import Caller
from chalicelib.usecases.malware_scan import require_clean
from chalicelib.usecases.partner import load_own_claim
from chalicelib.usecases.review_case import load_evidence

# Types that browsers show without running anything; they are detected from the bytes.
SHOWN = {
    kind: content_type for content_type, kind in TYPES.items() if kind in ("pdf", "png", "jpeg")
}


@dataclass(frozen=True)
class PinnedFile:
    """A file and the version of it that was checked; None: the newest, of an old claim."""

    evidence: Evidence
    version: str | None


def open_file(services: Services, caller: Caller, claim_id: str, evidence_id: str) -> PinnedFile:
    """Open a file of a claim: a partner's own, or any for a person of the programme.

    Raises NotFound, Forbidden for a reviewer who is related to the partner or to a rival, and what
    `require_clean` raises.
    """
    if caller.organisation_id is None:
        return PinnedFile(*load_evidence(services, caller, claim_id, evidence_id))
    claim = load_own_claim(services, caller, claim_id)
    proof = next((one for one in claim.evidence if one.id == evidence_id), None)
    file = services.store.evidence.get(evidence_id) if proof else None
    if proof is None or file is None:
        raise NotFound()
    require_clean(services, (proof,))
    return PinnedFile(file, proof.object_version)


def find_view(services: Services, file: PinnedFile) -> str:
    """Return an address at which browsers show the file.

    Its type is detected from its bytes once more. Raises NotViewable for other files than PDF and
    images, and NotFound for one that was deleted.
    """
    content = _open_content(services, file)
    content_type = SHOWN.get(detect_file_type(content.size, content.read) or "")
    if content_type is None:
        raise NotViewable()
    return services.files.create_view(file.evidence, file.version, content_type)


def read_text(services: Services, file: PinnedFile) -> tuple[str, bool]:
    """Return the text of a mail or a Word document, and whether it was cut.

    Raises NotViewable for other files, and NotFound for one that was deleted.
    """
    content = _open_content(services, file)
    kind = detect_file_type(content.size, content.read)
    found = extract_text(kind, content.size, content.read)
    if found is None:
        raise NotViewable()
    return found


def _open_content(services: Services, file: PinnedFile) -> FileContent:
    content = services.files.open(file.evidence.id, file.version)
    if content is None:
        raise NotFound()
    return content
