"""The records of evidence files, and for which tenants a file's content was used."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from chalicelib.aws import keys
from chalicelib.aws.rows import Rows, read_text
from chalicelib.aws.store.values import decode
from chalicelib.aws.store.writes import use_row
from chalicelib.domain.claim import Claim
from chalicelib.domain.evidence import Evidence
from chalicelib.domain.ids import tenant_key


class DynamoEvidence:
    """`ports.EvidenceRecords` over the table."""

    def __init__(self, rows: Rows, run_parallel: Callable[..., tuple[Any, ...]]) -> None:
        self._rows = rows
        self._run_parallel = run_parallel

    def get(self, evidence_id: str) -> Evidence | None:
        """Return the record of a file."""
        found = self._rows.get_one(keys.evidence(evidence_id))
        return decode(Evidence, found) if found else None

    def get_many(self, evidence_ids: Iterable[str]) -> Mapping[str, Evidence]:
        """Return those of the records that exist, by id."""
        wanted = {keys.evidence(evidence_id): evidence_id for evidence_id in evidence_ids}
        found = self._rows.get(wanted, consistent=False) if wanted else {}
        return {wanted[key]: decode(Evidence, row) for key, row in found.items()}

    def find_reused(self, files: Sequence[tuple[str, str]], tenant_id: str) -> frozenset[str]:
        """Return the ids of the files, given with their checksums, that another tenant has too."""
        used = self._list_uses([sha256 for _, sha256 in files], consistent=False)
        own = {tenant_key(tenant_id)}
        return frozenset(
            file_id for (file_id, _), tenants in zip(files, used, strict=True) if tenants - own
        )

    def list_tenants_using(self, checksums: Iterable[str]) -> frozenset[str]:
        """Return the keys of the tenants that files with these checksums were used for."""
        return frozenset().union(*self._list_uses(list(dict.fromkeys(checksums)), consistent=True))

    def add_uses(self, claims: Iterable[Claim]) -> None:
        """Record for which tenant the files of these claims are used."""
        self._rows.write(
            use_row(proof.sha256, tenant_key(claim.tenant_id))
            for claim in claims
            for proof in claim.evidence
            if proof.sha256
        )

    def _list_uses(self, checksums: Sequence[str], consistent: bool) -> tuple[frozenset[str], ...]:
        if not checksums:
            return ()
        return self._run_parallel(
            *(partial(self._read_uses, checksum, consistent) for checksum in checksums)
        )

    def _read_uses(self, sha256: str, consistent: bool) -> frozenset[str]:
        rows = self._rows.query(keys.evidence_uses(sha256), consistent=consistent)
        return frozenset(read_text(found, "sk") for found in rows)
