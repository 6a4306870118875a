"""The stack: there, finished, and with everything that this version's template has."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cpor.doctor.finding import Finding, deploy
from cpor.exit_codes import Unusable
from cpor.stage import Stage

DONE = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"})
INFRA = Path(__file__).resolve().parents[2] / "infra"


def missing(stage: Stage) -> Finding:
    """There is no such stack."""
    return Finding(
        "stack",
        f"There is no stack {stage.stack} in this account and region.",
        "See that AWS_PROFILE and AWS_DEFAULT_REGION are right, then: "
        f"make deploy STAGE={stage.name} BUCKET=…",
    )


def snapshot(stage: Stage) -> Iterator[Finding]:
    """Status, resources that failed, resources that this version has and the stack lacks."""
    status = stage.described["StackStatus"]
    if status not in DONE:
        do = (
            "Wait until it is done."
            if status.endswith("_IN_PROGRESS")
            else f"Read its events for the reason. {deploy(stage)}"
        )
        yield Finding(f"stack {stage.stack}", f"The last deployment ended as {status}.", do)
    for name, one in stage.resources.items():
        if not one["ResourceStatus"].endswith("_COMPLETE") or one["ResourceStatus"].startswith(
            "DELETE"
        ):
            yield Finding(
                f"stack {stage.stack}", f"{name} is {one['ResourceStatus']}.", deploy(stage)
            )
    for name in sorted(_expected(stage.name) - set(stage.resources)):
        yield Finding(
            f"stack {stage.stack}", f"{name} is missing, which this version has.", deploy(stage)
        )


def template(stage: str) -> dict[str, Any]:
    """What infra/ has for a stage. Raises Unusable where it is not at hand."""
    from tools.packaging.template import additions

    if not INFRA.is_dir():
        raise Unusable(
            "this version's infra/ is not at hand: run cpor from the project's own environment (.venv/bin/cpor)."
        )
    return additions(INFRA, stage)


def _expected(stage: str) -> set[str]:
    """The resources that every deployment of a stage has."""
    return {name for name, one in template(stage)["Resources"].items() if "Condition" not in one}
