"""Settings of every test run, on CPython and inside Pyodide alike. Knows no browser."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

# The same examples on every run, and no verdict that hangs on how busy the machine is.
settings.register_profile(
    "steady",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("steady")

MARKERS = (
    "expects_errors: the page may report errors; without it any error fails the test.",
    "context_options(**options): how the browser's context differs: viewport, color_scheme...",
)


def pytest_configure(config: pytest.Config) -> None:
    """Makes the markers known."""
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
