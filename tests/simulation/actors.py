"""Partners, reviewers and seniors, who act at random on what is stored."""

from collections.abc import Callable

from tests.simulation.partners import Partners
from tests.simulation.requests import Request
from tests.simulation.reviewers import Reviewers


class Actors(Partners, Reviewers):
    """All partners, reviewers and seniors: those who send requests with a token."""

    def request(self) -> Request | None:
        """Return the next request; None when nothing is stored that the drawn act applies to."""
        acts: list[tuple[int, Callable[[], Request | None]]] = [
            (11, self.file),
            (2, self.submit),
            (1, self.withdraw),
            (5, self.respond),
            (7, self.amend),
            (3, self.dispute),
            (1, self.end),
            (2, self.comment),
            (9, self.state),
            (2, self.read),
            (2, self.seats),
            (13, self.start),
            (1, self.take_next),
            (3, self.ask),
            (13, self.approve),
            (3, self.reject),
            (1, self.say_internally),
            (2, self.find_address),
            (3, self.decide_dispute),
            (9, self.propose),
            (12, self.confirm),
            (1, self.question),
            (2, self.revoke),
            (4, self.confirm_revocation),
            (1, self.decline_revocation),
            (2, self.resume),
        ]
        return self.rng.choices([act for _, act in acts], [weight for weight, _ in acts])[0]()
