"""What the audit lets pass, and what not."""

import subprocess

from tools.packaging.package import ROOT
from tools.packaging.template_audit import EXEMPTIONS, Violation, list_problems


def all_that_has_a_reason() -> list[Violation]:
    return [
        Violation(check, pattern.replace("*", "Anything"), "…")
        for check, reason in EXEMPTIONS.items()
        for pattern in reason.resources
    ]


def test_what_has_its_reason_passes():
    assert list_problems(all_that_has_a_reason()) == []


def test_a_finding_without_a_reason_is_named_with_its_place():
    open_bucket = Violation(
        "CKV_AWS_53", "EvidenceBucket", "Ensure S3 bucket has block public ACLS enabled"
    )

    assert list_problems([*all_that_has_a_reason(), open_bucket]) == [
        "CKV_AWS_53 EvidenceBucket: Ensure S3 bucket has block public ACLS enabled"
    ]


def test_a_reason_counts_only_where_it_was_given():
    lost = Violation("CKV_AWS_116", "Sweep", "Ensure a Dead Letter Queue")

    assert list_problems([*all_that_has_a_reason(), lost]) == [
        "CKV_AWS_116 Sweep: Ensure a Dead Letter Queue"
    ]


def test_a_reason_that_nothing_needs_is_named():
    gone = next(iter(EXEMPTIONS))

    assert list_problems(one for one in all_that_has_a_reason() if one.check != gone) == [
        f"{gone} is not found any more"
    ]


def test_nothing_is_tested_before_style_types_and_both_judges_of_templates_have_agreed():
    said = subprocess.run(
        ["make", "--dry-run", "test"], check=True, cwd=ROOT, capture_output=True, text=True
    ).stdout

    before, _, after = said.partition("-m pytest")
    assert after, said
    for judge in ("bin/ruff", "bin/mypy", "bin/cfn-lint", "-m tools.packaging.template_audit"):
        assert judge in before, judge
