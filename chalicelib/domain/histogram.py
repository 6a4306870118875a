"""Histograms of durations with logarithmic buckets: adding two gives that of all values.

A quantile that is read from one is at most 5 % off, whatever the distribution (Masson, Rim, Lee:
"DDSketch: A Fast and Fully-Mergeable Quantile Sketch with Relative-Error Guarantees", VLDB 2019).
"""

from collections.abc import Mapping
from math import ceil, log

ERROR = 0.05  # relative, of a quantile (integration.md, 4)
_GAMMA = (1 + ERROR) / (1 - ERROR)


def find_bucket(seconds: float) -> int:
    """Return the number of the bucket that a duration belongs to; a second is the shortest one."""
    return max(0, ceil(log(max(seconds, 1.0), _GAMMA)))


def estimate_quantile(buckets: Mapping[int, int], quantile: float) -> int | None:
    """Return the duration below which this share of all lies, in seconds; None: there are none.

    buckets: the number of durations in each bucket.
    quantile: from 0 to 1.
    """
    rank, seen = quantile * (sum(buckets.values()) - 1), 0
    for bucket in sorted(buckets):
        seen += buckets[bucket]
        if seen > rank:
            return round(2 * _GAMMA**bucket / (_GAMMA + 1))
    return None
