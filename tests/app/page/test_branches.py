"""Branches: what was written, as a tree; what the random numbers chose is chosen again."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from app.page.branches import MAX_LEAVES, BranchToken, Replay
from app.page.document import Document
from app.shared.experiment import Experiment

LETTERS = ["a", "b", "c"]
A, B, C, END = range(4)


def begun(*tokens: int) -> Document:
    text = Document(LETTERS, 99)
    for token in tokens:
        text.press(token)
    return text


def texts_of(text: Document) -> list[str]:
    """What stands along each branch."""
    return ["".join("abc."[node.token] for node in leaf.path()) for leaf in text.branches.leaves()]


def sampled(text: Document, *tokens: int) -> None:
    for token in tokens:
        text.take_sampled([*text.ids[: text.caret], token])


def token_at(text: Document, place: int) -> BranchToken:
    return text.branches.text[place]


def test_another_token_at_an_earlier_place_is_a_branch() -> None:
    text = begun(A, B, C)
    text.move(1)
    text.press(C)
    text.press(END)
    assert texts_of(text) == ["abc", "ac."]
    text.edit(0, 2, "b")
    assert texts_of(text) == ["abc", "ac.", "b"], "all of it was typed anew"


def test_the_caret_back_and_undo_begin_no_branch() -> None:
    text = begun(A, B)
    text.move(0)
    text.move(2)
    text.back()
    text.undo()
    text.back()
    assert texts_of(text) == ["ab"]
    text.press(C)
    assert texts_of(text) == ["ab", "ac"]
    text.undo()
    assert (text.text, texts_of(text)) == ("a", ["ab", "ac"])


def test_reset_begins_another_tree_and_undo_brings_the_first_back() -> None:
    text = begun(A, B)
    text.move(1)
    text.press(C)
    text.clear()
    text.press(B)
    assert texts_of(text) == ["b"]
    text.undo()
    text.undo()
    assert texts_of(text) == ["ab", "ac"]


def test_behind_the_end_another_tree_begins() -> None:
    text = begun(A, END)
    text.press(B)
    assert texts_of(text) == ["b"]


def test_a_visit_puts_the_branch_in_place_of_the_text() -> None:
    text = begun(A, B, C)
    first = token_at(text, 1)
    text.move(1)
    text.press(C)
    text.visit(first)
    assert (text.text, text.caret) == ("abc", 2)
    text.undo()
    assert (text.text, text.caret) == ("ac", 2)
    text.visit(token_at(text, 0))
    assert (text.text, text.caret) == ("ac", 1), "it stands in the text already"
    text.visit(text.branches.root)
    assert (text.text, text.caret) == ("ac", 0)
    assert texts_of(text) == ["abc", "ac"]


def test_what_is_typed_while_merges_change_it_is_one_branch() -> None:
    merged = Document([*LETTERS, "ab", "abc"], 99)
    for typed, ids in (("a", [A]), ("ab", [3]), ("abc", [4])):
        merged.edit(len(typed) - 1, len(typed) - 1, typed[-1])
        merged.take_encoded(ids, 1)
    assert [leaf.token for leaf in merged.branches.leaves()] == [4]


@given(st.integers(0, 999))
def test_the_oldest_branches_are_forgotten_but_never_the_text(seed: int) -> None:
    rng, text = random.Random(seed), begun(A, B, C)
    for _ in range(150):
        text.move(rng.randint(0, len(text.ids)))
        text.press(rng.choice([A, B, C, C]))
        assert [node.token for node in text.branches.text] == text.ids
    assert len(text.branches.leaves()) <= MAX_LEAVES
    node = text.branches.text[-1] if text.branches.text else text.branches.root
    assert [one.token for one in node.path()] == text.ids


def test_a_branch_of_the_dice_has_a_seed_and_is_written_again_from_it() -> None:
    text = begun(A)
    seed = text.seed
    sampled(text, B, C, B)
    assert [node.seed for node in text.branches.text] == [None, seed, seed, seed]
    assert text.branches.run(0) == text.branches.run(2) == (1, 4)
    numbers = [text.number(place) for place in (1, 2, 3)]
    text.replay(1)
    assert (text.text, text.seed) == ("a", seed)
    sampled(text, B, C, B)
    assert [text.number(place) for place in (1, 2, 3)] == numbers
    assert texts_of(text) == ["abcb"]
    assert begun(A, B).branches.run(1) is None


def test_two_seeds_are_two_runs() -> None:
    text = begun(A)
    sampled(text, B)
    text.press(A)
    sampled(text, C, C)
    assert text.branches.run(1) == (1, 2)
    assert text.branches.run(2) == text.branches.run(3) == (3, 5)


def words_of_replay(text: Document, model: int, now: Experiment, *tokens: int) -> str:
    """What is said when these are sampled in place of the first run."""
    run = text.branches.run(0)
    assert run is not None
    replay = Replay(text.branches.text[run[0] : run[1]], run[0])
    text.replay(run[0])
    text.branches.begin_sampling(model, now)
    sampled(text, *tokens)
    replay.end(text.branches, LETTERS)
    return text.branches.said


def test_a_replay_says_whether_and_why_it_differs() -> None:
    text, settings = begun(A), Experiment()
    text.branches.begin_sampling(1, settings)
    sampled(text, B, C)
    assert "written the same text" in words_of_replay(text, 1, settings, B, C)
    learned = words_of_replay(text, 1, settings, B, B)
    assert "token 3" in learned
    assert "“c”" in learned
    assert "has learned since" in learned
    warmer = Experiment()
    warmer.set("temperature", "1.5")
    assert "temperature" in words_of_replay(text, 1, warmer, B, END)
    assert "another model" in words_of_replay(text, 2, settings, A)


def test_probabilities_are_those_of_the_last_time() -> None:
    text = begun(A, B)
    text.branches.rate([A, B], [0.5, 0.25])
    text.branches.rate([A], [1.0])
    assert [node.probability for node in text.branches.text] == [0.5, 0.25]
