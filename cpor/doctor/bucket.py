"""The bucket with the evidence: closed to the public, versioned, encrypted, and open to uploads
from our own pages.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from cpor.doctor.finding import Finding, deploy
from cpor.stage import Stage

ABSENT = frozenset(
    {
        "NoSuchPublicAccessBlockConfiguration",
        "NoSuchCORSConfiguration",
        "ServerSideEncryptionConfigurationNotFoundError",
    }
)
CLOSED = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


def snapshot(stage: Stage) -> Iterator[Finding]:
    """Public access, versions, encryption, origins."""
    name, storage = stage.output("EvidenceBucketName"), stage.client("s3")
    where, asked = f"bucket {name}", {"Bucket": name}
    block = _or_nothing(storage.get_public_access_block, asked).get(
        "PublicAccessBlockConfiguration", {}
    )
    if opened := [part for part in CLOSED if not block.get(part)]:
        yield Finding(
            where, f"Evidence could be made public: {', '.join(opened)} off.", deploy(stage)
        )
    if storage.get_bucket_versioning(**asked).get("Status") != "Enabled":
        yield Finding(
            where, "A file that is overwritten is lost: versioning is off.", deploy(stage)
        )
    if not _or_nothing(storage.get_bucket_encryption, asked):
        yield Finding(where, "Files are not encrypted.", deploy(stage))
    base = urlsplit(stage.settings_of("APIHandler").public_base_url)
    rules = _or_nothing(storage.get_bucket_cors, asked).get("CORSRules", [])
    yield from _origins(where, rules, f"{base.scheme}://{base.netloc}", stage)


def _origins(where: str, rules: list[dict[str, Any]], ours: str, stage: Stage) -> Iterator[Finding]:
    allowed = {
        origin
        for rule in rules
        if "POST" in rule["AllowedMethods"]
        for origin in rule["AllowedOrigins"]
    }
    if not allowed & {ours, "*"}:
        yield Finding(where, f"Pages at {ours} may not upload to it.", deploy(stage))
    if foreign := sorted(allowed - {ours}):
        yield Finding(
            where, f"Pages of others may upload to it: {', '.join(foreign)}.", deploy(stage)
        )


def _or_nothing(call: Any, asked: dict[str, str]) -> dict[str, Any]:
    """What is set, or nothing where nothing ever was."""
    from botocore.exceptions import ClientError

    try:
        return dict(call(**asked))
    except ClientError as refused:
        if refused.response["Error"]["Code"] not in ABSENT:
            raise
        return {}
