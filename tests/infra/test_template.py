"""What is deployed: least privilege, an end for every failure, and somebody who is told."""

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest

from chalicelib.runtime.settings import Settings
from chalicelib.usecases.mail_reports import TYPES
from chalicelib.web.pages.docs.errors import list_errors
from tests.infra.templates import FUNCTIONS, of_type
from tools.embedded.front import LEAST_COMPRESSED
from tools.packaging.package import package
from tools.packaging.target import HOST

SECONDS_OF_THE_GATEWAY = 29


def statements(resources: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for role, properties in of_type(resources, "AWS::IAM::Role").items():
        for policy in properties["Policies"]:
            yield from ((role, statement) for statement in policy["PolicyDocument"]["Statement"])


def test_no_function_may_do_everything_or_touch_everything(resources):
    for role, statement in statements(resources):
        assert "*" not in statement["Resource"], role
        assert all(not str(resource).startswith("arn:") for resource in statement["Resource"]), (
            "names are parameters"
        )
        assert not any(action.endswith("*") for action in statement["Action"]), role


def test_every_function_has_a_role_of_its_own(resources):
    roles = [
        str(properties["Role"])
        for properties in of_type(resources, "AWS::Serverless::Function").values()
    ]

    assert len(set(roles)) == len(roles)


def test_every_role_stays_within_the_boundary_that_a_deployment_names(resources):
    for role, properties in of_type(resources, "AWS::IAM::Role").items():
        assert properties["PermissionsBoundary"]["Fn::If"][:2] == [
            "Bounded",
            {"Ref": "PermissionsBoundary"},
        ], role


def test_no_function_may_scan_the_table(resources):
    assert not [
        role for role, statement in statements(resources) if "dynamodb:Scan" in statement["Action"]
    ]


def test_every_function_is_known_here(resources):
    assert set(of_type(resources, "AWS::Serverless::Function")) == FUNCTIONS


def test_every_queue_leads_to_a_dead_letter_queue_or_is_one(resources):
    queues = of_type(resources, "AWS::SQS::Queue")
    ends = {
        properties["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
        for properties in queues.values()
        if "RedrivePolicy" in properties
    }

    assert {
        name for name, properties in queues.items() if "RedrivePolicy" not in properties
    } - ends == {"SweepDeadLetters"}
    assert all(
        p["RedrivePolicy"]["maxReceiveCount"] == 5 for p in queues.values() if "RedrivePolicy" in p
    )


def test_what_waits_is_kept_for_as_long_as_a_queue_can(resources):
    longest = 14 * 24 * 3600

    assert {
        p["MessageRetentionPeriod"] for p in of_type(resources, "AWS::SQS::Queue").values()
    } == {longest}


def test_no_backlog_takes_all_of_the_accounts_functions_from_the_api(template, resources):
    limits = {
        "Worker": "WorkersAtOnce",
        "MailEvents": "MailEventsAtOnce",
        "Webhooks": "WebhooksAtOnce",
    }
    for function, limit in limits.items():
        (event,) = resources[function]["Properties"]["Events"].values()
        parameter = template["Parameters"][limit]

        maximum = event["Properties"]["ScalingConfig"]["MaximumConcurrency"]
        assert maximum == {"Fn::If": ["OnAws", {"Ref": limit}, parameter["Default"]]}
        assert parameter["Default"] <= 100
        assert (parameter["MinValue"], parameter["MaxValue"]) == (2, 1000)  # what Lambda takes


def only_over_tls(statement: Any) -> bool:
    """Whether a statement, or the one it becomes on AWS, keeps everybody out who comes in the
    clear.
    """
    refusal = statement["Fn::If"][1] if "Fn::If" in statement else statement
    return refusal["Effect"] == "Deny" and refusal["Condition"] == {
        "Bool": {"aws:SecureTransport": "false"}
    }


@pytest.mark.parametrize(
    "stage", ["sandbox", "prod"]
)  # the stage `local` runs on the emulator alone, which has no TLS
def test_every_queue_and_bucket_speaks_tls_only_and_has_one_policy(stage):
    resources = json.loads(package(stage, HOST).template.read_text())["Resources"]
    queues, buckets = (
        of_type(resources, "AWS::SQS::QueuePolicy"),
        of_type(resources, "AWS::S3::BucketPolicy"),
    )
    guarded = [q["Ref"] for policy in queues.values() for q in policy["Queues"]] + [
        p["Bucket"]["Ref"] for p in buckets.values()
    ]

    # a second policy for the same queue would take the place of the first
    assert sorted(guarded) == sorted(
        [*of_type(resources, "AWS::SQS::Queue"), *of_type(resources, "AWS::S3::Bucket")]
    )
    for name, policy in {**queues, **buckets}.items():
        assert any(only_over_tls(one) for one in policy["PolicyDocument"]["Statement"]), name


def test_services_may_use_one_named_resource_of_this_account_only(resources):
    kinds = ("AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy")
    documents = [p["PolicyDocument"] for kind in kinds for p in of_type(resources, kind).values()]
    allowed = [
        one
        for document in documents
        for one in document["Statement"]
        if one.get("Effect") == "Allow"
    ]

    assert allowed
    for statement in allowed:
        (condition,) = statement["Condition"].values()
        assert "aws:SourceArn" in condition, statement
        assert set(statement["Principal"]) == {"Service"}


def test_what_the_topic_cannot_deliver_is_not_lost(resources):
    for subscription in of_type(resources, "AWS::SNS::Subscription").values():
        if subscription["Protocol"] == "sqs":
            assert subscription["RedrivePolicy"] == {
                "deadLetterTargetArn": {"Fn::GetAtt": ["MailEventsDeadLetters", "Arn"]}
            }
            allowed = resources["MailEventsDeadLettersPolicy"]["Properties"]["PolicyDocument"][
                "Statement"
            ][0]
            assert (allowed["Action"], allowed["Principal"]) == (
                "sqs:SendMessage",
                {"Service": "sns.amazonaws.com"},
            )


def test_a_message_stays_hidden_for_six_times_as_long_as_its_function_may_take(resources):
    for function, queue in (
        ("Worker", "WorkQueue"),
        ("MailEvents", "MailEventsQueue"),
        ("Webhooks", "WebhooksQueue"),
    ):
        longest = resources[function]["Properties"]["Timeout"]

        assert resources[queue]["Properties"]["VisibilityTimeout"] >= 6 * longest


def test_functions_that_read_queues_say_which_messages_failed(resources):
    for function in ("Worker", "MailEvents", "Webhooks"):
        (event,) = resources[function]["Properties"]["Events"].values()

        assert event["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert list(event["Properties"]["Queue"]) == ["Fn::Sub"]


def test_the_sweep_gives_up_into_its_dead_letter_queue(resources):
    sweep = resources["Sweep"]["Properties"]
    (event,) = sweep["Events"].values()

    end = {"Fn::GetAtt": ["SweepDeadLetters", "Arn"]}

    assert (
        sweep["DeadLetterQueue"]["TargetArn"]
        == event["Properties"]["DeadLetterConfig"]["Arn"]
        == end
    )
    assert event["Properties"]["RetryPolicy"]["MaximumRetryAttempts"] == 2


def test_a_budget_is_made_only_where_one_is_set(resources):
    assert resources["Budget"]["Condition"] == "HasBudget"


def test_the_api_answers_before_the_gateway_gives_up(resources):
    assert resources["APIHandler"]["Properties"]["Timeout"] < SECONDS_OF_THE_GATEWAY
    assert resources["RestAPI"]["Properties"]["EndpointConfiguration"] == {"Type": "REGIONAL"}


def test_an_unknown_path_is_not_found_and_no_lack_of_a_token(resources):
    answers = resources["RestAPI"]["Properties"]["GatewayResponses"]

    assert answers["MISSING_AUTHENTICATION_TOKEN"]["StatusCode"] == 404
    for answer in answers.values():
        text = answer["ResponseTemplates"]["application/json"]["Fn::Sub"]
        assert set(json.loads(text)) == {
            "type",
            "title",
            "status",
            "code",
            "detail",
            "request_id",
            "support",
        }
        link, _, anchor = json.loads(text)["type"].partition("#")
        assert link == "${PublicBaseUrl}/docs/errors"
        assert anchor == json.loads(text)["code"]
        assert anchor in [entry.anchor for entry in list_errors("en", "")]
        assert (
            answer["ResponseParameters"]["Headers"]["Content-Type"] == "'application/problem+json'"
        )


def test_pages_are_compressed(resources):
    assert resources["RestAPI"]["Properties"]["MinimumCompressionSize"] == LEAST_COMPRESSED


def test_the_gateways_own_log_has_no_path_for_a_path_may_hold_a_link(resources):
    format = resources["RestAPI"]["Properties"]["AccessLogSetting"]["Fn::If"][1]["Format"]

    assert "$context.resourcePath" in format
    assert not any(
        secret in format for secret in ("$context.path", "$context.identity", "$context.authorizer")
    )


def test_the_table_can_be_restored_and_is_not_lost_with_the_stack(resources):
    table = resources["Table"]["Properties"]

    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["SSESpecification"] == {"SSEEnabled": True}
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}
    stage = resources["APIHandler"]["Properties"]["Environment"]["Variables"]["STAGE"]
    protection = {"Ref": "Protected"} if stage == "prod" else False  # set once the stack exists
    assert table.get("DeletionProtectionEnabled", False) == protection
    assert (
        resources["Table"]["DeletionPolicy"]
        == resources["EvidenceBucket"]["DeletionPolicy"]
        == "RetainExceptOnCreate"
    )
    assert {
        resources[name]["UpdateReplacePolicy"]
        for name in ("Table", "EvidenceBucket", "UserPool")
        if name in resources
    } == {"Retain"}


def test_indexes_hold_keys_only(resources):
    indexes = resources["Table"]["Properties"]["GlobalSecondaryIndexes"]

    assert {index["IndexName"] for index in indexes} == {"due", "feed", "queue"}
    assert all(index["Projection"] == {"ProjectionType": "KEYS_ONLY"} for index in indexes)


def test_evidence_is_closed_to_the_public(resources):
    bucket = resources["EvidenceBucket"]["Properties"]

    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    (rule,) = bucket["CorsConfiguration"]["CorsRules"]
    assert rule["AllowedMethods"] == ["POST"]
    assert rule["AllowedOrigins"] != ["*"]


def test_everything_that_the_service_reads_of_its_environment_can_be_deployed(template):
    said = set(template["Globals"]["Function"]["Environment"]["Variables"])
    read = {field.name.upper() for field in fields(Settings)}
    in_production = (
        {"CONFIGURATION_SET", "USER_POOL_ID"}
        if "MailConfiguration" in template["Resources"]
        else set()
    )

    assert (
        read - said
        == {"STAGE", "AWS_ENDPOINT_URL", "CONFIGURATION_SET", "USER_POOL_ID"} - in_production
    ), "only what the package or the emulator says"


def test_production_is_not_made_without_what_it_needs():
    template = json.loads(package("prod", HOST).template.read_text())
    refused = [
        one["Assert"]["Fn::Not"][0]["Fn::Equals"]
        for rule in template["Rules"].values()
        for one in rule["Assertions"]
    ]

    # without a path the policies would end in parameter/*; the others are examples that reach
    # nobody
    assert {one["Ref"] for one, _ in refused} == {"SecretsPrefix", "MailFrom", "ProgrammeMail"}
    assert all(value == template["Parameters"][one["Ref"]]["Default"] for one, value in refused)
    assert template["Parameters"]["PublicBaseUrl"]["AllowedPattern"].startswith("https://")


def test_addresses_that_pages_link_to_are_no_scripts(template):
    """The audit of security, S13: `SupportUrl` took any text."""
    patterns = {
        name: parameter.get("AllowedPattern", "")
        for name, parameter in template["Parameters"].items()
        if name in ("SupportUrl", "EnrolmentUrl", "PrivacyUrl", "ImprintUrl")
    }

    assert len(patterns) == 4
    for pattern in patterns.values():
        assert re.fullmatch(pattern, "https://help.example/")
        assert not re.fullmatch(pattern, "javascript:alert(1)")
        assert not re.fullmatch(pattern, "data:text/html,x")


def test_no_secret_stands_in_the_environment(template):
    names = set(template["Globals"]["Function"]["Environment"]["Variables"])

    assert not [
        name
        for name in names
        if any(word in name for word in ("KEY", "PASSWORD", "TOKEN", "SECRET_"))
    ]


def test_only_production_sends_mail(resources):
    stage = resources["APIHandler"]["Properties"]["Environment"]["Variables"]["STAGE"]
    mails = [
        role for role, statement in statements(resources) if "ses:SendEmail" in statement["Action"]
    ]

    assert mails == (["WorkerRole", "WebhooksRole"] if stage == "prod" else [])
    assert ("MailTopic" in resources) == (stage == "prod")


def test_metrics_of_each_method_are_paid_for_only_on_request(template, resources):
    (settings,) = resources["RestAPI"]["Properties"]["MethodSettings"]

    assert settings["MetricsEnabled"] == {"Ref": "DetailedMetrics"}
    assert template["Parameters"]["DetailedMetrics"]["Default"] == "false"


def test_a_firewall_limits_each_address_only_where_a_limit_is_set(template, resources):
    firewall = of_type(resources, "AWS::WAFv2::WebACL")["Firewall"]
    (rule,) = firewall["Rules"]

    assert template["Parameters"]["RequestsPerAddress"]["Default"] == 0
    assert {resources[name]["Condition"] for name in ("Firewall", "FirewallOfApi")} == {
        "HasFirewall"
    }
    assert rule["Statement"]["RateBasedStatement"]["Limit"] == {"Ref": "RequestsPerAddress"}
    assert rule["Action"]["Block"]["CustomResponse"]["ResponseCode"] == 429
    # A sample holds the path, and a path can contain a customer's link.
    assert not firewall["VisibilityConfig"]["SampledRequestsEnabled"]
    assert not rule["VisibilityConfig"]["SampledRequestsEnabled"]
    body = firewall["CustomResponseBodies"]["TooMany"]["Content"]["Fn::Sub"]
    assert json.loads(body)["code"] == "too_many_requests"


def test_mail_events_are_paid_for_only_if_they_are_read():
    resources = json.loads(package("prod", HOST).template.read_text())["Resources"]
    destination = resources["MailEventsDestination"]["Properties"]["EventDestination"]

    assert {one.lower() for one in destination["MatchingEventTypes"]} == {
        one.lower() for one in TYPES
    }
