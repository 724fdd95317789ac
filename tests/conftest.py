"""Settings and fixtures of every test run, on CPython and in Pyodide alike."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from types import FrameType

import pytest
from hypothesis import HealthCheck, settings

from microgpt.engine import can_compile
from microgpt.interpret.parts import anatomy
from microgpt.wasm.compiler.cache import SWITCH
from microgpt.wasm.compiler.compile import compile_model
from tests.support.models import COMPILED, KINDS, Kind
from tests.support.processes import LONG_SECONDS

# The same examples on every run, and no result that depends on how busy the machine is.
settings.register_profile(
    "steady",
    deadline=None,
    max_examples=25 if sys.platform == "emscripten" else 100,  # a browser takes longer
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("steady")

# Tests change the compiler, and the user's cache folder is not theirs.
os.environ[SWITCH] = "off"

MARKERS = (
    "expects_errors: the page may report errors; without this marker, any error fails the test.",
    "first_visit: the browser has never been to the site, and keeps nothing of it.",
    "context_options(**options): how the browser's context differs: viewport, color_scheme...",
)


def pytest_configure(config: pytest.Config) -> None:
    """Registers the markers."""
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)


@contextmanager
def limited() -> Iterator[None]:
    """Fails what waits for longer than any test may, so that it does not stop the whole run."""
    if sys.platform in ("win32", "emscripten"):  # which have no timer that interrupts
        yield
        return

    def stop(_signal: int, _frame: FrameType | None) -> None:
        pytest.fail(f"it was still waiting after {LONG_SECONDS} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(LONG_SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Generator[None, object, object]:
    """Limits how long a test's fixtures may take."""
    with limited():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, object, object]:
    """Limits how long a test may take."""
    with limited():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Generator[None, object, object]:
    """Limits how long what follows a test may take."""
    with limited():
        return (yield)


def chosen(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Kind:
    """The kind of engine of a fixture's parameter; skips the test where it cannot run."""
    kind: Kind = request.param
    if kind.name == "wasm" and not can_compile():
        pytest.skip("nothing here runs WebAssembly with SIMD")
    if kind.in_parts:  # which only large models are by themselves
        monkeypatch.setattr("microgpt.wasm.runtime.reader.LARGE_OPERATIONS", 0)
    return kind


@pytest.fixture(params=KINDS, ids=str)
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Kind:
    """Each kind of engine."""
    return chosen(request, monkeypatch)


@pytest.fixture(params=COMPILED, ids=str)
def compiled(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Kind:
    """Each kind of compiled engine."""
    return chosen(request, monkeypatch)


@pytest.fixture
def recompiling() -> Iterator[None]:
    """Traces and compiles models anew, since the test changes what that is done from."""
    for found_once in (compile_model, anatomy):
        found_once.cache_clear()
    yield
    for found_once in (compile_model, anatomy):
        found_once.cache_clear()
