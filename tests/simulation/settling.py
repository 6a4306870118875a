"""The end of a simulation: without faults, everything that is due is done, and nothing is stuck."""

from typing import TYPE_CHECKING

from tests.simulation import final_checks, promises
from tests.simulation.environment import DAY, MINUTE
from tests.simulation.faulty_clients import FaultRates
from tests.simulation.insights import check_insights
from tests.simulation.process import moment
from tests.simulation.records import Broken

if TYPE_CHECKING:
    from tests.simulation.simulation import Simulation

SWEEP_DELAY = 6000  # ms: a process's clock may be five seconds slow


def run_without_faults(sim: "Simulation", days: int = 10) -> None:
    """Stop the faults, let ten days pass with a sweep whenever something is due, and check."""
    sim.faults.__dict__.update(FaultRates().__dict__)
    sim.notify("faults stop; ten days pass")
    sim.work.again = sim.events.again = 0
    sim.scheduler.alone = True
    sim.directory.heal()
    sim.records.writes()
    sim.events.redrive()
    sim.work.redrive()
    until = sim.now + days * DAY
    settle(sim)
    while (due := sim.next_due()) is not None and due <= until:
        sim.now = due + MINUTE
        settle(sim)
    sim.now = until
    settle(sim)
    final_checks.check_records(sim.records, sim.observer.evidence)
    final_checks.check_queues(sim.records, sim.mail_service, sim.work, sim.events)
    if sim.records.claims:
        sim.insight_stops = check_insights(sim)


def settle(sim: "Simulation") -> None:
    """Sweep twice and deliver every message. Raises Broken for a claim that is due after that."""
    for _ in range(2):
        sim.sweep_alone()
        while _drain(sim, "worker") or _drain(sim, "mail_events"):
            pass
    overdue = moment(sim.now - SWEEP_DELAY)
    for claim in sim.records.claims.values():
        if claim.due_at and claim.due_at <= overdue:
            story = promises.describe_claim(claim)
            raise Broken(f"still due after two sweeps: {claim.id}\n{story}")


def _drain(sim: "Simulation", kind: str) -> bool:
    """Deliver ten messages of a queue, and tell whether there were any."""
    before = sim.started
    sim.deliver(kind, 10)
    sim.finish()
    return sim.started > before
