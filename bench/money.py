"""What a million claims cost, by list prices and counts. Every assumption is a line here.

    python -m bench.money

us-east-1, on demand, list prices of 2026-11 as AWS's pricing pages have them, without free tiers
and without mail.
"""

from bench.life import Life, count_life

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
ALTERNATIVES = {
    "a Step Functions execution per claim, 21 transitions at $25 a million, and the same table": 525
    + 45,
    "a Scheduler entry per timer, three at $1 a million, more": 3,
    "Temporal Cloud, 16 actions, 90 days open (no API, no table, no workers)": 2_717,
    "always on: two t3.medium, a balancer, PostgreSQL in two zones, a month": 201,
}


def main() -> None:
    """Print the table."""
    rows = price(count_life())
    for part, how, dollars in rows:
        print(f"{part:<12}{how:<72}{dollars:>8.1f}")
    total = sum(dollars for *_, dollars in rows)
    result = "met" if total <= GOAL else f"MISSED by {total - GOAL:.0f}"
    print(f"{'sum':<12}{'without mail':<72}{total:>8.1f}   goal {GOAL:.0f}: {result}")
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


if __name__ == "__main__":
    main()
