"""The compiled engine gives the figures of microgpt.py by Andrej Karpathy: 1,000 steps, seed 42.

In 64 bits but for the last digits, in 32 bits to about six.
"""

from __future__ import annotations

import pytest

from microgpt.run import Run
from tests.support.emitted import the_host
from tests.support.models import losses_of
from tests.support.oracle import FIGURES, samples_of, the_run


@pytest.fixture(params=["relaxed", "plain"], autouse=True)
def instructions(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With multiply-add in one instruction, where there is such a thing, and in two."""
    host = the_host()
    monkeypatch.setattr(host, "relaxed", host.relaxed and request.param == "relaxed")


def losses(run: Run) -> list[float]:
    return losses_of(progress.losses for progress in run.train())


def test_64_bits() -> None:
    run = the_run("wasm", "f64")
    assert losses(run) == pytest.approx(FIGURES["losses"], rel=0, abs=1e-12)
    assert samples_of(run) == FIGURES["samples"]


def test_32_bits() -> None:
    found, expected = losses(the_run("wasm", "f32")), FIGURES["losses"]
    assert len(found) == 1000
    assert found[:100] == pytest.approx(expected[:100], rel=0, abs=1e-5)
    assert sum(found[-100:]) / 100 == pytest.approx(sum(expected[-100:]) / 100, rel=0, abs=1e-3)
