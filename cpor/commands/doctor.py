"""`cpor doctor`."""

from collections.abc import Iterator

from cpor.doctor import CHECKS, examine
from cpor.doctor.finding import Finding
from cpor.exit_codes import DONE, NOT_RUN, PARTIAL, finish, report_errors
from cpor.options import AsJson, Endpoint, StackName, StageName
from cpor.stage import Stage


def doctor(
    stage: StageName = "prod",
    stack: StackName = "",
    endpoint_url: Endpoint = "",
    as_json: AsJson = False,
) -> None:
    """Check every part of a deployed stage, and print what is wrong, where, and what to do.

    Changes nothing and prints no secret. Exit codes: 0 all is well, 1 something is wrong, 2 some
    parts could not be checked.
    """
    with report_errors(as_json):
        deployed = Stage(stage, stack, endpoint_url)
        findings = examine(deployed)
        faults = [finding for finding in findings if not finding.note]
        is_wrong = any(not finding.blind for finding in faults)
        data = {
            "ok": not faults,
            "stage": stage,
            "stack": deployed.stack,
            "findings": [finding._asdict() for finding in findings],
        }
        lines = _describe(f"{stage} ({deployed.stack})", findings)
        finish(as_json, data, lines, PARTIAL if is_wrong else NOT_RUN if faults else DONE)


def _describe(stage: str, findings: tuple[Finding, ...]) -> Iterator[str]:
    for finding in findings:
        note = "Note: " if finding.note else ""
        yield f"{note}{finding.where}: {finding.wrong}\n  To do: {finding.do}"
    faults = [finding for finding in findings if not finding.note]
    if faults:
        wrong = sum(not finding.blind for finding in faults)
        unchecked = len(faults) - wrong
        yield f"{stage}: {wrong} faults, {unchecked} parts could not be checked."
    else:
        yield f"{stage} is well. Checked: {', '.join(CHECKS)}."
