"""How a model was trained, as its file tells it: exact, optional, never trusted."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt.checkpoint import MAX_HEADER_BRACKETS, CheckpointError, from_bytes, to_bytes
from microgpt.config import TrainConfig
from microgpt.segments import first_segment
from microgpt.training_record import (
    DataDescription,
    Progress,
    TrainingRecord,
    progress_from_about,
    progress_to_about,
    record_from_about,
    record_to_about,
    segments_from_about,
    segments_to_about,
)
from tests.microgpt.test_checkpoint import TINY

FIRST = first_segment(TrainConfig(num_steps=5, seed=7, mask="[="), first_document=11)
SEGMENTS = [FIRST, FIRST.then(2, replace(FIRST.training, batch_size=4, learning_rate=1 / 3))]
RECORD = TrainingRecord(
    step=3,
    num_steps=5,
    seconds=0.25,
    base_step=1,
    base_seconds=0.125,
    chars_per_token=1.5,
    settings={"n_embd": 8, "learning_rate": 0.02, "tokenizer": "bpe", "seed": 7},
    data=DataDescription("notes.txt", 20, [("notes.txt", 99)], {"cut": "lines", "rare_below": 2}),
    losses=[3.25, 3.0, 2.0 / 3],
    held_out=[(3, 2.5)],
    accuracy=[(2, 0.5)],
    train_accuracy=[(2, 1.0)],
    all_held_out=(2.25, 40),
    segments=SEGMENTS,
)
finite = st.floats(allow_nan=False, allow_infinity=False)


def test_a_record_comes_back_through_a_file() -> None:
    about = from_bytes(to_bytes(replace(TINY, about=record_to_about(RECORD)))).about
    assert record_from_about(about) == RECORD
    assert about["data"] == "notes.txt"
    assert about["steps"] == "3"
    assert json.loads(about["losses"]) == list(RECORD.losses), "readable without this program"


@given(st.lists(finite, max_size=20))
def test_losses_come_back_to_the_last_bit(losses: list[float]) -> None:
    record = TrainingRecord(step=len(losses), num_steps=len(losses), losses=losses)
    assert list(record_from_about(record_to_about(record)).losses) == losses


@given(st.text(max_size=20))
def test_names_of_files_are_told_whatever_is_in_them(name: str) -> None:
    record = replace(RECORD, data=replace(RECORD.data, files=[(name + "[{" * 500, 1)] * 2))
    about = record_to_about(record)
    told = sum(text.count("[") + text.count("{") for text in about.values())
    assert told < MAX_HEADER_BRACKETS / 10
    assert record_from_about(about).data.files[0][0] == (name + "[{" * 500)[:300]


def test_a_file_that_tells_nothing_has_the_defaults() -> None:
    names = ("losses", "held_out", "accuracy", "train_accuracy", "segments")
    lists: dict[str, Any] = {name: [] for name in names}
    assert record_from_about({}) == TrainingRecord(data=record_from_about({}).data, **lists)
    assert progress_from_about({}) == Progress()


def test_settings_that_this_version_does_not_know_are_left_out() -> None:
    told = json.dumps({"n_embd": 8, "warp": 9})
    assert record_from_about({"settings": told}).settings == {"n_embd": 8}


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("steps", "-1"),
        ("steps", '"many"'),
        ("steps", "1e999"),
        ("steps", "99999999999999"),
        ("settings", "[]"),
        ("settings", '{"n_embd": "wide"}'),
        ("settings", '{"learning_rate": NaN}'),
        ("settings", '{"num_steps": 1e30}'),
        ("losses", "[1, 2]"),
        ("losses", "[1, NaN, 3]"),
        ("losses", '{"0": 1}'),
        ("losses", "[[1], [2], [3]]"),
        ("evaluations", '{"held_out": [1]}'),
        ("evaluations", '{"held_out": [9, 1.0]}'),
        ("evaluations", '{"accuracy": [1, "all"]}'),
        ("evaluations", '{"all_held_out": [1.0]}'),
        ("run", '{"seconds": Infinity}'),
        ("run", '{"base_step": 4}'),
        ("run", '"fast"'),
        ("run", "nonsense"),
        ("data_description", '{"files": ["a"]}'),
        ("data_description", '{"files": [1, 2]}'),
        ("data_description", '{"options": {"cut": []}}'),
        ("data_description", '{"documents": -3}'),
    ],
)
def test_what_cannot_be_is_one_sentence(entry: str, told: str) -> None:
    with pytest.raises(CheckpointError, match=r"^What the model file tells of its training is"):
        record_from_about(record_to_about(RECORD) | {entry: told})


def test_marks_are_told_whatever_is_in_them() -> None:
    training = TrainConfig(mask="[{" * 500)
    record = replace(RECORD, segments=[first_segment(training)], settings={"mask": "[{" * 500})
    about = record_to_about(record)
    assert sum(text.count("[") + text.count("{") for text in about.values()) < 90
    assert record_from_about(about) == record


def test_a_segment_of_another_version_has_defaults_for_what_it_lacks() -> None:
    told = json.loads(segments_to_about(SEGMENTS)["segments"])
    del told["clip"]
    told["warp"] = [1, 2]
    assert segments_from_about({"segments": json.dumps(told)}) == SEGMENTS


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("first_step", [0, -1]),
        ("first_step", [1, 2]),
        ("first_step", [0, 0]),
        ("first_step", [0, 6]),
        ("first_step", [0]),
        ("first_document", [0, 0.5]),
        ("schedule_begin", [5, 0]),
        ("schedule_end", [5, 10**12]),
        ("optimizer_begin", [0, 3]),
        ("learning_rate", [0.1, None]),
        ("learning_rate", [0.1, -1]),
        ("optimizer", ["adam", "lion"]),
        ("eps", ["0", 0]),
        ("mask", [1, "="]),
    ],
)
def test_segments_that_cannot_be_are_one_sentence(name: str, column: list[object]) -> None:
    told = json.loads(segments_to_about(SEGMENTS)["segments"]) | {name: column}
    with pytest.raises(CheckpointError, match=r"^What the model file tells of its segments is"):
        record_from_about({"segments": json.dumps(told)})


@pytest.mark.parametrize("told", ['{"step": -1}', '{"smoothed": "low"}', "[]", '{"seconds": NaN}'])
def test_a_progress_that_cannot_be_is_one_sentence(told: str) -> None:
    assert progress_from_about(progress_to_about(Progress(2, 0.5, 1.5, 7))) == Progress(
        2, 0.5, 1.5, 7
    )
    with pytest.raises(CheckpointError, match=r"^What the model file tells of its progress is"):
        progress_from_about({"progress": told})
