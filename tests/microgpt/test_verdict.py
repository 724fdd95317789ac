"""What samples say of a model, checked against plain definitions."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from microgpt.generators import drain
from microgpt.verdict import (
    NearestLine,
    diversity,
    edit_distance,
    index_lines,
    judge_gap,
    judge_samples,
)

LINES = ["emma", "olivia", "ava", "isabella", "sophia", "mia", "amelia", "evelyn", "abigail"]
LETTERS = st.text("abcdé🙂", max_size=9)


def levenshtein(one: str, other: str) -> int:
    """The textbook's table, row by row."""
    row = list(range(len(other) + 1))
    for count, mine in enumerate(one, start=1):
        above, row = row, [count]
        for place, theirs in enumerate(other):
            changed = above[place] + (mine != theirs)
            row.append(min(changed, above[place + 1] + 1, row[place] + 1))
    return row[-1]


@given(LETTERS, LETTERS)
def test_the_edit_distance_is_levenshtein_s(one: str, other: str) -> None:
    assert edit_distance(one, other) == levenshtein(one, other)


def test_the_edit_distance_of_long_texts() -> None:
    one, other = "abc" * 200, "bca" * 200
    assert edit_distance(one, other) == levenshtein(one, other) == 2


def test_the_nearest_line() -> None:
    index = drain(index_lines(LINES))
    assert drain(index.nearest("emma")) == NearestLine("emma", 0)
    assert drain(index.nearest("emmi")) == NearestLine("emma", 1)
    assert drain(index.nearest("sofia")).text == "sophia"
    assert drain(index.nearest("")).text in {"ava", "mia"}
    assert drain(index.nearest("x")) == NearestLine("ava", 3)  # nothing in common with any


def test_the_nearest_of_thousands_of_lines_is_hardly_ever_missed() -> None:
    rng = random.Random(3)
    lines = ["".join(rng.choices("abcdefgh", k=rng.randint(3, 9))) for _ in range(3000)]
    index = drain(index_lines(lines))
    missed = 0
    for _ in range(100):
        text = "".join(rng.choices("abcdefgh", k=rng.randint(3, 9)))
        found = drain(index.nearest(text))
        assert found.distance == levenshtein(text, found.text)
        missed += found.distance > min(edit_distance(text, line) for line in lines)
    assert missed <= 10


def test_of_very_much_data_every_nth_line_is_indexed() -> None:
    lines = [f"{number:05}" * 40 for number in range(20_000)]  # 4 million characters
    index = drain(index_lines(lines))
    assert drain(index.nearest("00000" * 40)).distance == 0
    assert drain(index.nearest("00001" * 40)).distance > 0  # every second one is known


def test_what_is_said_of_samples() -> None:
    samples = ["emma", "emma", "emmi", "xyz"]
    told = drain(judge_samples(samples, set(LINES), LINES))
    assert (told.count, told.in_data, told.different) == (4, 0.5, 0.75)
    distances = [0, 1 / 4, 1, 1 / 4, 1, 1]
    assert told.diversity == sum(distances) / 6
    assert told.data_diversity == drain(diversity(LINES[:4]))


def test_diversity_is_from_0_to_1() -> None:
    assert drain(diversity(["same"] * 5)) == 0
    assert drain(diversity(["aaa", "bbb", "ccc"])) == 1
    assert drain(diversity(["alone"])) == drain(diversity([])) == drain(diversity(["", ""])) == 0


def test_the_gap_tells_memorising_from_learning() -> None:
    assert judge_gap(2.0, 1.9) == judge_gap(2.0, 2.0) == "learning"
    assert judge_gap(1.8, 2.0) == "between"
    assert judge_gap(0.1, 5.0) == "memorising"
