"""Settings and fixtures of every test run, on CPython and in Pyodide alike."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from microgpt.engine import can_compile
from microgpt.wasm.compiler.compile import compile_model
from tests.support.models import COMPILED, KINDS, Kind

# The same examples on every run, and no result that depends on how busy the machine is.
settings.register_profile(
    "steady",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("steady")

MARKERS = (
    "expects_errors: the page may report errors; without this marker, any error fails the test.",
    "context_options(**options): how the browser's context differs: viewport, color_scheme...",
)


def pytest_configure(config: pytest.Config) -> None:
    """Registers the markers."""
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)


def chosen(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Kind:
    """The kind of engine of a fixture's parameter; skips the test where it cannot run."""
    kind: Kind = request.param
    if kind.name == "wasm" and not can_compile():
        pytest.skip("nothing here runs WebAssembly with SIMD")
    if kind.in_parts:  # which only large models are by themselves
        monkeypatch.setattr("microgpt.wasm.runtime.engine.LARGE_STEP_OPERATIONS", 0)
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
    """Compiles models anew, since the test changes what they are compiled from."""
    compile_model.cache_clear()
    yield
    compile_model.cache_clear()
