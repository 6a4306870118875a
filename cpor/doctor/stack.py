"""The stack: present, complete, and with everything that this version's template has."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cpor.doctor.finding import Finding, deploy
from cpor.errors import CommandError
from cpor.stage import Stage
from tools.packaging.template import read_additions

COMPLETE = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"})
INFRA = Path(__file__).resolve().parents[2] / "infra"


def missing_stack(stage: Stage) -> Finding:
    """Return that there is no stack."""
    command = f"make deploy STAGE={stage.name} BUCKET=…"
    return Finding(
        "stack",
        f"There is no stack {stage.stack} in this account and region.",
        f"Check that AWS_PROFILE and AWS_DEFAULT_REGION are right, then: {command}",
    )


def check(stage: Stage) -> Iterator[Finding]:
    """Check the status, failed resources, and resources that are missing."""
    where, status = f"stack {stage.stack}", stage.description["StackStatus"]
    if status not in COMPLETE:
        is_running = status.endswith("_IN_PROGRESS")
        advice = "Wait until it is done." if is_running else f"Read its events. {deploy(stage)}"
        yield Finding(where, f"The last deployment ended as {status}.", advice)
    for name, resource in stage.resources.items():
        state = resource["ResourceStatus"]
        if not state.endswith("_COMPLETE") or state.startswith("DELETE"):
            yield Finding(where, f"{name} is {state}.", deploy(stage))
    for name in sorted(_list_expected_resources(stage.name) - set(stage.resources)):
        yield Finding(where, f"{name} is missing, which this version has.", deploy(stage))


def template(stage: str) -> dict[str, Any]:
    """Return what infra/ has for a stage. Raises CommandError where infra/ is missing."""
    if not INFRA.is_dir():
        raise CommandError(
            "this version's infra/ is missing: run cpor from the project's own environment "
            "(.venv/bin/cpor)."
        )
    return read_additions(INFRA, stage)


def _list_expected_resources(stage: str) -> set[str]:
    """Return the resources that every deployment of a stage has."""
    resources = template(stage)["Resources"]
    return {name for name, resource in resources.items() if "Condition" not in resource}
