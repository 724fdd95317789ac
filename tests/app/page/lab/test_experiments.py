"""What is open in the Lab: by its address, with its points and their words."""

from __future__ import annotations

import pytest

from app.page.lab.experiments import default_sweep, open_experiment
from microgpt.lab.ready import DOTS, LINES, READY
from microgpt.lab.sweep import parse_sweep
from microgpt.setting import SettingError

OWN = "data=words;num_steps=300;n_embd=8,16;seeds=2"


@pytest.mark.parametrize("name", [ready.name for ready in READY])
def test_a_ready_experiment_is_opened_by_its_name(name: str) -> None:
    experiment = open_experiment(name)
    assert experiment.address == experiment.key == name
    assert experiment.num_runs == sum(sweep.num_runs for sweep in experiment.sweeps)
    assert experiment.texts == [parse_sweep(text).text() for text in experiment.texts]
    assert experiment.guess is not None
    assert experiment.source


def test_without_a_name_it_is_the_first() -> None:
    assert open_experiment("").ready is READY[0]


def test_one_s_own_is_its_text() -> None:
    experiment = open_experiment(OWN)
    assert open_experiment(experiment.address).texts == experiment.texts == [experiment.address]
    assert (experiment.ready, experiment.guess, experiment.picture) == (None, None, LINES)
    assert [experiment.words(0, place) for place in (0, 1)] == [
        "Embedding size 8",
        "Embedding size 16",
    ]
    assert experiment.values(0, 1)["n_embd"] == 16
    assert experiment.values(0, 1, 7)["seed"] == 7
    assert experiment.further(0) == "Training steps 300"


def test_without_axes_every_run_is_a_dot() -> None:
    assert open_experiment("data=words;seeds=9").picture == DOTS


def test_results_are_kept_whatever_is_drawn_of_them() -> None:
    other = open_experiment(f"{OWN};measure=seconds")
    assert other.measure.name == "seconds"
    assert other.key == open_experiment(OWN).key


@pytest.mark.parametrize("text", ["nothing", "data=words;n_embd=0,1", "a=b", "seeds=0"])
def test_what_is_none_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(SettingError, match=r"\.$"):
        open_experiment(text)


def test_one_s_own_begins_with_the_settings_of_the_playground() -> None:
    sweep = default_sweep("words", {"n_layer": 2, "learning_rate": 0.5})
    assert sweep.base == {"n_layer": 2}
    assert sweep.names == ["learning_rate"]
    assert parse_sweep(sweep.text()).text() == sweep.text()
