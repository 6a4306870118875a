"""The service. Time zones are those of the pinned tzdata, never of the host.

By default `zoneinfo` prefers the host's database, which may be older than the law
(https://docs.python.org/3/library/zoneinfo.html#data-sources). With an empty search path it reads
the package `tzdata` alone, and raises when that is missing.
"""

from zoneinfo import reset_tzpath

reset_tzpath(())
