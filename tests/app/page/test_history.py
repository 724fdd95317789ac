"""Which changes become entries of the browser's history."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.page.history import MERGE_MILLISECONDS, PageHistory
from app.shared.experiment import Experiment

LONG = 2 * MERGE_MILLISECONDS
SHORT = MERGE_MILLISECONDS / 10


class Browser:
    """An address and the history of what it has been, without Forward."""

    def __init__(self) -> None:
        self.entries = [""]
        self.now = 0.0
        self.experiment = Experiment()
        self.history = PageHistory(self.experiment, self.write, lambda: self.now)

    def write(self, fragment: str, is_entry: bool) -> None:
        if is_entry:
            self.entries.append(fragment)
        else:
            self.entries[-1] = fragment

    def change(self, name: str, value: int, after: float = LONG) -> None:
        """The user lets go of a widget, this many milliseconds after the last time."""
        self.now += after
        self.experiment.set(name, str(value))
        self.history.add(name)

    def back(self) -> None:
        """Press the browser's Back."""
        self.entries.pop()
        fresh = Experiment()
        fresh.read_address(self.entries[-1])
        self.experiment.values = fresh.values
        self.history.take()


def test_each_finished_change_is_an_entry() -> None:
    browser = Browser()
    browser.change("n_embd", 32)
    browser.change("n_layer", 2)
    browser.change("n_embd", 64)
    assert browser.entries == [
        *("", "n_embd=32", "n_embd=32&n_layer=2", "n_embd=64&n_layer=2"),
    ]


def test_changes_of_one_setting_in_quick_succession_are_one_entry() -> None:
    browser = Browser()
    for n_embd in (32, 64, 32, 8):
        browser.change("n_embd", n_embd, SHORT)
    assert browser.entries == ["", "n_embd=8"]


def test_the_time_counts_from_the_last_change_of_a_held_key() -> None:
    browser = Browser()
    for n_embd in (8, 32) * 20:
        browser.change("n_embd", n_embd, 0.9 * MERGE_MILLISECONDS)
    assert len(browser.entries) == 2


def test_changes_of_two_settings_are_two_entries_however_quick() -> None:
    browser = Browser()
    browser.change("n_embd", 32, SHORT)
    browser.change("n_layer", 2, SHORT)
    assert len(browser.entries) == 3


def test_a_change_to_what_it_is_already_is_no_entry() -> None:
    browser = Browser()
    browser.change("n_embd", 16)
    assert browser.entries == [""]


def test_what_is_replaced_is_in_the_entry_of_the_next_change_too() -> None:
    browser = Browser()
    browser.experiment.set("prefix", "ka")
    browser.history.replace()
    browser.change("n_embd", 32)
    assert browser.entries == ["prefix=ka", "n_embd=32&prefix=ka"]


def test_after_going_back_the_same_setting_makes_an_entry_again() -> None:
    browser = Browser()
    browser.change("n_embd", 32)
    browser.back()
    browser.change("n_embd", 64, SHORT)
    assert browser.entries == ["", "n_embd=64"]


def test_an_edited_address_is_written_as_the_page_would() -> None:
    browser = Browser()
    browser.experiment.set("seed", "7")
    browser.entries.append("seed=7&colour=red")
    browser.history.take()
    assert browser.entries == ["", "seed=7"]


@given(values=st.lists(st.sampled_from([8, 16, 32, 64]), max_size=8))
def test_going_back_undoes_every_change(values: list[int]) -> None:
    browser = Browser()
    seen = [16]
    for value in values:
        browser.change("n_embd", value)
        if value != seen[-1]:
            seen.append(value)
    while len(seen) > 1:
        assert browser.experiment.values["n_embd"] == seen.pop()
        browser.back()
    assert browser.experiment.values == Experiment().values
