"""Models that are opened: what their files tell, as settings, as a run and in words."""

from __future__ import annotations

import json

import pytest

from app.page.models.models_html import model_words, row_html, session_words, size_words
from app.page.models.opened_model import data_of, experiment_of, remarks, run_of
from app.page.notices import opened
from app.page.series import KEPT_OF_SERIES
from app.shared.experiment import OWN, Experiment
from app.shared.models import FileFacts
from microgpt.settings import DATA

FACTS = FileFacts(
    num_params=2080,
    vocab_size=74,
    settings={"n_embd": 8, "num_steps": 400, "learning_rate": 0.02, "tokenizer": "characters"},
    told=True,
    step=150,
    num_steps=400,
    base_step=0,
    seconds=0.5,
    base_seconds=0.0,
    chars_per_token=1.0,
    held_out=[(100, 2.5)],
    accuracy=[],
    train_accuracy=[],
    all_held_out=None,
    data="movies",
    documents=2504,
    files=[("movies.txt", 38175)],
    options={row.name: row.default for row in DATA},
    has_optimizer=True,
    resumable=True,
)
FILES = [("towns.csv", 99)]
OPTIONS = {"column": "name"}


def facts(**changes: object) -> FileFacts:
    changed: FileFacts = json.loads(json.dumps({**FACTS, **changes}))
    return changed


# ---- the data ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "data"),
    [
        ({}, ("movies", 0, "")),
        ({"documents": 0, "options": {}}, ("movies", 0, "")),  # an older file
        ({"documents": 7}, ("Movie titles, loaded in another way", 0, "")),
        ({"options": {"case": "lower"}}, ("Movie titles, loaded in another way", 0, "")),
        ({"data": "towns.csv", "files": FILES, "options": OPTIONS}, (OWN, 3, "")),
        ({"options": {"leave_out": " *a,q*"}, "documents": 7}, ("movies", 0, "*a, q*")),
        (
            {"data": "towns.csv", "files": FILES, "options": {**OPTIONS, "leave_out": "*a"}},
            (OWN, 3, "*a"),
        ),
        ({"options": {"leave_out": "*"}}, ("Movie titles, loaded in another way", 0, "")),
        ({"data": "towns.csv", "files": FILES, "options": {}}, ("towns.csv", 0, "")),
        (
            {"data": "towns.csv", "files": [("towns.csv", 98)], "options": OPTIONS},
            ("towns.csv", 0, ""),
        ),
        ({"data": "", "files": []}, ("data that it does not tell", 0, "")),
    ],
)
def test_data_are_the_same_only_if_nothing_is_known_to_differ(
    told: dict[str, object], data: tuple[str, int, str]
) -> None:
    assert data_of(facts(**told), FILES, dict(OPTIONS), 3) == data


def test_without_data_of_ones_own_none_are_the_same() -> None:
    assert data_of(facts(data="x", files=[], options={}), [], {}, 0)[0] == "x"


# ---- the experiment and the run ------------------------------------------------------------------


def test_the_experiment_is_that_of_the_file_and_the_users_own_where_it_tells_nothing() -> None:
    current = Experiment()
    current.read_address("data=birds&temperature=1.2&n_layer=3&pace=full&open=votes")
    fresh, left_out = experiment_of(FACTS, "code", ("movies", 0, ""), current)
    assert left_out == []
    assert fresh.address() == (
        "data=movies&code=own&n_embd=8&learning_rate=0.02&num_steps=400&temperature=1.2"
        "&pace=full&open=votes"
    )
    fresh, _ = experiment_of(FACTS, "", ("towns.csv", 0, ""), current)
    assert fresh.data == "birds", "data that are not here leave the user's choice alone"


def test_settings_that_no_slider_stands_at_are_named() -> None:
    told = facts(settings={"learning_rate": 0.0123, "num_steps": 40, "n_embd": 16})
    fresh, left_out = experiment_of(told, "", ("movies", 0, ""), Experiment())
    assert left_out == ["Training steps 40"]
    assert fresh.values["learning_rate"] == 0.0123, "its slider stands near it"
    assert run_of(told, "", ("movies", 0, ""), fresh, "x")["settings"]["learning_rate"] == 0.0123


def test_a_run_has_all_that_is_kept_of_its_series() -> None:
    run = run_of(FACTS, "", ("movies", 0, ""), Experiment(), "‘m.safetensors’")
    assert run["series"].keys() == {*KEPT_OF_SERIES, "train_accuracy"}


@pytest.mark.parametrize(
    ("told", "data", "goes_on"),
    [
        ({}, ("movies", 0, ""), True),
        ({"resumable": False}, ("movies", 0, ""), False),
        ({"step": 400}, ("movies", 0, ""), False),
        ({}, ("towns.csv", 0, ""), False),
        ({}, (OWN, 2, ""), True),
    ],
)
def test_only_a_run_that_has_all_it_needs_goes_on(
    told: dict[str, object], data: tuple[str, int, str], goes_on: bool
) -> None:
    run = run_of(facts(**told), "", data, Experiment(), "x")
    assert run["only_model"] is not goes_on
    assert run["paused"] is goes_on
    assert run["series"]["num_steps"] == (400 if goes_on else run["step"])


def test_what_one_would_miss_is_said() -> None:
    assert remarks(FACTS, "movies", []) == ""
    assert "cannot be trained longer" in remarks(FACTS, "towns.csv", [])
    assert "begins with a fresh one" in remarks(facts(has_optimizer=False), "movies", [])
    assert "Training steps 40" in remarks(FACTS, "movies", ["Training steps 40"])


# ---- words ---------------------------------------------------------------------------------------


def test_words_on_models() -> None:
    about = {"num_params": 4192, "data": "movies", "step": 1, "held_out": 2.345, "has_code": True}
    assert model_words(about) == "4,192 parameters, Movie titles, 1 step, held out 2.35, own code"
    assert opened("‘a’", 1000, "movies") == (
        "This is the model from ‘a’, trained for 1,000 steps on Movie titles."
    )
    assert opened("this link", 0, "movies") == "This is the model from this link."
    assert session_words("data=birds", None) == "Settings and text, Birds"
    assert [size_words(size) for size in (9, 1234, 5e6, 7.25e9)] == [
        "9 bytes",
        "1 kB",
        "5.0 MB",
        "7.2 GB",
    ]


def test_a_name_is_never_html() -> None:
    html = row_html('<b>"x"', '<b>"x"', "<i>", [("open", "Open")])
    assert "<b>" not in html
    assert "<i>" not in html
    assert 'data-key="&lt;b&gt;&quot;x&quot;"' in html
    assert 'aria-label="Open ‘&lt;b&gt;&quot;x&quot;’"' in html
