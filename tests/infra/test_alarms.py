"""Alarms: raised for everything that fails, by trouble only, each with its place in the runbook."""

import json
import re
from typing import Any

import pytest

from chalicelib.runtime.metrics import METRIC_UNITS, NAMESPACE
from tests.infra.templates import FUNCTIONS, of_type
from tools.packaging.package import ROOT, STAGES, package
from tools.packaging.target import HOST
from tools.packaging.template import read_additions

RUNBOOK = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
STAGES_NAMED = {
    stage: read_additions(ROOT / "infra", stage)["Mappings"]["This"] for stage in STAGES
}


def test_every_function_and_every_queue_that_fails_has_an_alarm(resources):
    alarms = of_type(resources, "AWS::CloudWatch::Alarm").values()
    values = [
        d["Value"]
        for alarm in alarms
        for d in alarm.get("Dimensions", [])
        if isinstance(d["Value"], dict)
    ]
    named = [value["Fn::If"][2] if "Fn::If" in value else value for value in values]
    watched = {value["Ref"] if "Ref" in value else next(iter(value.values()))[0] for value in named}

    functions = set(of_type(resources, "AWS::Lambda::Function"))
    assert (
        functions
        | FUNCTIONS
        | {"SweepSweepEvent", "Table"}
        | set(of_type(resources, "AWS::SQS::Queue"))
        <= watched
    )
    assert all(
        alarm["AlarmActions"] in ([{"Ref": "AlarmTopic"}], [{"Ref": "NoticeTopic"}])
        for alarm in alarms
    )


def test_what_can_wait_for_the_next_working_day_wakes_nobody(resources):
    waiting = {
        name.removesuffix("Alarm")
        for name, alarm in of_type(resources, "AWS::CloudWatch::Alarm").items()
        if alarm["AlarmActions"] == [{"Ref": "NoticeTopic"}]
    }

    # Partners and customers notice everything else while it lasts.
    assert waiting - {"MailBounces", "MailComplaints", "InvitationsErrors"} == {
        "CalendarEnds",
        "DueIndexThrottled",
        "FeedIndexThrottled",
        "InsightsWrong",
        "MailEventsDeadLetters",
        "MailEventsErrors",
        "MailEventsWait",
        "QueueIndexThrottled",
        "TableReadsThrottled",
        "TableThrottled",
        "WorkDeadLetters",
        "WorkWaits",
        "WorkerErrors",
        "WorkerThrottled",
        "WebhooksDeadLetters",
        "WebhooksErrors",
        "WebhooksWait",
    }


def is_raised(alarm: Any, *minutes: float) -> bool:
    """Whether an alarm of one-minute periods goes off in these minutes, as CloudWatch decides."""
    wanted, width = alarm["DatapointsToAlarm"], alarm["EvaluationPeriods"]
    breaching = [value > alarm["Threshold"] for value in minutes]
    return any(sum(breaching[at : at + width]) >= wanted for at in range(len(breaching)))


@pytest.mark.parametrize(
    ("alarms", "hiccup", "trouble"),
    [
        # One minute with failures, and failures that go on; with rare calls, now and then.
        (("ApiErrors", "ApiFaults", "ApiThrottled"), [0, 9, 0], [0, 1, 0, 0, 1, 0, 0, 0, 1]),
        (
            ("WorkerErrors", "MailEventsErrors", "WebhooksErrors", "SweepErrors"),
            [1, 1, 0],
            [1, 1, 1],
        ),
        (("SweepDeadLetters", "SweepNotStarted"), [1, 1], [1, 1, 1]),
        (("WorkerThrottled", "TableThrottled", "TableReadsThrottled"), [50] * 4, [1] * 5),
        (("DueIndexThrottled", "FeedIndexThrottled", "QueueIndexThrottled"), [50] * 4, [1] * 5),
        # The age of a message that fails twice and is done the third time, and of one that stays.
        (
            ("WorkWaits",),
            [60 * minute for minute in range(13)] + [0],
            [60 * minute for minute in range(20)],
        ),
        (
            ("MailEventsWait",),
            [60 * minute for minute in range(7)] + [0],
            [60 * minute for minute in range(15)],
        ),
    ],
)
def test_alarms_are_raised_by_trouble_and_not_by_one_hiccup(resources, alarms, hiccup, trouble):
    for name in alarms:
        alarm = resources[f"{name}Alarm"]["Properties"]
        assert alarm["Period"] == 60
        assert not is_raised(alarm, *hiccup), name
        assert is_raised(alarm, *trouble), name


def test_a_message_may_fail_twice_before_its_age_is_an_alarm(resources):
    for queue, alarm in (
        ("WorkQueue", "WorkWaits"),
        ("MailEventsQueue", "MailEventsWait"),
        ("WebhooksQueue", "WebhooksWait"),
    ):
        hidden = resources[queue]["Properties"]["VisibilityTimeout"]

        assert resources[f"{alarm}Alarm"]["Properties"]["Threshold"] > 2 * hidden


def test_throttled_writes_to_every_index_are_noticed(resources):
    indexes = {
        one["IndexName"] for one in resources["Table"]["Properties"]["GlobalSecondaryIndexes"]
    }
    watched = {
        dimension["Value"]
        for alarm in of_type(resources, "AWS::CloudWatch::Alarm").values()
        for dimension in alarm.get("Dimensions", [])
        if dimension["Name"] == "GlobalSecondaryIndexName"
    }

    assert watched == indexes


def test_every_alarm_leads_to_its_place_in_the_runbook(resources):
    for name, alarm in of_type(resources, "AWS::CloudWatch::Alarm").items():
        section = alarm["AlarmDescription"].partition("docs/operations.md, ")[2]
        entry = RUNBOOK.partition(f"\n### {section}\n")[2].partition("\n#")[0]

        assert f"`{name}`" in entry, f"{name} is not in the section {section!r}"


def test_the_runbook_speaks_of_alarms_that_exist():
    there = of_type(
        json.loads(package("prod", HOST).template.read_text())["Resources"],
        "AWS::CloudWatch::Alarm",
    )

    assert set(re.findall(r"`(\w+Alarm)`", RUNBOOK)) == set(there)


def test_alarms_and_dashboard_ask_for_figures_that_are_written(resources):
    stage = resources["APIHandler"]["Properties"]["Environment"]["Variables"]["STAGE"]
    alarms = of_type(resources, "AWS::CloudWatch::Alarm").values()
    body, _ = resources["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    shown = [
        m
        for widget in json.loads(body)["widgets"]
        for m in widget["properties"]["metrics"]
        if m[0] == NAMESPACE
    ]

    asked = {alarm["MetricName"] for alarm in alarms if alarm["Namespace"] == NAMESPACE} | {
        one[1] for one in shown
    }

    assert asked == set(METRIC_UNITS)
    assert all(one[2:4] == ["stage", "${Stage}"] for one in shown)
    assert STAGES_NAMED[stage] == {"Stage": {"Name": stage}}


def test_alarms_of_one_stage_ignore_other_stages(resources):
    stage = resources["APIHandler"]["Properties"]["Environment"]["Variables"]["STAGE"]
    name, _ = resources["ApiFaultsAlarm"]["Properties"]["Dimensions"]

    assert resources["RestAPI"]["Properties"]["DefinitionBody"]["info"]["title"] == f"cpor-{stage}"
    assert name["Value"] == {
        "Fn::Join": ["-", ["cpor", {"Fn::FindInMap": ["This", "Stage", "Name"]}]]
    }
