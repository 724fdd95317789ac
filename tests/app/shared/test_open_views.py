"""The open views of the inside in the page's address."""

from __future__ import annotations

from app.shared.experiment import Experiment
from app.shared.views import VIEW_NAMES


def test_the_address_holds_the_open_views_in_their_own_order() -> None:
    experiment = Experiment()
    assert experiment.read_address("open=" + ",".join(reversed(VIEW_NAMES))) == []
    assert experiment.open == VIEW_NAMES
    assert experiment.address() == "open=" + ",".join(VIEW_NAMES)
    assert experiment.read_address("open=") == []
    assert (experiment.open, experiment.address()) == ([], "")


def test_a_view_that_there_is_not_is_refused_in_a_sentence() -> None:
    experiment = Experiment()
    (problem,) = experiment.read_address("open=choice,tea leaves&n_embd=8")
    assert problem == "There is nothing called 'tea leaves' to open on this page."
    assert (experiment.open, experiment.values["n_embd"]) == (["choice"], 8)


def test_the_editor_of_the_model_code_is_open_beside_the_views() -> None:
    experiment = Experiment()
    assert experiment.read_address("open=votes,code") == []
    assert (experiment.code_open, experiment.open) == (True, ["votes"])
    assert experiment.address() == "open=code,votes"
    assert experiment.read_address("open=votes") == []
    assert not experiment.code_open
