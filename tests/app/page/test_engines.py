"""Which engine a run gets, how the page describes it, and how long the run is estimated to take."""

from __future__ import annotations

import pytest

from app.page.engines import Engines, engine_meaning, engine_name

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


def test_before_the_first_run_the_compiled_engine_is_estimated_to_be_far_faster() -> None:
    engines = Engines()
    weight_uses = 4192 * 1000
    assert 10 < engines.estimate("scalar", weight_uses) < 100
    assert engines.estimate("wasm", weight_uses) < 0.1


def test_a_run_updates_the_estimate_for_its_own_engine() -> None:
    engines = Engines()
    before = engines.estimate("scalar", 1000)
    engines.record("wasm", weight_uses=1000, seconds=0.5)
    assert engines.estimate("wasm", 4000) == pytest.approx(2.0)
    assert engines.estimate("scalar", 1000) == before
