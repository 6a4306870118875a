"""What the service costs, measured: `make bench`."""

import os

# What a benchmark serves in its own process is production, unless it says otherwise.
os.environ.setdefault("STAGE", "prod")
