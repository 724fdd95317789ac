"""Neurons and Map in words and as HTML, and the way from point to point."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast
from xml.etree import ElementTree

import pytest

from app.page.inside.map_html import (
    near_words,
    next_point,
    note_words,
    order_words,
    placed,
    points_html,
    row_of,
)
from app.page.inside.neurons_html import active_html, neurons_words, place_html, places_words
from app.shared.inside import MapResult, NeuronPlace, NeuronsResult


def moment(text: str = "ka", vocabulary: str = "ak<") -> Any:
    """All of the text is read."""
    tokens = [vocabulary.index(character) for character in text]
    return SimpleNamespace(vocabulary=list(vocabulary), tokens=tokens, position=len(tokens))


def neurons(**fields: Any) -> NeuronsResult:
    known: dict[str, Any] = {
        "mlps": [("layer0.mlp", 64)],
        "firing": 2,
        "active": [("layer0.mlp.neuron4", 1.5), ("layer0.mlp.neuron0", 0.25)],
        "neuron": "layer0.mlp.neuron4",
        "activation": 1.5,
        "up": [(0, 0.5)],
        "down": [],
        "places": [],
        "scanned": 0,
    }
    known.update(fields)
    return cast("NeuronsResult", known)


def embedding_map(**fields: Any) -> MapResult:
    known: dict[str, Any] = {
        "rows": [0, 1, 2],
        "points": [(0.5, 0.0), (-0.5, 0.2), (0.0, -0.2)],
        "labelled": [0, 1, 2],
        "shares": (0.5, 0.25),
        "size": 16,
        "row": 0,
        "neighbours": [(2, 0.812), (1, -0.1)],
    }
    known.update(fields)
    return cast("MapResult", known)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"mlps": []}, "This model has no neurons"),
        ({"firing": 0, "active": []}, "None of the 64 neurons is active here"),
        ({"firing": 1}, "Only one of 64 neurons is active here"),
        ({"firing": 2}, "Only 2 of 64 neurons are active here, the others are at 0."),
        ({"firing": 20}, "20 of 64 neurons are active here, the others are at 0; these 2 are the"),
        ({"firing": 64}, "All 64 neurons have an activation other than 0 here; these 2 are the"),
    ],
)
def test_how_many_neurons_are_active_is_said(fields: dict[str, Any], words: str) -> None:
    assert neurons_words(neurons(**fields)).startswith(words)


def test_bars_of_neurons_open_and_light_up() -> None:
    bars = ElementTree.fromstring(active_html(neurons()).replace(" data-walk ", ' data-walk="" '))
    assert [item.attrib["data-part"] for item in bars] == [
        "layer0.mlp.neuron4",
        "layer0.mlp.neuron0",
    ]
    assert bars[0].attrib["data-exact"] == "Layer 1, MLP, neuron 5: activation 1.5000"
    assert [button.attrib["aria-expanded"] for button in bars.iter("button")] == ["true", "false"]
    assert [button.text for button in bars.iter("button")] == ["Neuron 5", "Neuron 1"]
    assert active_html(neurons(active=[])) == ""


def test_a_place_is_marked_in_its_document() -> None:
    place = NeuronPlace(tokens=[3, 1, 2, 3], place=1, begins=True, activation=2.5)
    tiles = {1: '<i class="tile">k</i>', 2: '<i class="tile">x</i>', 3: '<i class="tile">end</i>'}
    line = ElementTree.fromstring(place_html("layer0.mlp.neuron4", place, ["a", "k", "x"], tiles))
    assert "".join(line[0].itertext()) == "beginkxend"
    assert ["".join(mark.itertext()) for mark in line.iter("b")] == ["k"]
    assert line.attrib["data-exact"] == "2.5000 behind “k”"
    assert places_words(neurons(places=None)).startswith("Looking through held-out documents")
    assert places_words(neurons()).startswith("There are no held-out documents")
    assert places_words(neurons(scanned=300)) == "It fires nowhere in 300 held-out documents."


def test_points_are_around_the_middle_and_named() -> None:
    result = embedding_map()
    assert placed(result["rows"], result["points"]).split(";") == [
        *("--across:1.000000", "--up:0.400000"),
        *("--x0:0.5000", "--y0:0.0000", "--x1:-0.5000", "--y1:-0.2000"),
        *("--x2:0.0000", "--y2:0.2000"),
    ]
    html = points_html([0, 1, 2, 3], [0, 1, 2, 3], "token", moment())
    points = ElementTree.fromstring(f"<ul>{html}</ul>")
    assert [point.attrib["aria-label"] for point in points] == ["a", "k", "<", "end"]
    assert [point.attrib["tabindex"] for point in points] == ["0", "-1", "-1", "-1"]
    html = points_html([0, 1, 2, 3], [1], "token", moment())
    dots = [point.attrib["class"] for point in ElementTree.fromstring(f"<ul>{html}</ul>")]
    assert dots == ["map-point dot", "map-point", "map-point dot", "map-point dot"]
    places = ElementTree.fromstring(f"<ul>{points_html([0, 1], [0, 1], 'position', moment())}</ul>")
    assert [point.attrib["data-place"] for point in places] == ["0", "1"]


def test_the_map_in_words() -> None:
    result = embedding_map()
    assert near_words(result, "token", moment()) == "Nearest to “a”: “<” 0.81, “k” -0.10."
    assert near_words(result, "position", moment()) == (
        "Nearest to the beginning: place 2 0.81, place 1 -0.10."
    )
    assert order_words(result, "token", moment()) == "From left to right: k, <, a."
    assert "2 most frequent" in note_words(embedding_map(labelled=[1, 2]), "token")
    assert (
        note_words(embedding_map(rows=[]), "position") == "This model has no position embeddings."
    )
    assert (row_of(moment(), "token"), row_of(moment(""), "token")) == (0, 3)
    assert row_of(moment(), "position") == 2


def test_arrow_keys_lead_to_the_nearest_point_in_their_direction() -> None:
    points = [(0.0, 0.0), (2.0, 0.5), (1.0, 2.0), (5.0, 0.0), (-1.0, 0.0)]
    assert next_point(points, 0, (1, 0)) == 1
    assert next_point(points, 0, (0, 1)) == 2
    assert next_point(points, 1, (1, 0)) == 3
    assert next_point(points, 0, (-1, 0)) == 4
    assert next_point(points, 4, (-1, 0)) == 4
