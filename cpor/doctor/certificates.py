"""The root certificates that the functions trust for AWS: they are in the package, and AWS's
endpoints are still signed by them.
"""

import io
import socket
import ssl
import zipfile
from collections.abc import Iterator
from urllib.parse import urlsplit

from cpor.doctor.finding import Finding, deploy
from cpor.stage import Stage

ROOTS = "chalicelib/runtime/amazon-roots.pem"  # tools/packaging/botocore_data.py puts it there
CHOICES = ("amazon", "default")
SERVICES = ("dynamodb", "s3", "sesv2", "sqs", "ssm")  # what the functions call
SECONDS = 60.0  # for the zip; a handshake takes much less


def snapshot(stage: Stage) -> Iterator[Finding]:
    """Check TRUSTED_ROOTS, the file in the package, and every endpoint against it."""
    chosen = stage.settings_of("APIHandler").trusted_roots
    if chosen not in CHOICES:
        yield Finding(
            "certificates",
            f"TRUSTED_ROOTS is {chosen}, which is none of {', '.join(CHOICES)}: the default bundle is used.",
            f"make deploy STAGE={stage.name} BUCKET=… SET=TrustedRoots=amazon",
        )
    if chosen != "amazon" or not _has_certificates(stage):
        return
    roots = packaged_roots(stage)
    if roots is None:
        yield Finding(
            "certificates",
            f"The package does not hold {ROOTS}: new processes read the default bundle, which takes longer.",
            deploy(stage),
        )
        return
    for service in SERVICES:
        url = stage.client(service).meta.endpoint_url
        if not is_trusted(url, roots):
            yield Finding(
                "certificates",
                f"{url} is not signed by an authority in the package: the functions cannot call it.",
                f"At once: make deploy STAGE={stage.name} BUCKET=… SET=TrustedRoots=default",
            )


def _has_certificates(stage: Stage) -> bool:
    """Whether a stage is in the partition where these sign; the emulator has none."""
    meta = stage.client("sqs").meta
    return bool(meta.partition == "aws" and urlsplit(meta.endpoint_url).scheme == "https")


def packaged_roots(stage: Stage) -> str | None:
    """The certificates in the package as it is deployed; None when it holds none."""
    import requests

    function = stage.client("lambda").get_function(FunctionName=stage.physical("APIHandler"))
    package = requests.get(function["Code"]["Location"], timeout=SECONDS)
    package.raise_for_status()
    with zipfile.ZipFile(io.BytesIO(package.content)) as opened:
        return opened.read(ROOTS).decode() if ROOTS in opened.namelist() else None


def is_trusted(url: str, roots: str) -> bool:
    """Whether an endpoint's certificate is signed by one of these roots.

    Raises `OSError` when it cannot be reached.
    """
    parts = urlsplit(url)
    context = ssl.create_default_context(cadata=roots)
    address = (str(parts.hostname), parts.port or 443)
    with socket.create_connection(address, timeout=SECONDS) as connection:
        try:
            context.wrap_socket(connection, server_hostname=parts.hostname).close()
        except ssl.SSLCertVerificationError:
            return False
    return True
