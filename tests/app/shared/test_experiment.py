"""The experiment: its settings, its address, and the signature of its run."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.shared.experiment import (
    BIDIRECTIONAL_MARKS,
    OWN,
    Experiment,
    differences,
    nearest_stop,
)
from app.shared.presets import DEFAULT_PRESET, PRESETS, Preset
from app.shared.typed import SettingValues
from microgpt.quoting import quote, unquote
from microgpt.settings import (
    MODEL,
    OPTIMIZATION,
    RUN,
    SAMPLING,
    SETTINGS,
    TOKENIZER,
    TRAINING,
    Setting,
    SettingError,
    check_heads,
    setting,
)

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
VISIBLE = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters=BIDIRECTIONAL_MARKS)
    | st.sampled_from("\n\t"),
    max_size=30,
)
DATA = [OWN, *(preset.name for preset in PRESETS)]


def values_of(row: Setting) -> st.SearchStrategy[Any]:
    """Every value that the page can give a setting."""
    if row.choices:
        return st.sampled_from([value for value, _ in row.choices])
    if row.stops:
        return st.sampled_from(row.stops)
    if row.span:
        first, last, step = row.span
        kind = type(row.default)
        stops = st.integers(0, round((last - first) / step))
        return stops.map(lambda stop: kind(round(first + stop * step, 10)))
    if isinstance(row.default, str):
        return VISIBLE
    assert row.low is not None
    assert row.high is not None
    return numbers_of(row, row.low, row.high)


def numbers_of(row: Setting, low: float, high: float) -> st.SearchStrategy[float]:
    """Numbers of the setting's type, from `low` to `high`."""
    if isinstance(row.default, int):
        return st.integers(round(low), round(high))
    return st.floats(low, high)


EXPERIMENTS = st.fixed_dictionaries({row.name: values_of(row) for row in SETTINGS})


def experiment_with(values: dict[str, Any], data: str) -> Experiment:
    experiment = Experiment()
    experiment.set("data", data)
    for name, value in values.items():
        experiment.set(name, str(value))
    return experiment


# ---- the address ---------------------------------------------------------------------------------


@given(EXPERIMENTS, st.sampled_from(DATA), st.sampled_from(["", "*a", "*é, q* &=, *the #"]))
def test_the_address_is_the_experiment(values: dict[str, Any], data: str, leave_out: str) -> None:
    experiment = experiment_with(values, data)
    experiment.set("leave_out", leave_out)
    assert experiment.values == values
    address = experiment.address()
    assert address.isascii()
    assert not set(address) & set(' "<>#')
    opened = Experiment()
    assert opened.read_address("#" + address) == []
    assert opened.values == values
    assert (opened.data, opened.leave_out) == (data, leave_out)
    assert opened.signature() == experiment.signature()
    assert opened.address() == address


def test_the_address_of_the_defaults_is_empty() -> None:
    assert Experiment().address() == ""
    fresh = Experiment()
    assert fresh.read_address("") == fresh.read_address("#") == []
    assert fresh.values == Experiment().values
    assert fresh.data == DEFAULT_PRESET


def test_the_address_names_only_what_differs_from_the_defaults() -> None:
    experiment = Experiment()
    experiment.set("n_embd", "32")
    experiment.set("prefix", "a b&c=%")
    experiment.set("data", "pokemon")
    parts = experiment.address().split("&")
    assert sorted(parts) == ["data=pokemon", "n_embd=32", "prefix=a%20b%26c%3D%25"]


def test_old_values_in_an_address_are_read_and_the_new_ones_written() -> None:
    experiment = Experiment()
    assert experiment.read_address("#tokenizer=pairs&seed=7") == []
    assert experiment.values["tokenizer"] == "bpe"
    assert experiment.address() == "tokenizer=bpe&seed=7"


@pytest.mark.parametrize(
    ("fragment", "word"),
    [
        ("leave_out=*", "alone would leave everything out"),
        ("n_embd=17", "Embedding size"),
        ("n_embd=sixteen", "Embedding size"),
        ("n_embd=", "Embedding size"),
        ("n_embd", "Embedding size"),
        ("n_head=3", "Attention heads"),
        ("num_steps=5", "Training steps"),
        ("num_steps=1e3", "Training steps"),
        ("learning_rate=12", "Learning rate"),
        ("learning_rate=nan", "Learning rate"),
        ("temperature=-1", "Temperature"),
        ("temperature=inf", "Temperature"),
        ("seed=-1", "Seed"),
        ("pace=slow", "Pace"),
        ("batch_size=3", "Batch size"),
        ("engine=steam", "Engine"),
        ("precision=f16", "Precision"),
        ("data=nothing", "nothing"),
        ("colour=red", "colour"),
        ("%00=1", "%00"),
    ],
)
def test_invalid_parts_of_an_address_are_reported(fragment: str, word: str) -> None:
    experiment = Experiment()
    (error,) = experiment.read_address(f"#seed=7&{fragment}&n_layer=2")
    assert word in error
    assert error.endswith(".")
    expected = {**Experiment().values, "seed": 7, "n_layer": 2}
    assert experiment.values == expected, "the rest applies"
    assert experiment.data == DEFAULT_PRESET


def test_of_a_fraction_an_address_may_name_what_lies_between_two_stops() -> None:
    experiment = Experiment()
    assert experiment.read_address("learning_rate=0.0123") == []
    assert experiment.values["learning_rate"] == 0.0123
    assert experiment.address() == "learning_rate=0.0123"


@given(fragment=st.text(max_size=60))
@example("#&&&===%%%")
@example("#n_embd=%ff")
def test_any_address_leaves_valid_settings(fragment: str) -> None:
    experiment = Experiment()
    for error in experiment.read_address(fragment):
        assert error
    for row in SETTINGS:
        assert row.check(experiment.values[row.name]) == experiment.values[row.name]
    assert experiment.data in DATA


@given(values=EXPERIMENTS)
def test_every_shape_that_can_be_set_is_valid_for_a_model(
    values: dict[str, Any],
) -> None:
    shape = experiment_with(values, DEFAULT_PRESET).shape()
    assert shape == {row.name: values[row.name] for row in MODEL}
    check_heads(shape["n_embd"], shape["n_head"])


@given(text=TEXTS)
@example("%")
@example("%41")
@example("a+b c/ü–🙂&=#")
def test_any_text_can_be_quoted_and_unquoted(text: str) -> None:
    quoted = quote(text)
    assert quoted.isascii()
    assert not set(quoted) & set("&=# +/?")
    assert unquote(quoted) == text


@given(text=TEXTS)
@example("%zz")
@example("100%")
@example("%ff%fe")
@example("%+1")
def test_text_that_was_never_quoted_can_be_unquoted(text: str) -> None:
    assert isinstance(unquote(text), str)
    if "%" not in text:
        assert unquote(text) == text


@pytest.mark.parametrize("text", ["100%", "%zz", "%4", "%+1", "% 5", "%ff", "50% off"])
def test_invalid_escapes_stay_as_they_are(text: str) -> None:
    assert unquote(text) == text


# ---- settings ------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", SETTINGS, ids=lambda row: row.name)
def test_an_invalid_value_leaves_a_setting_unchanged(row: Setting) -> None:
    experiment = Experiment()
    if type(row.default) is str and not row.choices:
        experiment.set(row.name, "anything")
        return
    for text in ("x", "", "-5"):
        with pytest.raises(SettingError, match=row.label):
            experiment.set(row.name, text)
    assert experiment.values[row.name] == row.page_default


def test_what_is_sent_to_the_worker_is_complete() -> None:
    experiment = Experiment()
    names = {row.name for row in TOKENIZER + MODEL + TRAINING + OPTIMIZATION + RUN}
    assert experiment.run().keys() == names
    assert experiment.shape().keys() == {row.name for row in MODEL}
    assert experiment.sampling().keys() == {row.name for row in SAMPLING} - {"num_samples"}


# ---- the signature -------------------------------------------------------------------------------

DEFINING_ROWS = TOKENIZER + MODEL + TRAINING + OPTIMIZATION
IN_SIGNATURE = [*(row.name for row in DEFINING_ROWS), "engine", "precision"]
NOT_IN_SIGNATURE = [row.name for row in SETTINGS if row.name not in IN_SIGNATURE]


def another_value(name: str) -> str:
    """A value of the setting other than its default on the page."""
    row = setting(name)
    if row.choices:
        return next(value for value, _ in row.choices if value != row.page_default)
    if stops := row.stops or row.span:
        return str(next(stop for stop in stops if stop != row.page_default))
    return "a" if isinstance(row.default, str) else str(row.default + 1)


@pytest.mark.parametrize("name", IN_SIGNATURE)
def test_settings_that_define_a_run_change_its_signature(name: str) -> None:
    experiment = Experiment()
    before = experiment.signature()
    experiment.set(name, another_value(name))
    assert experiment.signature() != before
    experiment.set(name, str(Experiment().values[name]))
    assert experiment.signature() == before


@pytest.mark.parametrize("name", NOT_IN_SIGNATURE)
def test_settings_that_do_not_define_a_run_keep_its_signature(name: str) -> None:
    experiment = Experiment()
    before = experiment.signature()
    experiment.set(name, another_value(name))
    assert experiment.values != Experiment().values
    assert experiment.signature() == before


def test_other_data_change_the_signature() -> None:
    experiment = Experiment()
    before = experiment.signature()
    experiment.set("data", OWN)
    assert experiment.signature() != before


# ---- sliders with stops --------------------------------------------------------------------------


@given(data=st.data())
def test_a_slider_snaps_to_the_next_stop_in_the_direction_of_travel(data: st.DataObject) -> None:
    row = data.draw(st.sampled_from([row for row in SETTINGS if row.stops]))
    before = data.draw(st.sampled_from(row.stops))
    value = data.draw(numbers_of(row, row.stops[0], row.stops[-1]))
    stop = nearest_stop(row.stops, value, before)
    assert stop in row.stops
    if value > before:
        assert stop >= value > before
        assert not [other for other in row.stops if value <= other < stop], "the next one"
    elif value < before:
        assert stop <= value < before
        assert not [other for other in row.stops if stop < other <= value], "the next one"
    else:
        assert stop == before


# ---- recommended settings ------------------------------------------------------------------------


def test_recommended_settings_that_differ_are_named_in_the_order_of_the_table() -> None:
    recommended: SettingValues = {"temperature": 0.6, "n_embd": 32, "n_layer": 1, "num_steps": 2000}
    experiment = Experiment()
    words = "Embedding size 32, Training steps 2,000, Temperature 0.6"
    assert differences(experiment, recommended) == words
    experiment.set("num_steps", "2000")
    assert differences(experiment, recommended) == "Embedding size 32, Temperature 0.6"
    experiment.values.update(recommended)
    assert differences(experiment, recommended) == ""


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_the_address_holds_the_recommended_settings_of_a_preset(preset: Preset) -> None:
    experiment = Experiment()
    experiment.values.update(preset.recommended)
    copy = Experiment()
    assert copy.read_address(experiment.address()) == []
    assert copy.values == experiment.values
