"""Where an explanation floats: next to what it explains, never over it, always in the window."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.page.views.placement import TIP_MARGIN, place_tip

WINDOW = (1280.0, 800.0)


def test_it_floats_below_where_there_is_room() -> None:
    assert place_tip((100, 200, 180, 220), (300, 60), WINDOW) == (100, 220, 800 - 220 - TIP_MARGIN)


def test_it_floats_above_near_the_bottom_of_the_window() -> None:
    left, top, _ = place_tip((100, 760, 180, 780), (300, 60), WINDOW)
    assert (left, top) == (100, 700)


def test_it_stays_within_the_window_at_the_right() -> None:
    left, _, _ = place_tip((1200, 200, 1270, 220), (300, 60), WINDOW)
    assert left == 1280 - TIP_MARGIN - 300


@given(
    x=st.floats(0, 300),
    y=st.floats(0, 250),
    width=st.floats(1, 304),
    height=st.floats(1, 400),
    window=st.sampled_from([(320.0, 256.0), (320.0, 640.0)]),
)
def test_on_the_smallest_screens_it_covers_nothing_and_fits(
    x: float, y: float, width: float, height: float, window: tuple[float, float]
) -> None:
    box = (x, y, x + 20, y + 40)
    left, top, room = place_tip(box, (width, height), window)
    bottom = top + min(height, room)
    assert TIP_MARGIN <= left <= left + width <= window[0] - TIP_MARGIN + 1e-6
    assert bottom <= window[1] - TIP_MARGIN + 1e-6 or room == 0
    assert top >= box[3] - 1e-6 or bottom <= max(TIP_MARGIN, box[1]) + 1e-6
