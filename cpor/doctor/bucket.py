"""The evidence bucket: private, versioned, encrypted, and open to uploads from our own pages."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from cpor.doctor.finding import Finding, deploy
from cpor.stage import Stage

NOT_CONFIGURED = frozenset(
    {
        "NoSuchPublicAccessBlockConfiguration",
        "NoSuchCORSConfiguration",
        "ServerSideEncryptionConfigurationNotFoundError",
    }
)
ACCESS_BLOCKS = (
    "BlockPublicAcls",
    "IgnorePublicAcls",
    "BlockPublicPolicy",
    "RestrictPublicBuckets",
)


def check(stage: Stage) -> Iterator[Finding]:
    """Check public access, versions, encryption and origins."""
    name, s3 = stage.output("EvidenceBucketName"), stage.client("s3")
    where = f"bucket {name}"
    block = _read(s3.get_public_access_block, name).get("PublicAccessBlockConfiguration", {})
    if missing := [part for part in ACCESS_BLOCKS if not block.get(part)]:
        wrong = f"Evidence could be made public: {', '.join(missing)} off."
        yield Finding(where, wrong, deploy(stage))
    if s3.get_bucket_versioning(Bucket=name).get("Status") != "Enabled":
        yield Finding(
            where, "A file that is overwritten is lost: versioning is off.", deploy(stage)
        )
    if not _read(s3.get_bucket_encryption, name):
        yield Finding(where, "Files are not encrypted.", deploy(stage))
    rules = _read(s3.get_bucket_cors, name).get("CORSRules", [])
    yield from _check_origins(where, rules, stage)


def _check_origins(where: str, rules: list[dict[str, Any]], stage: Stage) -> Iterator[Finding]:
    base = urlsplit(stage.settings_of("APIHandler").public_base_url)
    ours = f"{base.scheme}://{base.netloc}"
    allowed = {
        origin
        for rule in rules
        if "POST" in rule["AllowedMethods"]
        for origin in rule["AllowedOrigins"]
    }
    if not allowed & {ours, "*"}:
        yield Finding(where, f"Pages at {ours} may not upload to it.", deploy(stage))
    if foreign := sorted(allowed - {ours}):
        wrong = f"Pages of other sites may upload to it: {', '.join(foreign)}."
        yield Finding(where, wrong, deploy(stage))


def _read(call: Any, bucket: str) -> dict[str, Any]:
    """Return a configuration; empty where none was ever set."""
    try:
        return dict(call(Bucket=bucket))
    except ClientError as error:
        if error.response["Error"]["Code"] not in NOT_CONFIGURED:
            raise
        return {}
