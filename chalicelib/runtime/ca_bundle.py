"""The authorities that sign for AWS, which the package holds (`tools/packaging/botocore_data.py`): five, where a
system trusts a hundred and forty, and every connection reads all of them.
"""

from pathlib import Path

AMAZONS = Path(__file__).parent.parent / "aws" / "botocore-data" / "roots.pem"


def for_host(host: str) -> str | None:
    """The file of authorities to trust for a host of Amazon's; None: whatever the system trusts."""
    return str(AMAZONS) if host.lower().endswith(".amazonaws.com") and AMAZONS.is_file() else None
