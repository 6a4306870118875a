"""`cpor demo`."""

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from chalicelib.aws.files import get_s3_client
from chalicelib.aws.sandbox import TestClock
from chalicelib.runtime.settings import settings
from chalicelib.runtime.wiring import SystemClock
from chalicelib.usecases.insight_tally import run_programme, start_insights
from cpor.buffered_rows import BufferedRows
from cpor.demo_acts import file_claim
from cpor.demo_assignment import assign_scripts, buffer_services
from cpor.demo_customers import make_customers, write_feed
from cpor.demo_files import DemoFiles
from cpor.demo_run import DemoRun
from cpor.demo_script import draw_scripts
from cpor.errors import CommandError
from cpor.exit_codes import DONE, finish, report_errors
from cpor.feeds.importing import find_sources, import_feed
from cpor.options import AsJson, Endpoint, StackName, StageName
from cpor.output import counting
from cpor.stage import default_stage, find_rows_of, find_services

SETTLED = timedelta(minutes=10)  # after which all events can be counted
A_DAY = 1_000  # the most customers of a demonstration: their numbers begin with the day


def demo(  # noqa: PLR0913 - one parameter per option
    claims: Annotated[int, typer.Option(min=1, max=A_DAY, help="How many claims.")] = 300,
    days: Annotated[int, typer.Option(min=7, max=180, help="For how many days.")] = 90,
    seed: Annotated[int, typer.Option(help="Another number draws other scripts.")] = 1,
    stage: StageName = "",
    stack: StackName = "",
    endpoint_url: Endpoint = "",
    as_json: AsJson = False,
) -> None:
    """Create claims with some months of history on the test clock, so that every page has content.

    Adds customers to the feed, files, reviews, answers and lets deadlines pass, then moves the test
    clock to the end and counts the insights. For sandboxes only. The mails are not stored. A second
    run continues from there, with other customers. Exit codes: 0 done, 2 could not run.
    """
    with report_errors(as_json):
        stage = stage or default_stage(stack, endpoint_url)
        services = find_services(stage, stack, "", endpoint_url)
        if not services.settings.sandbox:
            raise CommandError("A demonstration is for sandboxes: this stage has no test clock.")
        rows = find_rows_of(stage, stack, "", endpoint_url)
        clock = TestClock(rows, SystemClock().now)
        start = clock.now()
        end = start + timedelta(days=days)
        customers = make_customers(claims, start.toordinal() * A_DAY)
        with tempfile.TemporaryDirectory() as folder:
            write_feed(customers, Path(folder))
            import_feed(find_sources(Path(folder)), rows, lambda name, lines: None)
        buffer = BufferedRows(rows)
        bucket, endpoint = services.settings.evidence_bucket, settings().aws_endpoint_url
        files = DemoFiles(bucket, lambda: get_s3_client(endpoint_url or endpoint))
        runner = DemoRun(buffer_services(services.evolve(files=files), buffer), files.add, end)
        scripts = draw_scripts(claims, start, days, seed)
        for subject in assign_scripts(services, scripts, customers, start):
            runner.add(subject.script.filed_at, subject, file_claim)
        with counting(as_json) as advance:
            runner.run(advance)
        buffer.flush()
        clock.move(end + SETTLED)
        start_insights(services.store, start)
        run_programme(services, clock.now())
        data = {
            "ok": True,
            "filed": runner.filed,
            "refused": runner.refused,
            "now": f"{end:%Y-%m-%d}",
        }
        lines = [
            f"{runner.filed} claims filed; {runner.refused} acts that a rule refused.",
            f"The test clock stands at {end:%Y-%m-%d}. Look at /desk/insights.",
        ]
        finish(as_json, data, lines, DONE)
