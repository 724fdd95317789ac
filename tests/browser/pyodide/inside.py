"""Runs pytest inside Pyodide and reports as plain JSON. Knows nothing of the worker around it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent


class Notes:
    """A plugin that notes how each test and each file's collection ended."""

    def __init__(self) -> None:
        self.passed: list[str] = []
        self.skipped: dict[str, str] = {}
        self.failed: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Sorts a test, or its setting up or taking down, by its outcome."""
        if report.failed:
            self.failed[f"{report.nodeid} ({report.when})"] = report.longreprtext
        elif report.skipped:
            self.skipped[report.nodeid] = report.longreprtext
        elif report.when == "call":
            self.passed.append(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Notes a file that could not be imported, or that skipped itself."""
        if report.failed:
            self.failed[report.nodeid] = report.longreprtext
        elif report.skipped:
            self.skipped[report.nodeid] = report.longreprtext


def run(file: str) -> str:
    """The outcome of one file of tests, as JSON."""
    os.chdir(PROJECT)
    sys.path[:0] = [] if str(PROJECT) in sys.path else [str(PROJECT)]
    notes = Notes()
    code = pytest.main(["-q", "-p", "no:cacheprovider", "-p", "no:faulthandler", file], [notes])
    return json.dumps({"exit": int(code), **vars(notes)})
