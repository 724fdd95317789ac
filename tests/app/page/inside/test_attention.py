"""Attention in words and as HTML: what a cell says, what is read most, arcs, measured labels."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast
from xml.etree import ElementTree

import pytest

from app.page.inside.attention_html import arcs_html, button_html, stairs, tiles_html
from app.page.inside.attention_words import (
    cell_words,
    head_words,
    label_words,
    measured_words,
    reading_words,
    scores_words,
)
from app.page.inside.part_names import part_name
from app.shared.inside import AttentionResult, HeadReading

SHARES = [0.1, 0.432, 0.4, 0.068]


def moment(text: str = "kar", vocabulary: str = "akr<") -> Any:
    """All of the text is read."""
    tokens = [vocabulary.index(character) for character in text]
    return SimpleNamespace(vocabulary=list(vocabulary), tokens=tokens, position=len(tokens))


def reading(**fields: Any) -> HeadReading:
    known: dict[str, Any] = {
        "part": "layer0.head2",
        "place": 1,
        "share": 0.432,
        "scores": {"previous": 0.81, "first": 0.05},
        "label": "previous",
    }
    known.update(fields)
    return cast("HeadReading", known)


def result(state: str) -> AttentionResult:
    return AttentionResult(layers=[], weights_at=0, documents=1418, state=state)


def test_heads_are_counted_from_one() -> None:
    assert part_name("layer0.head2") == "Layer 1, head 3"
    assert part_name("layer11.head0#2") == "Layer 12, head 1 (use 2)"


def test_a_cell_says_who_reads_what_from_how_far_with_how_much() -> None:
    assert cell_words("", 3, 1, 0.432, moment()) == "“r” reads “k” (2 places before) with 43.2%"
    assert cell_words("", 3, 2, 0.4, moment()) == "“r” reads “a” (the place before) with 40.0%"
    assert cell_words("", 3, 3, 0.1, moment()) == "“r” reads “r” (itself) with 10.0%"
    words = cell_words("layer0.head2", 1, 0, 0.1, moment())
    assert words == "Layer 1, head 3: “k” reads the beginning with 10.0%"


def test_the_sentence_says_what_is_read_most() -> None:
    assert reading_words(SHARES, moment()) == (
        "After “r”, this head reads “k” (2 places before) with 43.2%, “a” (the place before) with "
        "40.0% and the beginning with 10.0%; all other places get 6.80% together."
    )
    assert "only the beginning" in reading_words([1.0], moment(""))
    assert reading_words([0.0, 0.0, 0.0, 1.0], moment()).endswith("reads “r” (itself) with 100.0%.")


def test_a_head_has_a_label_only_with_its_score() -> None:
    assert label_words(reading(), moment()) == "previous letter 0.81"
    assert label_words(reading(label=""), moment()) == "no clear pattern"
    assert label_words(reading(label="", scores={}), moment()) == ""
    syllables = moment()
    syllables.vocabulary.append("ka")
    assert label_words(reading(), syllables) == "previous token 0.81"
    assert scores_words(reading(), moment()) == "Measured: previous letter 0.81 · beginning 0.05"
    assert head_words(reading(), moment()) == (
        "Layer 1, head 3: previous letter 0.81. Reads “k” (2 places before) most, with 43.2%."
    )


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("measured", "Measured over 1,418 documents"),
        ("earlier", "Measured a moment ago over 1,418 documents"),
        ("measuring", "is being measured"),
        ("unknown data", "choose the data"),
    ],
)
def test_it_is_said_where_labels_come_from(state: str, words: str) -> None:
    assert words in measured_words(result(state), moment())


def test_an_arc_leads_to_each_place_and_is_as_thick_as_its_share() -> None:
    picture = ElementTree.fromstring(arcs_html([0.1, 0.001, 0.4, 0.499], 8))
    widths = {arc.get("data-place"): float(arc.get("stroke-width", 0)) for arc in picture}
    assert list(widths) == ["0", "2", "3"]
    assert widths["3"] == pytest.approx(4.5, abs=0.1)
    assert widths["0"] < widths["2"] < widths["3"]


def test_each_tile_has_its_exact_share() -> None:
    html = tiles_html(SHARES, moment("ka<")).replace(" data-walk ", ' data-walk="" ')
    tiles = ElementTree.fromstring(html).findall("li/button")
    assert [tile[0].text for tile in tiles] == ["begin", "k", "a", "<"]
    assert [tile.get("data-place") for tile in tiles] == ["0", "1", "2", "3"]
    assert tiles[1].get("data-exact") == "“<” reads “k” (2 places before) with 43.2%"
    assert tiles[0].get("data-token") is None
    assert button_html("layer0.head2").count('data-part="layer0.head2"') == 1


def test_the_stairs_leave_out_what_comes_later() -> None:
    corners = "0 0,50.00% 0.00%,50.00% 50.00%,100.00% 50.00%,100.00% 100.00%,0 100%"
    assert stairs(2) == f"polygon({corners})"
