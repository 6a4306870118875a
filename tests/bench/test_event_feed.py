"""The cost of a poll of the event feed depends only on what it finds."""

from datetime import timedelta

from bench.metered import Metered

BURST = 150  # events within two minutes; a poll that found nothing cost 158 units after them


def poll(service: Metered, after: str) -> tuple[dict, float]:
    with service.meter.count_calls() as used:
        page = service.call("GET", f"/v1/events?limit=100&after={after}").json
    return page, used.read_units


def burst() -> tuple[Metered, str]:
    """A partner that has read a burst of events, and its position."""
    service = Metered()
    for _ in range(BURST // 2):  # created and submitted
        service.file(service.filing())
    after, more = "", True
    while more:
        page, _ = poll(service, after)
        after, more = page["next"], page["more"]
    return service, after


def test_a_poll_that_finds_nothing_costs_a_few_units_after_a_burst(capsys):
    service, after = burst()

    nothing, units = poll(service, after)
    service.clock.moment += timedelta(minutes=3)
    settled, _ = poll(service, after)
    quiet, units_later = poll(service, settled["next"])

    assert [len(page["data"]) for page in (nothing, settled, quiet)] == [0, 0, 0]
    with capsys.disabled():
        print(f"\npoll that finds nothing: {units:g} read units, {units_later:g} once settled")
    assert units <= 10
    assert units_later <= 2


def test_a_poll_after_a_burst_reads_only_the_new_event(capsys):
    service, after = burst()
    service.file(service.filing(submit=False))

    with service.meter.count_calls() as used:
        page = service.call("GET", f"/v1/events?after={after}").json

    assert [event["type"] for event in page["data"]] == ["claim.created"]
    assert used.read_units <= 11
