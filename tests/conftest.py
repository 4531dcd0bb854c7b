"""Shared settings of all tests: one torch thread, no deadlines, derandomised in CI."""

import os

from hypothesis import HealthCheck, settings

# Deadlines measure the machine, not the code; training inside an example takes what it takes.
settings.register_profile(
    "dev", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "ci",
    parent=settings.get_profile("dev"),
    derandomize=True,
    database=None,
    print_blob=True,
)
settings.load_profile("ci" if os.environ.get("CI") else "dev")
