"""Whether the model code fits, what waits for that, and which code a worker has died of."""

from __future__ import annotations

import json

import pytest

from app.page.code_check import DEADLY, ENDLESS, CodeCheck
from app.shared.experiment import Experiment

PROBLEM = "Line 3: there is no 'z' here; check the name."


class Checked:
    """A check, and what came of the presses on Train."""

    def __init__(self) -> None:
        self.experiment = Experiment()
        self.check = CodeCheck(self.experiment)
        self.came: list[str] = []

    def edit(self, code: str) -> None:
        """Another code, about which the worker is asked."""
        self.experiment.code = code
        self.check.begin(waiting=True)

    def train(self) -> None:
        self.check.when_fits(lambda: self.came.append("trained"), self.came.append)


@pytest.fixture
def checked() -> Checked:
    return Checked()


def test_the_model_of_the_repository_fits_always(checked: Checked) -> None:
    checked.train()
    checked.check.begin(waiting=True)
    checked.train()
    assert checked.came == ["trained", "trained"]


def test_training_waits_until_it_is_known_whether_the_code_fits(checked: Checked) -> None:
    checked.edit("one")
    checked.train()
    assert checked.came == []
    checked.check.take("", 0, 99)
    assert checked.came == ["trained"]
    assert checked.check.num_params == 99
    checked.check.take("", 0, 99)
    assert checked.came == ["trained"], "once"


def test_a_code_that_does_not_fit_is_refused_with_its_sentence(checked: Checked) -> None:
    checked.edit("one")
    checked.train()
    checked.check.take(PROBLEM, 3, 0)
    checked.train()
    assert checked.came == [PROBLEM, PROBLEM]
    assert checked.check.line == 3


def test_what_waits_trains_the_code_as_it_is_by_then(checked: Checked) -> None:
    checked.edit("one")
    checked.train()
    checked.edit("")
    assert checked.came == ["trained"]


def test_what_was_known_is_shown_until_more_is(checked: Checked) -> None:
    checked.edit("one")
    checked.check.take("", 0, 99)
    checked.edit("two")
    assert (checked.check.known, checked.check.num_params) == (False, 99)
    checked.check.take("", 0, 98)
    checked.edit("")
    assert (checked.check.known, checked.check.num_params, checked.check.problem) == (True, 0, "")


@pytest.mark.parametrize(("silent", "reason"), [(True, ENDLESS), (False, DEADLY)])
def test_a_code_that_the_worker_was_asked_about_when_it_died_is_to_blame(
    checked: Checked, silent: bool, reason: str
) -> None:
    checked.edit("endless")
    checked.train()
    assert checked.check.lose_worker(silent)
    assert checked.came == [], "the press is forgotten"
    checked.train()
    assert checked.came == [reason]
    checked.edit("another")
    assert not checked.check.known
    checked.edit("endless")
    assert (checked.check.known, checked.check.problem) == (True, reason)


def test_a_code_that_fits_can_still_be_too_much_to_compile(checked: Checked) -> None:
    checked.edit("large")
    checked.check.take("", 0, 99)
    assert not checked.check.lose_worker(silent=False), "that was something else"
    assert checked.check.lose_worker(silent=True)


@pytest.mark.parametrize("problem", ["", PROBLEM])
def test_a_code_that_the_worker_is_done_with_is_not_to_blame(
    checked: Checked, problem: str
) -> None:
    checked.edit("one")
    checked.check.take(problem, 0, 0)
    checked.check.prove("one")
    assert not checked.check.lose_worker(silent=True)
    checked.edit("")
    assert not checked.check.lose_worker(silent=True)
    assert checked.check.refused == ""


def test_a_run_of_another_code_is_another_run(checked: Checked) -> None:
    before = checked.experiment.signature()
    checked.edit("one")
    assert checked.experiment.signature() != before


def test_an_address_says_that_there_is_code_and_nobody_uses_it_unasked() -> None:
    experiment, fresh = Experiment(), Experiment()
    experiment.code = "def gpt(): ..."
    assert experiment.address() == "code=own"
    assert fresh.read_address("#code=own") == []
    assert fresh.names_code
    assert fresh.code == ""
    assert fresh.read_address("#code=import os") == []
    assert fresh.code == "", "what a link brings is only offered"


def test_all_of_it_is_kept_for_the_next_visit(checked: Checked) -> None:
    checked.edit("endless")
    checked.check.lose_worker(silent=True)
    kept = json.loads(json.dumps(checked.check.kept()))
    again = Checked()
    again.check.restore(kept)
    again.train()
    assert (again.experiment.code, again.came) == ("endless", [ENDLESS])
