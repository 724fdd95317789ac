"""Recommended settings: when they are applied, when only offered, and how they are undone."""

from __future__ import annotations

import pytest

from app.page.recommended import RecommendedSettings
from app.shared.experiment import Experiment
from app.shared.presets import PRESETS, Preset, find
from app.shared.typed import SettingValues


def preset(name: str) -> Preset:
    found = find(name)
    assert found is not None
    return found


class Setup:
    """Settings of which the recommended ones are applied."""

    def __init__(self, fragment: str = "") -> None:
        self.experiment = Experiment()
        self.experiment.read_address(fragment)
        self.recommended = RecommendedSettings(self.experiment)
        self.recommended.reset()

    def choose(self, name: str) -> bool:
        """Choose a preset; returns whether its recommended settings were applied."""
        self.experiment.set("data", name)
        return self.offer({**preset(name).recommended})

    def offer(self, values: SettingValues) -> bool:
        """Take these unless the user has set others; returns whether they were taken."""
        self.recommended.accept()
        if self.recommended.user_set(values):
            return False
        self.experiment.values = self.recommended.apply(values)
        return True

    def undo(self) -> None:
        self.experiment.values = self.recommended.undo()

    def has(self, values: SettingValues) -> bool:
        return {name: self.experiment.values[name] for name in values} == values


@pytest.mark.parametrize("chosen", PRESETS, ids=lambda preset: preset.name)
def test_they_are_applied_to_the_defaults_and_undone(chosen: Preset) -> None:
    setup = Setup()
    assert setup.choose(chosen.name)
    assert setup.has(chosen.recommended)
    setup.undo()
    assert setup.experiment.values == Experiment().values
    assert setup.recommended.words(chosen.title) == ""


def test_one_data_set_after_the_other_gets_its_own() -> None:
    setup = Setup()
    for chosen in PRESETS:
        assert setup.choose(chosen.name)
        assert setup.has(chosen.recommended)


def test_the_sentence_says_what_was_changed() -> None:
    setup = Setup()
    setup.choose("pokemon")
    assert setup.recommended.words("Pokémon names") == (
        "Set as recommended for Pokémon names: Embedding size 32, Training steps 500, "
        "Batch size 8, Temperature 0.6."
    )
    setup.choose("dinosaurs")
    assert setup.recommended.words("Dinosaurs") == (
        "Set as recommended for Dinosaurs: Context length 32."
    )
    setup.choose("companies")
    assert "Temperature 0.5" in setup.recommended.words("Company names")
    setup.recommended.accept()
    assert setup.recommended.words("Company names") == ""


def test_where_nothing_changes_nothing_is_said() -> None:
    setup = Setup()
    setup.choose("tunes")
    assert setup.choose("birds"), "the same settings are recommended"
    assert setup.recommended.words("Birds") == ""


@pytest.mark.parametrize("fragment", ["n_embd=64", "num_steps=200", "temperature=1"])
def test_the_users_own_settings_stay(fragment: str) -> None:
    setup = Setup(fragment)
    before = setup.experiment.values
    assert not setup.choose("sums")
    assert setup.experiment.values == before
    setup.undo()
    assert setup.experiment.values == before


def test_settings_that_are_never_recommended_do_not_count_as_set() -> None:
    setup = Setup("seed=7&tokenizer=bpe&eval_fraction=0.2&pace=full&top_k=5")
    assert setup.choose("sums")
    assert setup.experiment.values["seed"] == 7
    setup.experiment.set("seed", "8")
    setup.undo()
    assert setup.experiment.values["seed"] == 8, "it was set after them"


def test_a_setting_changed_afterwards_is_the_users_own() -> None:
    setup = Setup()
    setup.choose("sums")
    setup.experiment.set("n_layer", "3")
    assert not setup.choose("brackets")
    assert setup.experiment.values["n_layer"] == 3


def test_an_address_as_recommended_for_its_data_counts_as_applied() -> None:
    first = Setup()
    first.choose("pokemon")
    opened = Setup(first.experiment.address())
    assert opened.recommended.words("Pokémon names") == ""
    assert opened.choose("sums")


def test_an_address_with_the_settings_of_other_data_is_the_users_own() -> None:
    first = Setup()
    first.choose("pokemon")
    first.experiment.set("data", "sums")
    opened = Setup(first.experiment.address())
    assert not opened.choose("brackets")


def test_the_users_own_data_may_recommend_fewer_settings() -> None:
    setup = Setup()
    setup.choose("sonnets")
    assert setup.offer({"block_size": 8, "n_embd": 16, "n_layer": 1, "num_steps": 300})
    assert setup.experiment.values["temperature"] == 0.6
    assert setup.choose("sums"), "the temperature was not set by the user"


def test_what_was_recommended_for_a_single_document_alone_is_not_kept() -> None:
    setup = Setup()
    held_out = setup.experiment.values["eval_fraction"]
    assert setup.offer({"block_size": 64, "eval_fraction": 0.0})
    assert setup.experiment.values["eval_fraction"] == 0
    assert setup.choose("sums")
    assert setup.experiment.values["eval_fraction"] == held_out


def test_a_locked_setting_stays_when_data_come_and_go() -> None:
    """The page itself leaves what is locked out of what is recommended; here it goes back."""
    setup = Setup("#lock=num_steps")
    setup.experiment.arrangement.set("lock", [])
    assert setup.choose("pokemon")
    steps = setup.experiment.values["num_steps"]
    assert steps != Experiment().values["num_steps"]
    setup.experiment.arrangement.set("lock", ["settings"])
    assert setup.offer({})
    assert setup.experiment.values["num_steps"] == steps
    assert setup.experiment.values["n_embd"] == Experiment().values["n_embd"]
