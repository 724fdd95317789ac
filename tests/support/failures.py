"""Tells the fixtures of a test whether it failed, so that they can save screenshots."""

from __future__ import annotations

import re
from collections.abc import Generator
from pathlib import Path

import pytest

from app.site.environment import ROOT

FAILURES = ROOT / "build" / "test-failures"
FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Records a failure; a hook, once a conftest.py imports it."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


def failed(request: pytest.FixtureRequest) -> bool:
    """Whether the test of a fixture has failed."""
    return bool(request.node.stash.get(FAILED, False))


def picture(request: pytest.FixtureRequest, number: int = 0) -> Path:
    """Where to save a screenshot of the test of a fixture."""
    FAILURES.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"\W+", "-", request.node.name)
    return FAILURES / f"{name}-{number}.png"
