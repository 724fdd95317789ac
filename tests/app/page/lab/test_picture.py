"""The results of experiments as pictures."""

from __future__ import annotations

import json
from itertools import product

import pytest

from app.page.lab.experiments import open_experiment
from app.page.lab.picture import figure, parts_of, picture_of, point_id
from app.page.lab.told import Told
from app.shared.lab import SweptCurve
from microgpt.lab.measures import measure
from microgpt.lab.ready import BY_STEP, DOTS, LINES, MAP, RANKS, READY
from tests.app.page.lab.told_points import point, swept, told_of

TWO = open_experiment("data=words;n_embd=8,16,32;n_layer=1,2")


def places() -> Told:
    return told_of(TWO, [point(0, place, [1.0, place + 2.0, 9.0]) for place in range(5)])


def test_a_line_for_each_value_of_the_second_axis() -> None:
    picture = picture_of(TWO, places(), LINES)
    assert picture["x"] == {
        "title": "Embedding size",
        "log": False,
        "ticks": None,
        "range": [8.0, 32.0],
    }
    found = [
        [(each["x"], each["median"]) for each in series["points"]] for series in picture["series"]
    ]
    assert [series["name"] for series in picture["series"]] == ["1", "2"]
    assert found == [[(8.0, 2.0), (16.0, 4.0), (32.0, 6.0)], [(8.0, 3.0), (16.0, 5.0)]]
    assert picture["series"][0]["points"][0]["id"] == point_id(0, 0)


def test_a_field_for_each_pair_of_values() -> None:
    told = places()
    told.take(swept(TWO, [point(0, 5, [])]))
    picture = picture_of(TWO, told, MAP)
    assert (picture["x"]["ticks"], picture["y"]["ticks"]) == (["1", "2"], ["8", "16", "32"])
    cells = {(cell["x"], cell["y"]): cell["value"] for cell in picture["cells"]}
    assert cells == {(0, 0): 2.0, (1, 0): 3.0, (0, 1): 4.0, (1, 1): 5.0, (0, 2): 6.0, (1, 2): None}
    assert picture["value"]["better"] == "lower"


def test_texts_and_settings_that_vary_together_are_categories() -> None:
    experiment = open_experiment("data=words;n_layer/n_embd=1/32,2/24;optimizer=adam,sgd")
    picture = picture_of(experiment, told_of(experiment, [point(0, 3, [1.0, 2.0, 3.0])]), LINES)
    assert picture["x"]["ticks"] == ["1 / 32", "2 / 24"]
    assert [series["name"] for series in picture["series"]] == ["adam", "sgd"]
    assert picture["series"][1]["points"][0]["x"] == 1.0


def test_values_that_are_far_apart_lie_on_a_logarithmic_axis() -> None:
    experiment = open_experiment("data=words;learning_rate=0.001..0.1x8")
    assert picture_of(experiment, Told(), LINES)["x"]["log"]


def test_every_run_is_a_dot_above_its_seed() -> None:
    experiment = open_experiment("luck")
    of_all = point(0, 0, [2.1, 2.2, 2.3])
    of_all["runs"] = [(43, 2.3), (42, 2.1)]
    picture = picture_of(experiment, told_of(experiment, [of_all]), DOTS)
    band, dots = picture["series"]
    assert [each["median"] for each in band["points"]] == [2.2, 2.2]
    assert [(each["x"], each["id"]) for each in dots["points"]] == [
        (42.0, point_id(0, 0, 42)),
        (43.0, point_id(0, 0, 43)),
    ]


def test_the_law_is_drawn_with_what_it_says_before_that_is_measured() -> None:
    experiment = open_experiment("scaling-law")
    later = experiment.num_points(1)
    told = told_of(
        experiment,
        [point(0, place, [2.0, 2.1, 2.2], num_params=500 + place) for place in range(35)]
        + [point(1, place, [], 0, 53_632) for place in range(later)],
    )
    event = swept(experiment, [])
    event["predicted"] = [(0, place, 2.1, 0.0) for place in range(35)]
    event["predicted"] += [(1, place, 2.0, 0.02) for place in range(later)]
    told.take(event)
    picture = picture_of(experiment, told, LINES)
    assert (picture["x"]["title"], picture["x"]["log"], picture["y"]["log"]) == (
        "Weights",
        True,
        True,
    )
    assert len(picture["series"]) == len(picture["laws"]) == len(picture["predicted"]) == later
    assert {mark["x"] for mark in picture["predicted"]} == {53_632.0}
    assert [len(law["points"]) for law in picture["laws"]] == [8] * later
    assert not any(
        each["id"].startswith("1:") for series in picture["series"] for each in series["points"]
    )


def test_what_was_measured_by_step_is_a_curve_for_each_point() -> None:
    experiment = open_experiment("grokking")
    event = swept(experiment, [])
    event["curves"] = [
        SweptCurve(
            sweep=0,
            place=place,
            name=name,
            steps=[100, 200],
            low=[0.1, 0.5],
            median=[0.2, 0.6],
            high=[0.3, 0.7],
        )
        for place, name in product(range(2), ("accuracy", "train_accuracy"))
    ]
    told = Told()
    told.take(event)
    series = picture_of(experiment, told, BY_STEP)["series"]
    assert [(each["name"], each["dashed"]) for each in series] == [
        ("", True),
        ("Weight decay 0.1", False),
        ("", True),
        ("Weight decay 0.3", False),
    ]
    assert series[1]["points"][1] == {
        "id": point_id(0, 0, 200),
        "x": 200.0,
        "low": 0.5,
        "median": 0.6,
        "high": 0.7,
    }


@pytest.mark.parametrize("name", [ready.name for ready in READY])
def test_an_experiment_that_has_not_begun_can_be_drawn(name: str) -> None:
    experiment = open_experiment(name)
    kind = experiment.picture if experiment.picture != RANKS else DOTS
    assert json.loads(json.dumps(picture_of(experiment, Told(), kind)))["label"]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("held_out_loss", 2.25, "2.250"),
        ("accuracy", 0.914, "91%"),
        ("steps_to_solve", 1250, "1,250"),
    ],
)
def test_figures(name: str, value: float, words: str) -> None:
    assert figure(measure(name), value) == words


def test_a_point_s_name_has_its_parts() -> None:
    assert parts_of(point_id(1, 23, 456)) == (1, 23, 456)
