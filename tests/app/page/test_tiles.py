"""Tokens as tiles: the text on them, what screen readers say, and the escaping of HTML."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.page.views.tiles import case_html, escape, glyph, percent, spoken, surprise, tiles_html

# Characters that a document can hold: no control characters but the tab, no lone surrogates. The
# two excluded ones are valid in HTML but not in XML, as which the tests parse it.
CHARACTERS = st.just("\t") | st.characters(
    exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"
)
ALPHABETS = st.lists(CHARACTERS, unique=True, max_size=12).map(sorted)


def case_of(characters: list[str]) -> list[ElementTree.Element]:
    """The items of the case; fails if a character is interpreted as HTML."""
    return list(ElementTree.fromstring(f"<ul>{case_html(characters)}</ul>"))


def spoken_text(item: ElementTree.Element) -> str:
    """What a screen reader says for an item: everything that is not hidden from it."""
    button = item.find("button")
    assert button is not None
    spoken_parts = (part for part in button if part.get("aria-hidden") != "true")
    return "".join("".join(part.itertext()) for part in spoken_parts)


@given(text=st.text(CHARACTERS))
def test_no_text_is_interpreted_as_html(text: str) -> None:
    escaped = escape(text)
    assert "<" not in escaped
    assert ">" not in escaped
    element = ElementTree.fromstring(f"<p>{escaped}</p>")
    assert len(element) == 0
    assert (element.text or "") == text


@given(characters=ALPHABETS)
def test_the_case_has_an_item_for_every_token(characters: list[str]) -> None:
    items = case_of(characters)
    assert len(items) == len(characters) + 1
    for token, item in enumerate(items):
        assert item.tag == "li"
        button = item.find("button")
        assert button is not None
        assert button.get("data-token") == str(token)
        tile = [part for part in button if "tile" in (part.get("class") or "")]
        assert [part.text for part in tile] == [glyph(characters, token)]
        assert spoken_text(item).startswith(spoken(characters, token))


def test_the_case_can_have_its_ink_at_once() -> None:
    probs = [0.3, 0.00001, 0.69999]
    html = case_html(["a", "b"], probabilities={"model": probs, "adjusted": probs})
    items = list(ElementTree.fromstring(f"<ul>{html}</ul>"))
    assert [spoken_text(item) for item in items] == ["a 30.0%", "b <0.01%", "end 70.0%"]
    assert [item.find("button[@class='likeliest']") is None for item in items] == [
        True,
        True,
        False,
    ]


@given(characters=ALPHABETS, data=st.data())
def test_the_text_is_a_row_of_tiles_with_the_caret_among_them(
    characters: list[str], data: st.DataObject
) -> None:
    written = data.draw(st.lists(st.integers(0, len(characters)), max_size=5))
    probs: list[float | None] = data.draw(
        st.lists(st.none() | st.floats(0, 1), min_size=len(written), max_size=len(written))
    )
    caret = data.draw(st.integers(0, len(written)))
    html = tiles_html(characters, written, probs, caret)
    items = list(ElementTree.fromstring(f"<ol>{html}</ol>"))
    assert items.pop(caret).get("id") == "caret"
    for index, item in enumerate(items):
        button = item.find("button")
        assert button is not None
        assert button.text == glyph(characters, written[index])
        assert (button.get("aria-label") or "").startswith(spoken(characters, written[index]))
        assert ("%" in (button.get("title") or "")) >= (probs[index] is not None)
        assert (button.get("aria-current") == "true") == (index == caret - 1)


@given(low=st.floats(0, 1), high=st.floats(0, 1))
def test_a_likelier_token_is_no_more_surprising(low: float, high: float) -> None:
    low, high = sorted((low, high))
    assert 1 >= surprise(low) >= surprise(high) >= 0
    assert surprise(1) == surprise(None) == 0


@pytest.mark.parametrize("character", ["<", ">", "&", '"', "'", "<b>", "&amp;"])
def test_characters_with_a_meaning_in_html_are_shown_as_they_are(character: str) -> None:
    first, _ = case_of([character])
    assert spoken_text(first).startswith(character)


def test_the_last_token_ends_a_document() -> None:
    assert glyph(["a"], 1) == spoken(["a"], 1) == "end"
    assert [item.find("button/span[2]").get("class") for item in case_of(["a"])] == [  # type: ignore[union-attr]
        "tile",
        "tile end",
    ]


@pytest.mark.parametrize(
    ("character", "name"), [(" ", "space"), ("\t", "tab"), ("\u00a0", "fixed space")]
)
def test_invisible_characters_have_a_glyph_and_a_name(character: str, name: str) -> None:
    assert spoken([character], 0) == name
    assert glyph([character], 0).strip() == glyph([character], 0) != ""


def test_visible_characters_stand_for_themselves() -> None:
    assert glyph(["é"], 0) == spoken(["é"], 0) == "é"


@pytest.mark.parametrize(
    ("probability", "words"),
    [
        (0, "0%"),
        (0.0, "0%"),
        (1e-300, "<0.01%"),
        (0.00009, "<0.01%"),
        (0.0001, "0.01%"),
        (0.0234, "2.34%"),
        (0.1, "10.0%"),
        (0.234, "23.4%"),
        (1, "100.0%"),
        (1.0000000000000002, "100.0%"),
    ],
)
def test_a_probability_as_a_percentage(probability: float, words: str) -> None:
    assert percent(probability) == words


@given(low=st.floats(0, 1), high=st.floats(0, 1))
def test_a_higher_probability_never_reads_as_a_lower_one(low: float, high: float) -> None:
    def size(probability: float) -> float:
        words = percent(probability)
        return 0.005 if words.startswith("<") else float(words.rstrip("%"))

    low, high = sorted((low, high))
    assert size(low) <= size(high)
    assert size(low) == pytest.approx(100 * low, abs=0.0501)
