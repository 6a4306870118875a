"""What every test may ask for."""

from functools import cache

import botocore.session

pytest_plugins = ["tests.support.emulator"]

# What botocore knows of AWS is read once in a process, not by every session: reading it costs more
# than most tests.
botocore.session.create_loader = cache(botocore.session.create_loader)
