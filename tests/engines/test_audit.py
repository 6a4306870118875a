"""What the audit lets pass, and what not."""

from tools.audit import PASSED_OVER, Found, judged


def all_that_has_a_reason() -> list[Found]:
    return [Found(check, pattern.replace("*", "Anything"), "…") for check, reason in PASSED_OVER.items() for pattern in reason.at]


def test_what_has_its_reason_passes():
    assert judged(all_that_has_a_reason()) == []


def test_a_finding_without_a_reason_is_named_with_its_place():
    open_bucket = Found("CKV_AWS_53", "EvidenceBucket", "Ensure S3 bucket has block public ACLS enabled")

    assert judged([*all_that_has_a_reason(), open_bucket]) == [
        "CKV_AWS_53 EvidenceBucket: Ensure S3 bucket has block public ACLS enabled"
    ]


def test_a_reason_counts_only_where_it_was_given():
    lost = Found("CKV_AWS_116", "Sweep", "Ensure a Dead Letter Queue")

    assert judged([*all_that_has_a_reason(), lost]) == ["CKV_AWS_116 Sweep: Ensure a Dead Letter Queue"]


def test_a_reason_that_nothing_needs_is_named():
    assert judged(all_that_has_a_reason()[1:])[-1].endswith("is not found any more")
