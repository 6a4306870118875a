"""Find the API key that a request was made with.

A module of its own, because any request may need it, but not what creates keys and writes mails
about them.
"""

from datetime import datetime

from chalicelib.domain.api_key import ApiKey, hash_key
from chalicelib.ports import Change, Conflict, Services


def find_working(services: Services, text: str, now: datetime) -> ApiKey | None:
    """Return the key of a text, and note the day on which it is used; None for an unknown one."""
    key = services.store.api_keys.find(hash_key(text))
    if key and key.state(now) == "active" and key.last_used_on != now.date():
        after = key.evolve(last_used_on=now.date(), rev=key.rev + 1)
        try:
            services.store.commit(Change(api_keys=(after,)))
        except Conflict:  # a concurrent write came first: the next request reads again
            return services.store.api_keys.get(key.id)
        return after
    return key
