"""How long it takes to read a tenant's mails: `pytest -s tests/bench/test_tenant_growth.py`."""

import hashlib
import time

import pytest

from chalicelib.domain.ids import tenant_key
from tests.support.in_process import in_process

MAILS = 20_000  # what ten partners leave in five days at their limits (docs/scale.md, "Growth")
SECONDS = 25  # of a function that answers a request (infra/api.yaml)


@pytest.mark.slow
def test_many_mails_of_a_tenant_are_read_in_a_fraction_of_a_request():
    with in_process() as service:
        customer = service.customer()
        claim = customer.file()
        key, store = tenant_key(customer.tenant_id), service.services.store
        sample = store.mails.list_of_claim(key, claim["id"])[0]
        stem, length = sample.id[: 4 + len(key)], len(sample.id) - 4 - len(key)
        for number in range(MAILS):
            name = hashlib.sha256(str(number).encode()).hexdigest()[:length]
            store.mails.add(sample.evolve(id=stem + name, claim_ids=("clm_other",)))

        started = time.process_time()
        mails = store.mails.list_of_claim(key, claim["id"])
        listed = time.process_time()
        found = store.mails.list_of_tenant(key)
        read = time.process_time()

    print(f"{MAILS} mails: of a claim {listed - started:.2f} s, all {read - listed:.2f} s")
    assert (len(mails), len(found)) == (3, MAILS + 3)
    assert read - started < SECONDS / 5
