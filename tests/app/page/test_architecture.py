"""The picture of a model as HTML: every operation is drawn or folded, and says what it is."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.page.views.architecture import flow_html
from app.page.views.flow.ends import BARS_HEIGHT, MAX_FLOW_BARS, WORDS_HEIGHT, bars_html
from app.shared.models import NodeOutline
from microgpt.model_code.gallery import GALLERY, Edit
from microgpt.settings import MODEL
from tests.support.edited import MODELS
from tests.support.outlines import edited_nodes, graphs, node, outlined

Element = ElementTree.Element

SHAPES = st.fixed_dictionaries({row.name: st.sampled_from(row.stops) for row in MODEL})
PROBS = st.lists(
    st.tuples(st.sampled_from(["a", "b", "<", "␣", "end"]), st.floats(0, 1)),
    min_size=2,
    max_size=90,
)
READ = ["k", "a"]


def drawn(
    nodes: list[NodeOutline],
    matrices: list[tuple[str, int, int, int]] | None = None,
    block_size: int = 16,
    opened: bool = False,
    marked: int = 0,
) -> Element:
    """The picture, parsed as XML."""
    moment = block_size, READ, [("a", 0.5), ("b", 0.25)]
    return ElementTree.fromstring(
        f"<ol>{flow_html(nodes, matrices or [], moment, opened, marked)}</ol>"
    )


def boxes(picture: Element) -> list[Element]:
    return [element for element in picture.iter("g") if element.get("role") == "button"]


def numbers(picture: Element) -> list[int]:
    """Which operations have a box; -1 is the box of folded layers."""
    return sorted(int(box.get("data-step") or "") for box in boxes(picture))


def label(box: Element) -> str | None:
    return next(text.text for text in box.iter("text") if not text.get("class"))


def texts(box: Element) -> list[str | None]:
    return [text.text for text in box.iter("text")]


def named(picture: Element, words: str) -> Element:
    """The first box with this label."""
    return next(box for box in boxes(picture) if label(box) == words)


def count(picture: Element, kind: str) -> int:
    """How many rectangles of a kind there are."""
    return ["".join(rect.get("class", "").split()[:1]) for rect in picture.iter("rect")].count(kind)


@given(nodes=graphs())
def test_every_operation_of_any_graph_has_one_box(nodes: list[NodeOutline]) -> None:
    assert numbers(drawn(nodes, opened=True)) == list(range(len(nodes)))


@pytest.mark.parametrize("name", MODELS)
def test_every_operation_of_an_edited_model_has_one_box(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    nodes = edited_nodes(monkeypatch, name)
    assert numbers(drawn(nodes)) == list(range(len(nodes)))


@pytest.mark.parametrize("edit", GALLERY, ids=lambda edit: edit.name)
def test_every_operation_of_the_gallery_is_drawn_or_folded(edit: Edit) -> None:
    message = outlined(edit.source, n_layer=4)
    nodes = message["nodes"]
    assert numbers(drawn(nodes, message["matrices"], opened=True)) == list(range(len(nodes)))
    found = numbers(drawn(nodes, message["matrices"]))
    left_out = [number for number in range(len(nodes)) if number not in found]
    assert (found[0] == -1) == bool(left_out)
    for number in left_out:
        like = [nodes[other] for other in found if nodes[other]["line"] == nodes[number]["line"]]
        assert like, "the first layer has one of the same line"


@given(shape=SHAPES)
def test_the_picture_has_the_sizes_of_the_model(shape: dict[str, int]) -> None:
    message = outlined("", **shape)
    picture = drawn(message["nodes"], message["matrices"], shape["block_size"])
    layers = shape["n_layer"] if shape["n_layer"] <= 2 else 1
    assert count(picture, "head") == shape["n_head"] * layers
    assert count(picture, "slot") + count(picture, "filled") == shape["block_size"]
    assert texts(named(picture, "widen"))[1] == str(4 * shape["n_embd"])
    assert texts(named(picture, "output"))[1] == str(shape["n_embd"])
    assert (numbers(picture)[0] == -1) == (shape["n_layer"] > 2)


def test_a_line_is_as_thick_as_what_it_carries_is_wide() -> None:
    message = outlined(n_embd=16)
    width = {
        (line.get("data-from"), line.get("data-to")): float(line.get("stroke-width") or "")
        for line in drawn(message["nodes"]).iter("path")
        if line.get("class") == "line"
    }
    ops = [each["op"] for each in message["nodes"]]
    relu = ops.index("relu")
    assert width[str(relu - 1), str(relu)] == 2 * width["0", "2"], "64 numbers and 16"


def test_a_box_says_what_it_is_and_where_it_comes_from() -> None:
    message = outlined(n_layer=2)
    picture = drawn(message["nodes"], message["matrices"], marked=message["nodes"][5]["line"])
    query = named(picture, "query")
    words = "query of layer 1: product with layer0.attn_wq (16 × 16), 16 numbers come out"
    assert query.findtext("title") == words
    assert query.get("data-line") == str(message["nodes"][5]["line"])
    current = [box for box in boxes(picture) if box.get("aria-current")]
    assert [label(box) for box in current] == ["query", "query"]
    token = named(picture, "token").findtext("title") or ""
    assert token.startswith("token: row of the token in wte (27 × 16)")


def test_one_box_is_a_tab_stop() -> None:
    picture = drawn(outlined(n_layer=4)["nodes"])
    assert [box.get("tabindex") for box in boxes(picture)].count("0") == 1


def test_layers_are_folded_and_opened() -> None:
    nodes = outlined(n_layer=4)["nodes"]
    words = named(drawn(nodes), "layers 2 to 4").findtext("title")
    assert words == "layers 2 to 4, as layer 1: show each"
    text = "".join(drawn(nodes, opened=True).itertext())
    assert "layer 4 of 4" in text
    assert "Fold" in text


def test_a_shared_matrix_is_seen_in_each_box_that_uses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = drawn(
        edited_nodes(monkeypatch, "tied embeddings"), [("wte", 27, 16, 0), ("wpe", 16, 16, 1)]
    )
    sharing = [box for box in boxes(picture) if box.get("data-weight") == "wte"]
    assert [label(box) for box in sharing] == ["token", "to tokens"]
    assert all("used more than once" in (box.findtext("title") or "") for box in sharing)


def test_what_nothing_depends_on_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = drawn(edited_nodes(monkeypatch, "products that nothing depends on"))
    assert "nothing depends on it" in (named(picture, "widen").findtext("title") or "")
    assert "nothing depends on it" not in (named(picture, "query").findtext("title") or "")


def test_a_matrix_of_ones_own_is_called_by_its_name() -> None:
    nodes = [node("embed", []), node("linear", [0])]
    nodes[1]["weight"] = 'layer0.my<b>"'
    box = named(drawn(nodes), 'my<b>"')
    assert 'layer0.my<b>"' not in (box.get("data-weight") or "")
    nodes[1]["weight"] = "a_very_long_name_of_a_matrix"
    assert named(drawn(nodes), "a_very_long…") is not None


def test_what_is_looked_up_stands_on_its_box() -> None:
    texts = {
        text.get("data-index"): text.text
        for text in drawn(outlined()["nodes"]).iter("text")
        if text.get("data-index")
    }
    assert texts == {"token": "a", "position": "2"}


@given(probs=PROBS)
def test_the_bars_are_as_high_as_the_probabilities(probs: list[tuple[str, float]]) -> None:
    bars = ElementTree.fromstring(f"<div>{bars_html(probs)}</div>")
    heights = [float(r.get("height") or "") for r in bars.iter("rect") if r.get("class") == "ink"]
    assert len(heights) == min(len(probs), MAX_FLOW_BARS)
    tallest = max(share for _, share in probs)
    if tallest > 1e-9:
        assert max(heights) == pytest.approx(BARS_HEIGHT - WORDS_HEIGHT, abs=0.06)
