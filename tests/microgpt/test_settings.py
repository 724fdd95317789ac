"""The table of settings: the values of every row, and every error."""

from __future__ import annotations

import doctest
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import microgpt.settings
from microgpt.settings import SETTINGS, Setting, SettingError, check_heads, setting

SETTINGS_BY_NAME = {row.name: row for row in SETTINGS}
NUMBERS = {name: row for name, row in SETTINGS_BY_NAME.items() if row.low is not None}
CHOICES = {name: row for name, row in SETTINGS_BY_NAME.items() if row.choices}


def error_of(row: Setting, text: str) -> str:
    """The error for a text that the row does not accept."""
    with pytest.raises(SettingError) as caught:
        row.parse(text)
    return str(caught.value)


def test_names_and_labels_are_unique() -> None:
    assert len(SETTINGS_BY_NAME) == len({row.label for row in SETTINGS}) == len(SETTINGS)


def test_a_row_is_found_by_its_name() -> None:
    assert [setting(row.name) for row in SETTINGS] == list(SETTINGS)


@pytest.mark.parametrize("name", SETTINGS_BY_NAME)
def test_a_row_accepts_its_own_values(name: str) -> None:
    row = SETTINGS_BY_NAME[name]
    for value in (row.default, row.page_default, *row.stops, *(word for word, _ in row.choices)):
        parsed = row.parse(str(value))
        assert parsed == value
        assert type(parsed) is type(row.default)
    assert row.help.endswith(".")


def test_there_is_no_row_of_another_name() -> None:
    with pytest.raises(KeyError):
        setting("n_heads")


@pytest.mark.parametrize("name", NUMBERS)
def test_limits_hold_and_are_named(name: str) -> None:
    row = NUMBERS[name]
    low, high = row.low, row.high
    assert low is not None
    assert high is not None
    assert row.parse(str(low)) == low
    assert row.parse(str(high)) == high
    for outside in (low - 1, high + 1):
        assert error_of(row, str(outside)) == (
            f"{row.label} must lie between {low} and {high}, but is {outside}."
        )
    if row.span:
        first, last, step = row.span
        assert low <= first < last <= high
        assert step > 0
        stops = (float(row.page_default) - first) / step
        assert stops == pytest.approx(round(stops))
    assert list(row.stops) == sorted(set(row.stops))
    assert not row.stops or row.page_default in row.stops


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("text", ["", "many", "1,000", "0x10", "1e", "--1"])
def test_texts_that_are_no_number(name: str, text: str) -> None:
    row = NUMBERS[name]
    noun = "a whole number" if isinstance(row.default, int) else "a number"
    given = f"'{text}'" if text else "empty"
    assert error_of(row, text) == f"{row.label} must be {noun}, not {given}."


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("text", ["nan", "inf", "-inf"])
def test_numbers_that_are_not_finite(name: str, text: str) -> None:
    assert error_of(NUMBERS[name], text).startswith(NUMBERS[name].label + " must ")


@pytest.mark.parametrize("name", [n for n, row in NUMBERS.items() if isinstance(row.default, int)])
def test_a_whole_number_has_no_fraction(name: str) -> None:
    assert "must be a whole number, not '2.5'" in error_of(NUMBERS[name], "2.5")


@pytest.mark.parametrize("name", CHOICES)
def test_a_value_that_is_no_choice(name: str) -> None:
    message = error_of(CHOICES[name], "fastest")
    assert "'fastest'" in message
    assert all(word in message for word, _ in CHOICES[name].choices)


def test_an_old_value_is_read_as_the_new_one() -> None:
    row = setting("tokenizer")
    assert row.parse("pairs") == row.check("pairs") == "bpe"
    assert "pairs" not in dict(row.choices)


@pytest.mark.parametrize("row", SETTINGS, ids=lambda row: row.name)
def test_aliases_stand_for_choices_and_hide_none(row: Setting) -> None:
    values = {value for value, _ in row.choices}
    assert set(row.aliases.values()) <= values
    assert not values & set(row.aliases)


@given(
    st.sampled_from(list(SETTINGS_BY_NAME.values())),
    st.text() | st.integers().map(str) | st.floats().map(str),
)
def test_any_text_is_accepted_or_an_error(row: Setting, text: str) -> None:
    try:
        value = row.parse(text)
    except SettingError as error:
        assert str(error).startswith(row.label + " must ")  # noqa: PT017 - either way is right
    else:
        assert row.check(value) == value
        assert row.low is None or row.low <= float(value) <= (row.high or 0)


@pytest.mark.parametrize("name", NUMBERS)
def test_a_value_of_another_type(name: str) -> None:
    row = NUMBERS[name]
    for value in ("1", True, None, [1]):
        with pytest.raises(SettingError, match=f"^{row.label} must be a"):
            row.check(value)  # type: ignore[arg-type]


def test_a_whole_number_is_accepted_as_a_number() -> None:
    value = setting("temperature").check(1)
    assert (value, type(value)) == (1.0, float)


def test_a_number_too_large_for_a_float() -> None:
    with pytest.raises(SettingError, match="Temperature must lie between"):
        setting("temperature").check(10**400)


def test_any_text_is_a_prefix() -> None:
    assert setting("prefix").parse(" Ünïcode 👩 ") == " Ünïcode 👩 "
    with pytest.raises(SettingError, match="Prefix must be text, not 3"):
        setting("prefix").check(3)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("num_steps", 10_000, "10,000"),
        ("n_embd", 16, "16"),
        ("seed", 4_294_967_295, "4294967295"),
        ("eval_fraction", 0.1, "10%"),
        ("eval_fraction", 0.0, "0%"),
        ("learning_rate", 0.0015, "0.0015"),
        ("temperature", 1.0, "1"),
        ("batch_size", 64, "64"),
        ("engine", "auto", "auto"),
    ],
)
def test_a_value_as_text(name: str, value: float | str, words: str) -> None:
    assert setting(name).words(value) == words


@given(st.integers(1, 512), st.integers(1, 512))
def test_heads_share_the_embedding_evenly(n_embd: int, n_head: int) -> None:
    if math.gcd(n_embd, n_head) == n_head:
        check_heads(n_embd, n_head)
    else:
        with pytest.raises(SettingError, match=rf"\b{n_embd} cannot .* into {n_head}\."):
            check_heads(n_embd, n_head)


def test_the_examples_in_the_docstrings() -> None:
    assert doctest.testmod(microgpt.settings).failed == 0
