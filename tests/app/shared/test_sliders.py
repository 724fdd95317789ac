"""Sliders that go on behind their regular stops."""

from __future__ import annotations

from app.shared.experiment import slider_position, slider_value
from microgpt.settings import setting


def test_a_slider_goes_on_behind_its_span_from_stop_to_stop() -> None:
    row = setting("num_steps")
    assert slider_position(row, 500) == 500
    there, value = [], 10_000.0
    while value < 1_000_000:
        value = slider_value(row, slider_position(row, value) + 100, value)
        there.append(value)
    assert there == list(row.beyond)
    assert slider_value(row, slider_position(row, value) - 100, value) == 500_000
    assert slider_value(row, slider_position(row, 20_000) - 100, 20_000) == 10_000
