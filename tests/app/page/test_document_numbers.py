"""The numbers that chose the text's tokens, and the seed that the next ones come from."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.page.document import Document
from app.shared.uniform import uniform
from tests.app.page.test_document import AB, BLOCK_SIZE, END, LETTERS, MERGED, A, B, C


@pytest.fixture
def text() -> Document:
    return Document(LETTERS, BLOCK_SIZE, "abc")


def numbers(text: Document) -> list[float | None]:
    """Of each token the number that chose it."""
    return [text.number(place) for place in range(len(text.ids))]


def test_what_is_sampled_one_after_the_other_has_its_numbers_from_one_seed(text: Document) -> None:
    seed = text.seed
    text.take_sampled([A, B, C, A])
    text.take_sampled([A, B, C, A, END])
    assert text.seed == seed
    assert numbers(text) == [None] * 3 + [uniform(seed, 3), uniform(seed, 4)]
    text.take_encoded([A, B, C, A, END], 5)
    assert numbers(text)[3:] == [uniform(seed, 3), uniform(seed, 4)]


def test_what_the_user_changes_begins_another_seed(text: Document) -> None:
    changes: list[Callable[[], object]] = [
        lambda: text.press(A),
        text.back,
        lambda: text.edit(0, 0, "b"),
        text.clear,
        lambda: text.open("abc"),
    ]
    seeds = [text.seed]
    for change in changes:
        change()
        seeds.append(text.seed)
    assert len(set(seeds)) == len(seeds)
    text.move(1)
    assert text.seed == seeds[-1], "to look at another moment is no change"


def test_undo_brings_back_the_seed_and_the_numbers(text: Document) -> None:
    text.take_sampled([A, B, C, A])
    seed, before = text.seed, numbers(text)
    text.press(B)
    assert numbers(text) == [*before, None]
    text.undo()
    assert (text.seed, numbers(text)) == (seed, before)
    text.undo()
    assert text.seed == seed, "the same token would be sampled again"


def test_numbers_stay_with_their_tokens_when_what_is_typed_is_encoded() -> None:
    text = Document(MERGED, 99, "ab")
    text.take_sampled([AB, C])
    number = text.number(1)
    assert number is not None
    text.edit(3, 3, "ab")
    assert not text.is_encoded
    text.take_encoded([AB, C, AB], 3)
    assert text.is_encoded
    assert numbers(text) == [None, number, None]
