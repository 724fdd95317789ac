"""What the views draw with: numbers, and HTML that is well-formed and escaped."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from app.page.inside.kit import (
    bars_html,
    case_row_html,
    number,
    signed,
    tile_html,
)

LETTERS = ["a", '"', "<"]
LIGHTS = {"part": "layer0.head1"}


def parsed(html: str) -> ElementTree.Element:
    """The element, whose attributes without a value get one."""
    return ElementTree.fromstring(html.replace(" data-walk ", ' data-walk="" '))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.0, "0.000"),
        (1234.5, "1,234"),
        (12.345, "12.3"),
        (-1.2345, "-1.23"),
        (0.12345, "0.123"),
        (0.012345, "0.0123"),
        (0.00012345, "1.2e-04"),
    ],
)
def test_a_number_has_about_three_digits(value: float, words: str) -> None:
    assert number(value) == words


def test_a_signed_number_has_its_sign() -> None:
    assert [signed(1.204), signed(-0.35), signed(0.0)] == ["+1.20", "−0.35", "+0.00"]


def test_bars_go_to_both_sides_of_0_and_the_longest_fills_its_side() -> None:
    rows = [("head 1", 2.0, "head 1: 2", LIGHTS), ("mlp", -1.0, "mlp: −1", {})]
    bars = parsed(bars_html(rows, 'Votes for "'))
    assert (bars.attrib["aria-label"], bars.attrib["tabindex"]) == ('Votes for "', "0")
    assert bars.attrib["class"] == "bars signed-bars"
    first, second = bars
    assert first.attrib == {"data-part": "layer0.head1", "data-exact": "head 1: 2"}
    assert "".join(first.itertext()) == "head 1+2.00"
    shares = [bar.attrib["data-style"] for bar in bars.iter("i")]
    assert shares == ["--share: 1.0000", "--share: 0.5000"]
    assert [bar.attrib["class"] for bar in bars.iter("i")] == ["bar-ink", "bar-ink below"]
    assert "".join(second.itertext()).endswith("−1.00")


def test_bars_without_a_negative_number_have_no_other_side() -> None:
    bars = parsed(bars_html([("a", 0.25, "", {})], "Shares"))
    assert bars.attrib["class"] == "bars"
    assert "".join(bars.itertext()) == "a0.250"


def test_a_tile_of_the_text_is_a_button_that_leads_to_its_moment() -> None:
    tile = parsed(tile_html(LETTERS, 2, place=4, exact="4 < 5"))
    assert tile.tag == "button"
    assert tile.attrib["data-place"] == "4"
    assert tile.attrib["data-exact"] == "4 < 5"
    assert (tile.text, tile.attrib["data-token"]) == ("<", "2")
    assert parsed(tile_html(LETTERS, 1)).tag == "span"


def test_the_small_case_marks_the_likeliest() -> None:
    row = parsed(case_row_html(LETTERS, [(0, 0.25), (3, 0.5)], "After the embedding"))
    first, second = row
    assert first.attrib["data-exact"] == "a: 25.0%"
    assert "class" not in first.attrib
    assert second.attrib["class"] == "likeliest"
    assert re.findall(r"--share: ([\d.]+)", case_row_html(LETTERS, [(0, 0.25), (3, 0.5)], "")) == [
        "0.5000",
        "1.0000",
    ]
