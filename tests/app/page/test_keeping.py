"""What is kept between visits, as far as it needs no browser."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.page.keeping.kept_document import KeptDocument
from app.page.keeping.problems import PROBLEMS, offer
from app.page.keeping.returning import shows_kept, without_arrangement
from app.page.series import LossSeries
from app.shared.presets import PRESETS

LETTERS = list("abcdefghijklmnopqrstuvwxyz")
BLOCK_SIZE = 16


def kept(document: KeptDocument) -> dict[str, object]:
    """What the next visit finds of a text."""
    found: dict[str, object] = json.loads(json.dumps(document.kept()))
    return found


def visit(vocabulary: list[str] = LETTERS) -> KeptDocument:
    """The text of a visit that has just begun."""
    return KeptDocument(vocabulary, BLOCK_SIZE, "mari")


@given(st.text("abc", max_size=BLOCK_SIZE), st.data())
def test_a_text_comes_back_with_caret_seed_and_what_chose_its_tokens(
    text: str, data: st.DataObject
) -> None:
    before = visit()
    before.open(text)
    if not before.full:
        before.take_sampled([*before.ids, data.draw(st.integers(0, len(LETTERS)))])
    before.move(data.draw(st.integers(0, len(before.ids))))
    after = visit()
    after.restore(kept(before))
    assert (after.text, after.ids, after.caret) == (before.text, before.ids, before.caret)
    assert after.seed == before.seed
    places = range(len(before.ids))
    assert [after.number(i) for i in places] == [before.number(i) for i in places]
    assert not after.can_undo


def test_a_text_of_other_tokens_waits_for_its_model() -> None:
    before = visit(["l", "o", "lo"])
    before.press(2)
    before.press(1)
    before.move(1)
    after = visit()
    after.restore(kept(before))
    after.change_model(LETTERS, BLOCK_SIZE, "")
    assert after.text == before.text
    after.change_model(["l", "o", "lo"], BLOCK_SIZE, "")
    assert (after.ids, after.caret) == (before.ids, 1)


def test_a_text_that_was_changed_meanwhile_is_left_alone() -> None:
    before = visit(["l", "o", "lo"])
    before.press(2)
    after = visit()
    after.restore(kept(before))
    after.open("anna")
    after.change_model(["l", "o", "lo"], BLOCK_SIZE, "")
    assert after.ids == []
    after.change_model(LETTERS, BLOCK_SIZE, "")
    assert after.text == "anna"


def test_a_series_comes_back() -> None:
    before = LossSeries(27, 1000)
    before.add_evaluations([(100, 2.5)], [(100, 0.25)], [])
    before.all_held_out = (2.5, 300)
    after = LossSeries(1, 1)
    after.restore(json.loads(json.dumps(before.kept())))
    assert after.held_out_loss == 2.5
    assert (after.num_steps, after.guessing) == (1000, before.guessing)


@pytest.mark.parametrize(
    ("address", "there", "shown"),
    [
        ("", "data=movies&n_layer=2", True),
        ("#", "n_layer=2", True),
        ("#n_layer=2&temperature=0.5&open=votes", "n_layer=2", True),
        ("#n_layer=2", "n_layer=3", False),
        ("#data=movies", "", False),
        ("#num_steps=200", "", False),
        ("#engine=scalar", "", False),
    ],
)
def test_an_address_with_settings_of_its_own_goes_first(
    address: str, there: str, shown: bool
) -> None:
    assert shows_kept(address, there) == shown


def test_what_a_link_has_hidden_and_locked_is_not_kept_for_the_bare_address() -> None:
    kept = "n_embd=32&hide=chart,footer&lock=seed&open=lens"
    assert without_arrangement(kept) == "n_embd=32&open=lens"
    assert without_arrangement("") == ""


def test_every_sentence_says_what_happened_and_ends() -> None:
    assert all(words[-1] == "." and words.count(".") <= 2 for words in PROBLEMS.values())
    for preset in PRESETS:
        assert preset.title in offer((preset.name, 0, ""), 10, 1000)
