"""What a million claims and a month cost, by list prices and counts. Every assumption is a line.

    python -m bench.money

us-east-1, on demand, list prices of 2026-11 as AWS's pricing pages have them, without free tiers.
"""

from pathlib import Path

from bench.life import Life, count_life
from chalicelib.runtime.metrics import METRIC_UNITS
from tools.packaging.template import read_additions

GOAL = 110.0  # dollars (docs/scale.md)
MILLION = 1e6
# Dollars for a million: write units, read units; requests to a REST API, to functions, to queues,
# to store a file, to read one. For one GB: a second of a function on arm64, log that is ingested, a
# month of table.
WRITE, READ, REST, HTTP, INVOKE, QUEUE, PUT, GET = 0.625, 0.125, 3.50, 1.00, 0.20, 0.40, 5.00, 0.40
GB_SECOND, LOG, MONTH = 0.0000133334, 0.50, 0.25
# Assumptions. A round trip of 10 ms and 1.2 ms for a call at the 0.58 of a core that 1 GB buys
# (measured: about 0.7 ms on a whole one); 15 ms more for what a request needs besides its calls; an
# upload is one request, one file put, copied when a claim takes it, and four times read; a message
# is sent, received and deleted by a request of its own; one event in a hundred to a function is a
# cold start of 1 s.
TRIP, CALL, REST_OF_IT, GB = 0.010, 0.0012, 0.015, 1.0
UPLOAD, FILE_PUTS, FILE_READS, PER_MESSAGE, COLD, COLD_SECONDS = 1, 2, 4, 3, 0.01, 1.0
# Of a mail: SES, and what its two events (Send, Delivery) cost: published, queued, handled in
# batches of ten in 20 ms each.
MAIL, PUBLISH, EVENTS, EVENT_SECONDS, BATCH = 100.0, 0.50, 2, 0.020, 10
# Dollars a month: an alarm, a metric of our own, a dashboard, a key.
ALARM, METRIC, DASHBOARD, KEY = 0.10, 0.30, 3.00, 1.00
# A sweep a minute reads 16 partitions in 0.3 s. Five pollers ask each of two queues every 20 s.
MINUTES, SWEEP_SECONDS, SHARDS, POLLS = 43_200, 0.3, 16, 2 * 5 * 3
OPTIONAL = {
    "RequestsPerAddress (AWS WAF): 5 for the list, 1 for its rule; and 0.60 a million requests": 6,
    "DetailedMetrics: 75 methods with traffic x 5 metrics x 0.30; up to 630 if all are called": 112,
    "MalwareScan (GuardDuty): a million files of 1 MB (docs/scale.md)": 311,
    "backup of the table in another region (AWS Backup): 0.10 a GB and copy; 10 GB": 1,
}
ALTERNATIVES = {
    "a Step Functions execution per claim, 21 transitions at $25 a million, and the same table": 525
    + 45,
    "a Scheduler entry per timer, three at $1 a million, more": 3,
    "Temporal Cloud, 16 actions, 90 days open (no API, no table, no workers)": 2_717,
    "always on: two t3.medium, a balancer, PostgreSQL in two zones, a month": 201,
}


def main() -> None:
    """Print the table."""
    life = count_life()
    rows = price(life)
    for part, how, dollars in rows:
        print(f"{part:<12}{how:<72}{dollars:>8.1f}")
    total = sum(dollars for *_, dollars in rows)
    result = "met" if total <= GOAL else f"MISSED by {total - GOAL:.1f}"
    print(f"{'sum':<12}{'without mail':<72}{total:>8.1f}   goal {GOAL:.0f}: {result}")
    mails = price_mails(life)
    for part, how, dollars in mails:
        print(f"{part:<12}{how:<72}{dollars:>8.1f}")
    with_mail = total + sum(dollars for *_, dollars in mails)
    print(f"{'sum':<12}{'with mail':<72}{with_mail:>8.1f}")
    fixed = price_month()
    for part, how, dollars in fixed:
        print(f"{part:<12}{how:<72}{dollars:>8.1f}")
    print(f"{'a month':<12}{'of a stage without claims':<72}{sum(d for *_, d in fixed):>8.1f}")
    for what, dollars in OPTIONAL.items():
        print(f"{'option':<12}{what:<72.99}{dollars:>8.0f}")
    for what, dollars in ALTERNATIVES.items():
        print(f"{'instead':<12}{what:<72.95}{dollars:>8.0f}")


def price(life: Life) -> list[tuple[str, str, float]]:
    """Return each part, how it is calculated, and its dollars for a million claims."""
    requests = life.requests + UPLOAD
    invocations = requests + life.messages
    seconds = (
        life.trips * TRIP + life.calls * CALL + invocations * (REST_OF_IT + COLD * COLD_SECONDS)
    )
    return [
        ("writes", f"{life.writes} units x {WRITE}", life.writes * WRITE),
        ("reads", f"{life.reads:g} units x {READ}", life.reads * READ),
        (
            "API",
            f"{requests} requests x {REST} (REST; HTTP API would be {requests * HTTP:.0f})",
            requests * REST,
        ),
        (
            "functions",
            f"{invocations} x {INVOKE}, and {seconds * 1000:.0f} ms x {GB:g} GB on arm64",
            invocations * INVOKE + seconds * GB * GB_SECOND * MILLION,
        ),
        (
            "queues",
            f"{life.messages} messages x {PER_MESSAGE} requests x {QUEUE}",
            life.messages * PER_MESSAGE * QUEUE,
        ),
        (
            "files",
            f"{FILE_PUTS} puts x {PUT}, {FILE_READS} reads x {GET}",
            FILE_PUTS * PUT + FILE_READS * GET,
        ),
        ("log", f"{life.log / 1000:.1f} KB x {LOG} a GB", life.log / 1e9 * LOG * MILLION),
        (
            "storage",
            f"{life.stored / 1000:.1f} KB x {MONTH} a GB and month, the first month",
            life.stored / 1e9 * MONTH * MILLION,
        ),
    ]


def price_mails(life: Life) -> list[tuple[str, str, float]]:
    """Return what the mails of a million claims cost, and the events about them."""
    events = life.mails * EVENTS
    handled = events / BATCH * INVOKE + events * EVENT_SECONDS * GB * GB_SECOND * MILLION
    queued = events * QUEUE * (1 + 2 / BATCH)  # sent one by one, received and deleted in batches
    return [
        ("mails", f"{life.mails} mails x {MAIL:g} (SES)", life.mails * MAIL),
        (
            "mail events",
            f"{events} published x {PUBLISH}, queued, and handled in batches of {BATCH}",
            events * PUBLISH + queued + handled,
        ),
    ]


def price_month() -> list[tuple[str, str, float]]:
    """Return what production costs a month before the first claim."""
    template = read_additions(Path(__file__).resolve().parents[1] / "infra", "prod")
    kinds = [resource.get("Type") for resource in template["Resources"].values()]
    alarms, keys = kinds.count("AWS::CloudWatch::Alarm"), kinds.count("AWS::KMS::Key")
    reads, seconds = MINUTES * SHARDS / 2, MINUTES * SWEEP_SECONDS
    sweep = reads / MILLION * READ + MINUTES / MILLION * INVOKE + seconds * GB * GB_SECOND
    polls = MINUTES * POLLS
    return [
        ("alarms", f"{alarms} x {ALARM}", alarms * ALARM),
        ("metrics", f"{len(METRIC_UNITS)} x {METRIC}", len(METRIC_UNITS) * METRIC),
        ("dashboard", f"1 x {DASHBOARD}", DASHBOARD),
        ("keys", f"{keys} x {KEY}", keys * KEY),
        ("sweep", f"{MINUTES} a month, {SWEEP_SECONDS} s each", sweep),
        ("polling", f"{polls} requests x {QUEUE} a million", polls / MILLION * QUEUE),
    ]


if __name__ == "__main__":
    main()
