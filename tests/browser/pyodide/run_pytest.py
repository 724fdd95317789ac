"""Runs pytest inside Pyodide and reports the outcomes as JSON. Knows nothing about the worker."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent


class Outcomes:
    """A pytest plugin that records the outcome of every test, and of collecting every file."""

    def __init__(self) -> None:
        self.passed: list[str] = []
        self.skipped: dict[str, str] = {}
        self.failed: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Records the outcome of a test, or of its setup or teardown."""
        if report.failed:
            self.failed[f"{report.nodeid} ({report.when})"] = report.longreprtext
        elif report.skipped:
            self.skipped[report.nodeid] = report.longreprtext
        elif report.when == "call":
            self.passed.append(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Records a file that could not be imported, or that skipped itself."""
        if report.failed:
            self.failed[report.nodeid] = report.longreprtext
        elif report.skipped:
            self.skipped[report.nodeid] = report.longreprtext


def run(file: str) -> str:
    """Runs one test file; returns the outcomes as JSON."""
    os.chdir(PROJECT)
    sys.path[:0] = [] if str(PROJECT) in sys.path else [str(PROJECT)]
    outcomes = Outcomes()
    code = pytest.main(["-q", "-p", "no:cacheprovider", "-p", "no:faulthandler", file], [outcomes])
    return json.dumps({"exit": int(code), **vars(outcomes)})
