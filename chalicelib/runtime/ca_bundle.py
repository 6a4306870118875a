"""The root certificates to trust for AWS.

The package holds Amazon's five (`tools/packaging/botocore_data.py`); botocore's own bundle has more
than a hundred, all of which OpenSSL reads again for every connection. `TRUSTED_ROOTS=default`
switches back to the whole bundle, without a new package.
"""

from pathlib import Path

from chalicelib.runtime.settings import settings

AMAZON_ROOTS = Path(__file__).with_name("amazon-roots.pem")


def amazon_roots() -> str | None:
    """Return the file of Amazon's root certificates.

    None when it is switched off, or not there (outside the package): trust the default bundle.
    """
    in_use = settings().trusted_roots == "amazon" and AMAZON_ROOTS.is_file()
    return str(AMAZON_ROOTS) if in_use else None


def for_host(host: str) -> str | None:
    """Return the bundle to trust for a host; None: the system's."""
    return amazon_roots() if host.lower().endswith(".amazonaws.com") else None
