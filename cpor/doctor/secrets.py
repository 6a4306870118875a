"""The secrets: there, encrypted, and such that the functions can use them. Their values are never
shown.
"""

from collections.abc import Iterator

from cpor.doctor.finding import Finding
from cpor.stage import Stage

# text, given by whoever runs the directory; only where the directory is asked live
LIVE = "live-client-secret"
NAMES = ("link-key", "cursor-key", "webhook-key")
BYTES = 32


def snapshot(stage: Stage) -> Iterator[Finding]:
    """Each under the stage's path of Parameter Store. A sandbox keeps its own in the table."""
    chosen = stage.settings_of("APIHandler")
    if chosen.sandbox:
        return
    if not chosen.secrets_prefix:
        yield Finding(
            "secrets",
            "Nobody said where they are: SECRETS_PREFIX is empty.",
            f"make deploy STAGE={stage.name} BUCKET=… SET=SecretsPrefix=/cpor/{stage.name}",
        )
        return
    names = {
        f"{chosen.secrets_prefix.rstrip('/')}/{name}": name
        for name in (*NAMES, *((LIVE,) if chosen.directory == "live" else ()))
    }
    told = stage.client("ssm").get_parameters(Names=list(names), WithDecryption=True)
    for path in told.get("InvalidParameters", []):
        given = f"aws ssm put-parameter --type SecureString --name {path} --value …"
        yield Finding(
            f"secret {path}",
            "It is missing.",
            given if names[path] == LIVE else f"cpor secrets make --stage {stage.name}",
        )
    for one in told["Parameters"]:
        if one["Type"] != "SecureString":
            yield Finding(
                f"secret {one['Name']}",
                f"It lies there in clear, as {one['Type']}.",
                "Delete it and put a new one there as SecureString.",
            )
        if names[one["Name"]] != LIVE and not _well_formed(one["Value"]):
            yield Finding(
                f"secret {one['Name']}",
                f"It is not {BYTES} bytes or more in hexadecimal.",
                f"cpor secrets change {names[one['Name']]} --stage {stage.name}",
            )
    values = [one["Value"] for one in told["Parameters"]]
    if len(set(values)) < len(values):
        yield Finding(
            "secrets",
            "Two of them are the same.",
            f"cpor secrets change, for each of them, --stage {stage.name}",
        )


def _well_formed(value: str) -> bool:
    try:
        return len(bytes.fromhex(value)) >= BYTES
    except ValueError:
        return False
