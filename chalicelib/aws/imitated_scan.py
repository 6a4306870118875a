"""The malware scan of a stage on this machine, where there is no GuardDuty.

It tags kept files as GuardDuty does. Only the standard test file of virus scanners is found
infected (https://www.eicar.org/download-anti-malware-testfile/).
"""

from chalicelib.aws import object_keys
from chalicelib.aws.files import SCAN_TAG, EvidenceFiles
from chalicelib.domain.evidence import Evidence, StoredFile

TEST_FILE = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"


class ScannedFiles(EvidenceFiles):
    """`ports.Files` with a scan of every file that is kept."""

    def keep(self, evidence: Evidence, stored: StoredFile) -> StoredFile:
        """Keep a file, then tag its version with the result of the scan."""
        kept = super().keep(evidence, stored)
        client = self._get_client()
        request = {"Bucket": self._bucket, "Key": object_keys.key_of_kept(evidence.id)}
        if kept.object_version:
            request["VersionId"] = kept.object_version
        content = client.get_object(**request)["Body"].read()
        status = "THREATS_FOUND" if TEST_FILE in content else "NO_THREATS_FOUND"
        tags = [{"Key": SCAN_TAG, "Value": status}]
        client.put_object_tagging(**request, Tagging={"TagSet": tags})
        return kept
