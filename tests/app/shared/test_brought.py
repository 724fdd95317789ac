"""What a link brings beside settings, as the address has it."""

from __future__ import annotations

import pytest

from app.page.keeping.returning import shows_kept
from app.shared.brought import BROUGHT, MAX_LINK_CHARACTERS
from app.shared.experiment import Experiment
from microgpt.settings import SETTINGS

ALL = "n_layer=2&text=eJw_-&code=eNo&model=bWdw"


def read(address: str) -> Experiment:
    experiment = Experiment()
    assert experiment.read_address(address) == []
    return experiment


def test_no_setting_has_the_name_of_a_part() -> None:
    assert not {row.name for row in SETTINGS} & set(BROUGHT)


def test_an_address_brings_it_as_it_is_and_keeps_it() -> None:
    experiment = read("#" + ALL)
    assert experiment.brought == {"text": "eJw_-", "code": "eNo", "model": "bWdw"}
    assert experiment.code == ""
    assert experiment.values["n_layer"] == 2
    assert experiment.address() == ALL
    assert experiment.address(with_brought=False) == "n_layer=2"


def test_code_of_ones_own_and_code_of_a_link_are_told_apart() -> None:
    experiment = read("#code=own")
    assert (experiment.names_code, experiment.brought) == (True, {})
    experiment.code = "def gpt(): ..."
    assert experiment.address() == "code=own"
    experiment.brought["code"] = "eNo"
    assert experiment.address() == "code=eNo"


def test_what_is_not_there_brings_nothing() -> None:
    assert read("#text=&model=&code=").brought == {}


@pytest.mark.parametrize("name", BROUGHT)
def test_what_is_too_long_is_left_out_with_a_sentence(name: str) -> None:
    experiment = Experiment()
    experiment.read_address(f"{name}={'A' * MAX_LINK_CHARACTERS}")
    assert len(experiment.brought[name]) == MAX_LINK_CHARACTERS
    experiment = Experiment()
    (problem,) = experiment.read_address(f"{name}={'A' * (MAX_LINK_CHARACTERS + 1)}&n_layer=3")
    assert problem == f"The {name} in this link is too long to be opened."
    assert experiment.brought == {}
    assert experiment.values["n_layer"] == 3


@pytest.mark.parametrize("part", ["text=eJw", "code=eNo", "model=bWdw"])
def test_a_kept_run_gives_way_to_what_a_link_brings_and_not_to_its_own(part: str) -> None:
    assert not shows_kept(f"#{part}", "")
    assert not shows_kept(f"#{part}", "n_layer=2")
    assert shows_kept(f"#{part}", part)
