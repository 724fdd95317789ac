"""Which engine a run gets, how the page describes it, and how long the run is estimated to take."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.page.engines import Engines, Workload, engine_meaning, engine_name

ENGINES = [("wasm", "f32"), ("wasm", "f64"), ("scalar", "f64")]


@pytest.mark.parametrize(
    ("chosen", "precision", "compiles", "engine"),
    [
        ("auto", "f32", True, ("wasm", "f32")),
        ("wasm", "f64", True, ("wasm", "f64")),
        ("scalar", "f32", True, ("scalar", "f64")),
        ("auto", "f32", False, ("scalar", "f64")),
        ("wasm", "f32", False, ("scalar", "f64")),
    ],
)
def test_the_engine_that_a_run_gets(
    chosen: str, precision: str, compiles: bool, engine: tuple[str, str]
) -> None:
    engines = Engines()
    engines.compiles = compiles
    assert engines.choose({"engine": chosen, "precision": precision}) == engine


def test_every_engine_has_its_own_name_and_explanation() -> None:
    assert [engine_name(*engine) for engine in ENGINES] == [
        "Compiled to WebAssembly, 32 bit",
        "Compiled to WebAssembly, 64 bit",
        "Scalar Python",
    ]
    for engine, precision in ENGINES:
        words = engine_meaning(engine, precision)
        assert f"{precision[1:]} bits" in words
        assert words.endswith(".")


NAMES = ("us-names", 0, ""), ()
SMALL: Workload = ("wasm", "f32", 4192, 1, NAMES)
LARGE: Workload = ("wasm", "f32", 200_000, 16, NAMES)
SCALAR: Workload = ("scalar", "f64", 4192, 1, NAMES)


def test_before_the_first_run_the_compiled_engine_is_estimated_to_be_far_faster() -> None:
    engines = Engines()
    assert 10 < engines.estimate(SCALAR, 7.0, 1000) < 100
    assert engines.estimate(SMALL, 7.0, 1000) < 0.1


def test_a_run_takes_as_long_as_it_took_before() -> None:
    engines = Engines()
    before = engines.estimate(SCALAR, 7.0, 1000)
    engines.record_run(SMALL, 7.0, steps=1000, seconds=0.25)
    assert engines.estimate(SMALL, 7.0, 4000) == pytest.approx(1.0)
    assert engines.estimate(SCALAR, 7.0, 1000) == before


def test_a_short_run_says_nothing_about_a_large_one() -> None:
    """Most of its time went into the pauses between its slices."""
    engines = Engines()
    before = engines.estimate(LARGE, 7.0, 1000)
    engines.record_run(SMALL, 7.0, steps=1000, seconds=0.25)
    assert engines.estimate(LARGE, 7.0, 1000) == before
    engines.record_run(SMALL, 7.0, steps=100_000, seconds=2.0)
    assert engines.estimate(LARGE, 7.0, 1000) == pytest.approx(200_000 * 16 / 4192 * 0.02)


def test_a_few_single_steps_say_nothing_about_a_run() -> None:
    engines = Engines()
    before = engines.estimate(SMALL, 7.0, 1000)
    engines.record_run(SMALL, 7.0, steps=3, seconds=0.03)
    assert engines.estimate(SMALL, 7.0, 1000) == before


def test_a_warm_up_is_measured_until_a_run_is() -> None:
    engines = Engines()
    engines.record_warm_up(LARGE, 7.0, seconds=0.01)
    assert engines.estimate(LARGE, 7.0, 1000) == pytest.approx(10.0)
    assert engines.estimate(SMALL, 7.0, 1000) == pytest.approx(4192 / (200_000 * 16) * 10)
    engines.record_run(LARGE, 7.0, steps=500, seconds=6.0)
    engines.record_warm_up(LARGE, 7.0, seconds=0.01)
    assert engines.estimate(LARGE, 7.0, 1000) == pytest.approx(12.0)


@given(positions=st.floats(1, 64), more=st.floats(1, 10))
def test_longer_documents_take_longer(positions: float, more: float) -> None:
    engines = Engines()
    longer = engines.estimate(LARGE, positions * more, 100)
    assert longer == pytest.approx(more * engines.estimate(LARGE, positions, 100))
