"""Sentences about the run there is, and about the one that would come next."""

from __future__ import annotations

import pytest

from app.page import notices
from app.page.data_key import key_titles
from app.shared.presets import PRESETS

RUN, CHOSEN = "US first names", "Pokémon names"


def test_data_are_called_by_their_titles() -> None:
    assert notices.data_title(PRESETS[0].name) == PRESETS[0].title
    us_names, some = ("us-names", 0, ""), ("us-names", 0, "*a")
    assert key_titles(us_names, ("pokemon", 0, "")) == (RUN, CHOSEN)
    assert key_titles(us_names, ("own", 1, "")) == (RUN, "your own text")
    assert len(set(key_titles(("own", 1, ""), ("own", 2, "")))) == 2
    assert key_titles(us_names, some) == (RUN, f"{RUN} without *a")
    assert key_titles(some, us_names) == (f"{RUN} without *a", RUN)
    assert key_titles(("own", 1, "*a"), ("own", 1, "*a, q*"))[0] == "your own text without *a"


def test_a_run_on_other_data_names_both() -> None:
    assert notices.paused_on_other_data(RUN, CHOSEN) == (
        "This run is paused on US first names. You have chosen Pokémon names."
    )
    assert "trains on US first names." in notices.changed_data(RUN, CHOSEN, 0.05)
    assert "Pokémon names and computes in about 50 ms." in notices.changed_data(RUN, CHOSEN, 0.05)


def test_after_a_run_the_way_back_is_named_where_there_is_one() -> None:
    complete = notices.finished_on_other_data(RUN, CHOSEN, complete=True)
    assert complete.startswith(notices.finished_on_other_data(RUN, CHOSEN, complete=False))
    assert complete.endswith("choose US first names again.")


def test_after_a_run_a_picture_of_another_model_is_explained() -> None:
    words = notices.finished_with_other_settings("Layers 1", other_model=True, complete=True)
    assert "The picture shows the next model; what writes below" in words
    assert words.endswith("set this again: Layers 1.")
    diverged = notices.finished_with_other_settings("Layers 1", other_model=True, complete=False)
    assert "longer" not in diverged
    assert notices.finished_with_other_settings("", other_model=False, complete=True) == ""
    seed = notices.finished_with_other_settings("Seed 42", other_model=False, complete=True)
    assert "picture" not in seed
    assert seed.endswith("set this again: Seed 42.")


def test_a_run_says_what_it_trains_on() -> None:
    assert notices.training_on(1, 0) == "Training on 1 document."
    assert notices.training_on(29_910, 2_991) == "Training on 26,919 documents, 2,991 held out."


def test_a_continued_run_says_where_it_goes_on() -> None:
    assert notices.training_goes_on(1000, 500, "0.01") == (
        "Training goes on from step 1,000 for another 500 steps; the learning rate starts again "
        "at 0.01."
    )


@pytest.mark.parametrize(
    ("seconds", "engine", "compiles", "words"),
    [
        (30.0, "scalar", True, ""),
        (42.0, "scalar", True, "with the compiled engine"),
        (42.0, "scalar", False, "with fewer steps"),
        (360.0, "wasm", True, "with fewer steps"),
    ],
)
def test_a_long_run_is_announced_with_a_way_out(
    seconds: float, engine: str, compiles: bool, words: str
) -> None:
    sentence = notices.long_run(seconds, engine, compiles)
    assert words in sentence
    assert bool(sentence) == bool(words)
    assert ("6 min" in sentence) == (seconds == 360)
