"""The place of the page, and the lesson of Learn, in its address."""

from __future__ import annotations

import pytest

from app.shared.experiment import Experiment
from app.shared.places import LAB, LEARN, PLAYGROUND


@pytest.mark.parametrize(
    ("fragment", "place", "program"),
    [
        ("", PLAYGROUND, "0"),
        ("place=learn", LEARN, "0"),
        ("place=learn&program=3", LEARN, "3"),
        ("place=learn&program=scalar", LEARN, "scalar"),
        ("n_embd=32&place=learn&program=5", LEARN, "5"),
    ],
)
def test_the_address_holds_place_and_program(fragment: str, place: str, program: str) -> None:
    experiment = Experiment()
    assert experiment.read_address(fragment) == []
    assert (experiment.place, experiment.program) == (place, program)
    assert experiment.address() == fragment


@pytest.mark.parametrize("text", ["", "luck", "data=words;n_embd=8,16;mask=%3D;seeds=2"])
def test_the_address_holds_the_experiment_of_the_lab(text: str) -> None:
    experiment = Experiment()
    experiment.place, experiment.lab = LAB, text
    again = Experiment()
    assert again.read_address(experiment.address()) == []
    assert (again.place, again.lab) == (LAB, text)
    again.place = PLAYGROUND
    assert again.address() == "", "elsewhere it is not in the address"


def test_on_the_playground_the_program_is_not_in_the_address() -> None:
    experiment = Experiment()
    experiment.program = "4"
    assert experiment.address() == ""


@pytest.mark.parametrize("part", ["place=home", "program=6", "program=-1", "place="])
def test_what_there_is_not_is_refused_in_a_sentence(part: str) -> None:
    experiment = Experiment()
    (problem,) = experiment.read_address(part)
    name, _, text = part.partition("=")
    assert problem == f"There is no {name} called '{text}' here."
    assert (experiment.place, experiment.program) == (PLAYGROUND, "0")
