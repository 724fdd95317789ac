"""Past runs: their names, the columns of their table, its files; without a browser."""

from __future__ import annotations

import csv
import re
from typing import Any

import pytest

from app.page.past_run import PastRun
from app.page.run_names import differing, give_names, merged_changes
from app.page.runs.columns import colours_of, columns_of, ordered, words_in
from app.page.runs.comparison_html import bars_html, comparison_html
from app.page.runs.table_files import as_csv
from app.page.runs.table_html import head_html, rows_html
from app.shared.experiment import OWN, Experiment


def past_run(key: str, **about: Any) -> PastRun:
    """A run with these settings, or facts of the same names."""
    experiment = Experiment()
    data = about.pop("data", "us-names")
    facts: dict[str, Any] = {name: about.pop(name) for name in ("code", "seconds") if name in about}
    series: dict[str, Any] = {
        "num_steps": about.get("num_steps", 1000),
        "held_out": [(1000, about.pop("held_out"))] if "held_out" in about else [],
        "all_held_out": None,
        "accuracy": about.pop("accuracy", []),
        "chars_per_token": about.pop("chars_per_token", 1.0),
    }
    title, loss = about.pop("title", ""), about.pop("loss", 2.5)
    leave_out = about.pop("leave_out", "")
    files = about.pop("files", [])
    experiment.values.update(about)
    kept: dict[str, Any] = {
        "settings": experiment.run(),
        "series": series,
        "code": "",
        "seconds": 1.0,
        "num_params": 4192,
        "step": 1000,
        "checkpoint_step": 1000,
        "engine": "wasm",
        "precision": "f32",
        "live": [{"text": "anna"}],
        "unit": [[data, 0], []],
        **facts,
    }
    told = {"run": kept, "smoothed": loss, "title": title, "pinned": False, "hidden": False}
    return PastRun(key, {**told, "files": files, "weights": 0}, ((data, 0, leave_out), ()))


def names(*runs: PastRun) -> list[str]:
    give_names(list(runs))
    return [run.name for run in runs]


def test_a_run_is_named_by_what_most_runs_have_otherwise() -> None:
    runs = (
        past_run("4", n_layer=2, learning_rate=0.005),
        past_run("3", n_layer=2),
        past_run("2", learning_rate=0.005),
        past_run("1"),
        past_run("0"),
    )
    assert names(*runs) == [
        "2 layers, lr 0.005",
        "2 layers",
        "lr 0.005",
        "1 layer, lr 0.01 (2)",
        "1 layer, lr 0.01",
    ]
    assert differing(list(runs)) == ["n_layer", "learning_rate"]


def test_what_is_the_same_in_all_runs_is_in_no_name() -> None:
    assert names(past_run("1", n_embd=32)) == ["run"]
    assert names(past_run("2", n_embd=32, seed=7), past_run("1", n_embd=32)) == [
        "seed 7",
        "seed 42",
    ]
    # The pace changes nothing of what comes out, nor does the vocabulary of BPE without BPE.
    assert names(past_run("2", pace="full", vocab_limit=512), past_run("1")) == ["run (2)", "run"]


def test_data_code_and_choices_are_in_names() -> None:
    other = past_run("1")
    assert names(past_run("2", data="dinosaurs"), other)[0] == "Dinosaurs"
    assert names(past_run("2", code="def gpt"), other)[0] == "own code"
    steered = past_run("2")
    steered.kept["marks"] = [[500, "learning rate 0.002"]]
    assert names(steered, other) == ["steered", "not steered"]
    assert words_in("marks", steered) == "learning rate 0.002 from step 500 on"
    assert names(past_run("2", tokenizer="bpe"), other)[0] == "bpe, vocabulary 256"
    own = past_run("2", data=OWN, files=[["mine.txt", 9]])
    assert names(own, other)[0] == "mine.txt"


def test_a_run_that_was_kept_before_there_was_a_setting_has_its_default() -> None:
    older, newer = past_run("1"), past_run("2")
    del older.kept["settings"]["precision"]
    assert differing([newer, older]) == []


def test_columns_are_what_differs_and_what_came_of_it() -> None:
    assert columns_of([past_run("1"), past_run("2", n_layer=3)]) == [
        *("n_layer", "num_params", "loss", "seconds")
    ]
    with_more = past_run("3", tokenizer="bpe", chars_per_token=2.0, held_out=3.0)
    columns = columns_of([past_run("1"), with_more])
    assert columns[-5:] == ["num_params", "loss", "held_out", "per_char", "seconds"]
    assert words_in("per_char", with_more) == "1.250"
    assert words_in("held_out", past_run("1")) == "–"
    assert "accuracy" in columns_of([past_run("1", accuracy=[(1000, 0.25)])])


def test_runs_are_sorted_by_any_column_and_what_has_nothing_comes_last() -> None:
    runs = [past_run("1", held_out=2.0), past_run("2"), past_run("3", held_out=1.0)]
    keys = [run.key for run in ordered(runs, "held_out", False)]
    assert keys == ["3", "1", "2"]
    assert [run.key for run in ordered(runs, "held_out", True)] == ["1", "3", "2"]
    assert ordered(runs, "", False) == runs


def test_numbers_are_coloured_on_a_ramp_and_words_in_one_colour_each() -> None:
    runs = [past_run(str(rate), learning_rate=rate) for rate in (0.001, 0.1, 0.01)]
    assert colours_of(runs, "learning_rate") == {"0.001": 0.0, "0.01": 0.5, "0.1": 1.0}
    data = [past_run("1"), past_run("2", data="dinosaurs"), past_run("3")]
    colours = colours_of(data, "data")
    assert colours["1"] == colours["3"] != colours["2"]
    assert colours_of(runs, "") == {}


def test_the_names_that_users_give_are_no_html() -> None:
    hostile = past_run('" onerror="alert(1)', title='<img src=x onerror="alert(1)">')
    other = past_run("2", n_layer=2, title="plain")
    give_names([hostile, other])
    columns = columns_of([hostile, other])
    html = rows_html(columns, [hostile, other], {}, ["1"])
    html += head_html(columns, [hostile, other], "loss", True) + comparison_html(hostile, other)
    tags = re.findall(r"<[^>]*>", html)
    assert not [tag for tag in tags if "<img" in tag or ' onerror="' in tag]
    assert 'aria-sort="descending"' in html


def test_bars_stand_for_the_likeliest_tokens_of_both_models() -> None:
    one = [("a", 0.75), ("", 0.25)]
    html = bars_html(one, [("b", 1.0)], ["", ""])
    tiles = [part.split("<")[0] for part in html.split("small-tile")[1:]]
    assert tiles == ['">a', '">b', ' end">end']
    assert "75.0% and 0.0%" in html
    assert "Unknown" in bars_html([], one, ["Unknown", ""])


@pytest.mark.parametrize("title", ["plain", 'with "quotes", and commas', "=1+1"])
def test_csv_has_a_row_for_each_run(title: str) -> None:
    runs = [past_run("1", title=title, loss=None), past_run("2", n_layer=2)]
    rows = list(csv.reader(as_csv(runs, columns_of(runs)).splitlines()))
    assert rows[0][:2] == ["Run", "Layers"]
    assert rows[1][0].lstrip("'") == title
    assert rows[1][rows[0].index("Loss")] == ""
    assert rows[2][rows[0].index("Loss")] == "2.5"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("run", "num_params"), "many"),
        (("run", "settings", "n_layer"), "two"),
        (("run", "series", "held_out"), [1, 2]),
        (("run", "live"), [{}]),
        (("smoothed",), [1]),
        (("files",), [7]),
    ],
)
def test_what_no_page_has_kept_is_found_out(path: tuple[str, ...], value: object) -> None:
    run = past_run("1")
    run.check()
    place: Any = run.about
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    with pytest.raises((ValueError, KeyError, TypeError, AttributeError)):
        run.check()


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("Longer", "Learning rate 0.02", "Longer, Learning rate 0.02"),
        ("Learning rate 0.01", "Learning rate 0.02", "Learning rate 0.02"),
        (
            "Learning rate 0.01, Batch size 4",
            "Learning rate 0.02",
            "Batch size 4, Learning rate 0.02",
        ),
        (
            "Learning rate 0.01, Temperature 0.6",
            "Temperature 0.7",
            "Learning rate 0.01, Temperature 0.7",
        ),
        ("Beta 1 0.9", "Beta 2 0.98", "Beta 1 0.9, Beta 2 0.98"),
    ],
)
def test_of_changes_at_one_step_each_setting_is_named_once(
    before: str, after: str, words: str
) -> None:
    assert merged_changes(before, after) == words


def test_a_run_is_named_by_what_was_left_out_of_its_data() -> None:
    runs = (past_run("2", leave_out="*a"), past_run("1"), past_run("0"))
    assert names(*runs)[0] == "US first names without *a"
    own = past_run("2", data="own", leave_out="*a", files=[("towns.csv", 9)])
    assert names(own, past_run("1"))[0] == "towns.csv without *a"
