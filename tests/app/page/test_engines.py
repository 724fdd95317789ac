"""What the page says of the engine that computes, and of the time that it will take."""

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
def test_the_engine_of_a_run(
    chosen: str, precision: str, compiles: bool, engine: tuple[str, str]
) -> None:
    computing = Engines()
    computing.compiles = compiles
    assert computing.choose({"engine": chosen, "precision": precision}) == engine


def test_every_engine_has_a_name_of_its_own_and_says_what_that_means() -> None:
    assert [engine_name(*engine) for engine in ENGINES] == [
        "Compiled to WebAssembly, 32 bit",
        "Compiled to WebAssembly, 64 bit",
        "Scalar Python",
    ]
    for engine, precision in ENGINES:
        words = engine_meaning(engine, precision)
        assert f"{precision[1:]} bits" in words
        assert words.endswith(".")


def test_before_the_first_run_a_compiled_one_is_expected_to_be_far_quicker() -> None:
    computing = Engines()
    weights = 4192 * 1000
    assert 10 < computing.estimate("scalar", weights) < 100
    assert computing.estimate("wasm", weights) < 0.1


def test_a_run_shows_how_long_the_next_one_by_the_same_engine_will_take() -> None:
    computing = Engines()
    before = computing.estimate("scalar", 1000)
    computing.record("wasm", weight_uses=1000, seconds=0.5)
    assert computing.estimate("wasm", 4000) == pytest.approx(2.0)
    assert computing.estimate("scalar", 1000) == before
