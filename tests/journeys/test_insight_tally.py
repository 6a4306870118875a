"""Totals: counted from the feed, whatever stops, repeats or doubles a run, as a recount counts."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.insight_totals import PROGRAMME, PeriodTotals, add_counts, format_tally_id
from chalicelib.ports import Conflict
from chalicelib.runtime import queue_handlers
from chalicelib.usecases import insight_tally
from chalicelib.usecases.insight_check import check_partner, check_some, rebuild_partner
from chalicelib.usecases.insight_tally import count_partner, run_programme, start_insights
from tests.support import feed
from tests.support.stopping import Stopped, StoppingStore

IN_PROCESS_ONLY = True  # the tests count by hand, and replace the store
LATER = timedelta(minutes=10)


def live(service, rounds=1):
    """Let claims live, four a round: active, rejected, objected to, and a draft."""
    made = []
    for _ in range(rounds):
        active, rejected, objected, draft = (service.customer() for _ in range(4))
        active.active()
        claim = rejected.file()
        rejected.review(claim, "start")
        rejected.review(claim, "reject", {"codes": ["insufficient_poe"], "message": "No."})
        objected.answer(objected.file(), "opt_out")
        draft.file(submit=False)
        made += [active, rejected, objected, draft]
    return made


def get_totals(services, owner, split="", value=""):
    """Return the totals of all months."""
    months = services.store.insights.list_totals(owner, "2000-01", "2100-01", split)
    return add_counts(*(one.splits.get(split, {}).get(value, {}) for one in months))


def test_the_programmes_totals_are_what_happened(service):
    start_insights(service.services.store, service.services.clock.now())
    customers = live(service)

    service.advance("PT1H")

    totals = get_totals(service.services, PROGRAMME)
    wanted = {
        "submitted": 3,
        "approved": 1,
        "rejected": 2,
        "rejected:insufficient_poe": 1,
        "rejected:customer_opted_out": 1,
        "opted_out": 1,
        "not_objected": 1,
        "activated": 1,
    }
    assert {name: totals.get(name) for name in wanted} == wanted
    own = get_totals(service.services, PROGRAMME, "organisation", customers[1].partner())
    assert own == get_totals(service.services, customers[1].partner())
    assert own["rejected:insufficient_poe"] == 1
    now = service.services.store.insights.get_tally(PROGRAMME).now
    assert now == {"associations:active": 1, "claims:approved": 1, "claims:draft": 1}


def test_events_are_counted_once_they_are_settled(service):
    customer = service.customer()
    customer.file()
    services = service.services

    count_partner(services, customer.partner(), services.clock.now())
    early = get_totals(services, customer.partner())
    count_partner(services, customer.partner(), services.clock.now() + LATER)

    assert early == {}
    assert get_totals(services, customer.partner())["submitted"] == 1


def test_a_run_that_is_repeated_or_doubled_changes_nothing(service):
    customers, now = live(service), service.services.clock.now() + LATER
    owner, services = customers[0].partner(1), service.services
    count_partner(services, owner, now)
    before = get_totals(services, owner)
    tally = services.store.insights.get_tally(owner)

    class Overtaken(StoppingStore):
        """Another run counts the same events first."""

        def commit(self, change):
            count_partner(services, owner, now + timedelta(days=20))
            self._store.commit(change)

    service.advance("P10D")
    store = Overtaken(services.store, random.Random(0), 0)
    count_partner(services.evolve(store=store), owner, now + timedelta(days=20))

    assert before["submitted"] == 1
    assert tally.counted_until is not None
    assert check_partner(services, owner) == ()


@pytest.mark.parametrize("seed", range(4))
def test_runs_that_stop_anywhere_count_as_a_recount_does(service, seed):
    rng, services = random.Random(seed), service.services
    store = StoppingStore(services.store, rng, 0.4)
    owners = [one.partner() for one in live(service, 2)]
    pages = rng.choice((1, 2, 5))
    until = services.clock.now() + LATER

    moment = until - timedelta(days=20)
    while store.stops < 25 or moment < until:
        moment = min(until, moment + timedelta(hours=rng.randrange(1, 200)))
        try:
            count_partner(services.evolve(store=store), rng.choice(owners), moment, pages)
        except Stopped:
            continue
    for owner in owners:
        count_partner(services, owner, until)

    assert [check_partner(services, owner) for owner in owners] == [()] * len(owners)
    assert sum(get_totals(services, owner).get("submitted", 0) for owner in owners) == 6


def test_many_partners_are_counted_by_runs_of_their_own_and_then_summed(service):
    services, sent = service.services, []
    partners = [feed.a_partner(f"org_many_{n}", f"46{n:05d}") for n in range(25)]
    feed.write(service.rows, partners, [], [])
    customer = service.customer()
    customer.file()
    queue = type("Queue", (), {"send": lambda self, ids: sent.extend(ids)})()
    now = services.clock.now() + LATER
    start_insights(services.store, now)

    run_programme(services.evolve(work_queue=queue), now)
    for tally_id in sent:
        count_partner(services, tally_id.removeprefix("tly_"), now)
    before = get_totals(services, PROGRAMME)
    run_programme(services.evolve(work_queue=queue), now + timedelta(minutes=5))

    assert format_tally_id(customer.partner()) in sent
    assert len(sent) == 29
    assert before == {}
    assert get_totals(services, PROGRAMME)["submitted"] == 1
    tally = services.store.insights.get_tally(PROGRAMME)
    assert tally.next_at == now + timedelta(hours=1)


def test_a_wrong_total_is_found_at_night_and_replaced_by_a_recount(service, capsys):
    services = service.services
    start_insights(services.store, services.clock.now())
    customer = service.customer()
    customer.file()
    service.advance("P1D")
    owner = customer.partner()
    days = [one for one in services.store.insights.list_all_totals(owner) if len(one.period) == 10]
    wrong = PeriodTotals(owner=owner, period=days[0].period, splits={"": {"": {"submitted": 7}}})
    services.store.insights.replace_totals(owner, {wrong.period: wrong.splits})
    tomorrow = datetime.fromisoformat(f"{days[0].period}T23:00:00Z").astimezone(UTC)
    tomorrow += timedelta(days=1)

    checked = check_some(services, (owner,), tomorrow)
    differing = check_partner(services, owner)
    rebuild_partner(services, owner, services.clock.now())

    assert checked.wrong == (owner,)
    assert {period for period, _ in differing} == {days[0].period}
    assert check_partner(services, owner) == ()
    assert check_some(services, (owner,), tomorrow).wrong == ()
    records = [{"messageId": "1", "body": f'{{"ids": ["{format_tally_id(PROGRAMME)}"]}}'}]
    later = services.evolve(clock=FixedClock(services.clock.now() + timedelta(days=1)))
    queue_handlers.handle_work(later, records)
    assert '"InsightsWrong":0' in capsys.readouterr().out


class FixedClock:
    def __init__(self, moment):
        self._moment = moment

    def now(self):
        return self._moment


def test_nobody_counts_a_partner_that_is_being_recounted(service):
    customers, services = live(service), service.services
    owner, now = customers[0].partner(1), service.services.clock.now() + LATER
    list_all = services.store.insights.list_all_totals

    class Insights:
        def __getattr__(self, name):
            return getattr(services.store.insights, name)

        def list_all_totals(self, some):
            count_partner(services, some, now)  # in the middle of the recount
            return list_all(some)

    store = StoppingStore(services.store, random.Random(0), 0)
    store.insights = Insights()
    rebuild_partner(services.evolve(store=store), owner, now)

    assert check_partner(services, owner) == ()
    assert get_totals(services, owner)["submitted"] == 1


def test_two_imports_begin_to_count_once(service):
    store, now = service.services.store, service.services.clock.now()
    start_insights(store, now)
    first = store.insights.get_tally(PROGRAMME)

    start_insights(store, now + LATER)

    assert store.insights.get_tally(PROGRAMME) == first
    with pytest.raises(Conflict):
        store.commit(insight_tally.Change(tally=first))
