"""What a link hides, locks and opens: the table, the address, and the page's HTML."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from app.shared.arrangement import (
    HIDE,
    LOCK,
    OPEN,
    PANELS,
    WITHIN,
    Arrangement,
    groups,
)
from app.shared.experiment import Experiment
from app.shared.views import CODE_VIEW, VIEW_NAMES
from app.site.markup import index_html
from microgpt.settings import SETTINGS

VENDOR = {name: f"v/{name}-1" for name in ("pyodide", "pyscript", "micropython", "uplot", "fonts")}
ITEMS = {name: verbs for _, items in groups() for name, _, verbs in items}
EMPTY_TAGS = {"br", "hr", "img", "input", "link", "meta"}


class MarkedParser(HTMLParser):
    """Collects what is marked in the page, and what lies in what is locked."""

    def __init__(self) -> None:
        super().__init__()
        self.marked: dict[str, set[str]] = {
            "data-item": set(),
            "data-lock": set(),
            "details": set(),
        }
        self.within: dict[str, set[str]] = {}
        self._open: list[tuple[str, list[str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        for mark in ("data-item", "data-lock"):
            self.marked[mark] |= set((given.get(mark) or "").split())
        if tag == "details" and "data-item" in given:
            self.marked["details"].add(given["data-item"] or "")
        locks = (given.get("data-lock") or "").split()
        if tag != "details":
            for _, outer in self._open:
                for name in outer:
                    self.within.setdefault(name, set()).update(
                        lock for lock in locks if lock != name
                    )
        if tag not in EMPTY_TAGS:
            self._open.append((tag, locks))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass


def parsed_page() -> MarkedParser:
    parser = MarkedParser()
    parser.feed(index_html("r-1", VENDOR))
    return parser


# ---- the table -----------------------------------------------------------------------------------


def test_every_name_is_there_once_and_has_words() -> None:
    named = [(name, words) for _, items in groups() for name, words, _ in items]
    assert len(ITEMS) == len(named)
    assert all(words for _, words in named)


def test_every_setting_with_a_widget_can_be_hidden_and_locked_and_every_view_opened_too() -> None:
    for row in SETTINGS:
        assert set(ITEMS[row.name]) >= {HIDE, LOCK}, row.name
    for view in [CODE_VIEW, *VIEW_NAMES]:
        assert set(ITEMS[view]) == {HIDE, LOCK, OPEN}, view


def test_the_page_marks_what_the_table_names_and_nothing_else() -> None:
    marked = parsed_page().marked
    assert marked["data-item"] == set(ITEMS)
    assert marked["data-lock"] == {name for name, verbs in ITEMS.items() if LOCK in verbs}
    folds = {name for name, verbs in ITEMS.items() if OPEN in verbs}
    assert marked["details"] == folds - {CODE_VIEW, *VIEW_NAMES}


def test_what_lies_in_a_locked_part_of_the_page_is_locked_in_the_table() -> None:
    within = {name: inner for name, inner in parsed_page().within.items() if inner}
    assert {name: set(inner) for name, inner in WITHIN.items()} == within


# ---- the address ---------------------------------------------------------------------------------


def test_the_address_holds_what_is_hidden_locked_and_opened_in_the_tables_order() -> None:
    experiment = Experiment()
    asked = "hide=footer,chart&lock=seed,temperature&open=advanced,lens&n_embd=32"
    assert experiment.read_address(asked) == []
    written = "n_embd=32&hide=chart,footer&lock=temperature,seed&open=lens,advanced"
    assert experiment.address() == written
    again = Experiment()
    assert again.read_address(written) == []
    assert again.address() == written


def test_they_stay_in_the_address_when_settings_and_views_change() -> None:
    experiment = Experiment()
    experiment.read_address("hide=chart&lock=seed&open=advanced")
    experiment.set("n_layer", "2")
    experiment.open = ["votes"]
    assert experiment.address() == "n_layer=2&hide=chart&lock=seed&open=votes,advanced"


@pytest.mark.parametrize(
    ("part", "reason", "left"),
    [
        ("hide=chart,walls", "There is nothing called 'walls' to hide on this page.", "hide=chart"),
        ("lock=chart,seed", "There is nothing called 'chart' to lock on this page.", "lock=seed"),
        ("open=seed", "There is nothing called 'seed' to open on this page.", ""),
        ("hide=<b>", "There is nothing called '<b>' to hide on this page.", ""),
    ],
)
def test_what_cannot_be_done_is_said_and_the_rest_applies(
    part: str, reason: str, left: str
) -> None:
    experiment = Experiment()
    assert experiment.read_address(part) == [reason]
    assert experiment.address() == left


def test_a_locked_panel_locks_what_lies_within_it() -> None:
    arrangement = Arrangement()
    assert not arrangement.locks("seed")
    arrangement.set(LOCK, ["settings", "votes"])
    assert all(arrangement.locks(name) for name in ("seed", "learning_rate", "settings", "votes"))
    assert not any(arrangement.locks(name) for name in ("n_embd", "lens", "temperature"))


def test_a_page_in_a_frame_is_made_of_items_that_can_be_hidden() -> None:
    assert all(HIDE in ITEMS[name] for name, _ in PANELS)
