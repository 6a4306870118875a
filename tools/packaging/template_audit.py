"""`make audit`, a part of `make lint`: check the templates with checkov.

Each finding is fixed, or has an exception here with its reason. An exception that is not needed any
more is an error, too, so that the list stays short.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

from tools.errors import ToolError, run
from tools.packaging.package import ROOT, package
from tools.packaging.target import HOST

STAGES = ("sandbox", "prod")
ACCOUNT = ROOT / "infra" / "account"
OPTIONS = ("--framework", "cloudformation", "--skip-download", "--compact", "-o", "json")
CHECKOV = ROOT / ".audit" / "bin" / "checkov"


class Exemption(NamedTuple):
    """Why a check does not apply, and to which resources: names in the template, or patterns."""

    reason: str
    resources: tuple[str, ...] = ("*",)


class Violation(NamedTuple):
    """A check of checkov that a resource fails."""

    check: str
    resource: str
    title: str


EXEMPTIONS = {
    "CKV_AWS_18": Exemption(
        "The API signs and logs downloads of evidence, and packages are named by their digest",
        ("EvidenceBucket", "Artefacts"),
    ),
    "CKV_AWS_26": Exemption(
        "SES and CloudWatch cannot publish with the key of AWS; events contain ids of mails only"
    ),
    "CKV_AWS_27": Exemption("SQS encrypts the queues itself; messages contain ids only"),
    "CKV_AWS_73": Exemption(
        "Every line of the log has the id of the request; traces would add nothing"
    ),
    "CKV_AWS_76": Exemption(
        "The access log depends on a condition that checkov ignores (test_template.py does not)"
    ),
    "CKV_AWS_115": Exemption(
        "A limit on one function would reject callers while others idle; the API has a throttle"
    ),
    "CKV_AWS_116": Exemption(
        "Invoked synchronously, or reading a queue with a dead-letter queue",
        ("APIHandler", "Worker", "MailEvents", "Webhooks", "TokenClaims", "Invitations"),
    ),
    "CKV_AWS_117": Exemption(
        "The functions call AWS and the public internet, nothing in a private network"
    ),
    "CKV_AWS_119": Exemption(
        "Encrypted with the key of AWS, whose uses CloudTrail records; an own key can be lost"
    ),
    "CKV_AWS_120": Exemption("Answers are for one caller; a cache would give them to others"),
    "CKV_AWS_158": Exemption(
        "Logs contain ids and codes, no personal data (test_metrics.py); CloudWatch encrypts them"
    ),
    "CKV_AWS_173": Exemption(
        "The environment contains names and addresses; secrets are in Parameter Store"
    ),
    "CKV_AWS_192": Exemption(
        "The firewall limits requests per address; nothing here runs Java", ("Firewall",)
    ),
}


def main() -> int:
    """Check the templates of all deployed stages and of the account.

    Raises:
        ToolError: a violation without an exception, or an exception that is not needed.
    """
    templates = {
        f"{stage}.json": _without_routes(package(stage, HOST).template) for stage in STAGES
    }
    templates |= {file.name: file.read_text() for file in ACCOUNT.glob("*.yaml")}
    violations = set(_run_checkov(templates))
    if problems := list_problems(violations):
        raise ToolError(
            "\n".join(problems),
            "Fix it in infra/, or add an exception to tools/packaging/template_audit.py.",
        )
    print(
        f"{len(violations)} findings of checkov in {len(templates)} templates, all with a reason."
    )
    return 0


def list_problems(violations: Iterable[Violation]) -> list[str]:
    """List the violations without an exception, and the exceptions that are not needed."""
    found = list(violations)
    unexplained = [f"{v.check} {v.resource}: {v.title}" for v in found if not _is_exempt(v)]
    needed = {violation.check for violation in found}
    unneeded = [f"{check} is not found any more" for check in EXEMPTIONS if check not in needed]
    return sorted(unexplained) + unneeded


def _is_exempt(violation: Violation) -> bool:
    exemption = EXEMPTIONS.get(violation.check)
    return exemption is not None and any(
        fnmatch(violation.resource, pattern) for pattern in exemption.resources
    )


def _without_routes(template: Path) -> str:
    """Return the template without the paths of the API: checkov takes a minute for each of them."""
    document = json.loads(template.read_text())
    document["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]["paths"] = {}
    return json.dumps(document, indent=1)


def _run_checkov(templates: Mapping[str, str]) -> Iterator[Violation]:
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / name for name in templates]
        for file in files:
            file.write_text(templates[file.name])
        # All at once: checkov takes seconds to start, and a fraction of one for a template.
        command = [str(CHECKOV), *OPTIONS, "-f", *map(str, files)]
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL
        )
    try:
        results = json.loads(done.stdout)["results"]
    except (ValueError, KeyError, TypeError) as error:
        raise ToolError(
            f"checkov failed: {(done.stderr or done.stdout)[-2000:]}",
            "Check that .audit exists: make audit.",
        ) from error
    unread = set(templates) - {
        Path(result["file_path"]).name for result in results["passed_checks"]
    }
    if unread or results["parsing_errors"]:
        raise ToolError(
            f"checkov could not read {sorted(unread)}: {results['parsing_errors']}",
            "Run `make templates`.",
        )
    yield from (
        Violation(result["check_id"], result["resource"].rpartition(".")[2], result["check_name"])
        for result in results["failed_checks"]
    )


if __name__ == "__main__":
    sys.exit(run(main))
