"""The cache is bounded and its entries expire."""

from chalicelib.net.ttl_cache import TTLCache
from tests.support.fake_microsoft import FakeTimer


def test_entries_are_bounded_and_expire() -> None:
    timer = FakeTimer()
    cache: TTLCache[str] = TTLCache(3, timer)
    loads: list[str] = []

    def load(key: str) -> str:
        loads.append(key)
        return key

    def get(key: str) -> str:
        return cache.get_or_load(key, lambda: load(key), lambda value: 10)

    assert [get(key) for key in "aabca"] == list("aabca")
    assert loads == list("abc")
    get("d")
    get("a")
    assert loads == list("abcda")
    timer.now += 10
    get("d")
    assert loads == list("abcdad")
