"""The table of settings: every row's own values, and every complaint."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt.settings import SETTINGS, Setting, SettingError, check_heads, setting

ROWS = {row.name: row for row in SETTINGS}
NUMBERS = {name: row for name, row in ROWS.items() if row.low is not None}
WORDS = {name: row for name, row in ROWS.items() if row.choices}


def complaint(row: Setting, text: str) -> str:
    """What the row says of a text that it does not take."""
    with pytest.raises(SettingError) as caught:
        row.parse(text)
    return str(caught.value)


def test_names_and_labels_are_unique() -> None:
    assert len(ROWS) == len({row.label for row in SETTINGS}) == len(SETTINGS)


def test_a_row_is_found_by_its_name() -> None:
    assert [setting(row.name) for row in SETTINGS] == list(SETTINGS)


@pytest.mark.parametrize("name", ROWS)
def test_a_row_takes_its_own_values(name: str) -> None:
    row = ROWS[name]
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
        assert complaint(row, str(outside)) == (
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
def test_what_is_no_number(name: str, text: str) -> None:
    row = NUMBERS[name]
    noun = "a whole number" if isinstance(row.default, int) else "a number"
    assert complaint(row, text) == f"{row.label} must be {noun}, not '{text}'."


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("text", ["nan", "inf", "-inf"])
def test_what_is_a_number_but_no_size(name: str, text: str) -> None:
    assert complaint(NUMBERS[name], text).startswith(NUMBERS[name].label + " must ")


@pytest.mark.parametrize("name", [n for n, row in NUMBERS.items() if isinstance(row.default, int)])
def test_a_whole_number_has_no_fraction(name: str) -> None:
    assert "must be a whole number, not '2.5'" in complaint(NUMBERS[name], "2.5")


@pytest.mark.parametrize("name", WORDS)
def test_a_word_that_is_no_choice(name: str) -> None:
    message = complaint(WORDS[name], "fastest")
    assert "'fastest'" in message
    assert all(word in message for word, _ in WORDS[name].choices)


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
    st.sampled_from(list(ROWS.values())), st.text() | st.integers().map(str) | st.floats().map(str)
)
def test_a_text_is_taken_or_complained_of(row: Setting, text: str) -> None:
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


def test_a_whole_number_will_do_for_a_number() -> None:
    value = setting("temperature").check(1)
    assert (value, type(value)) == (1.0, float)


def test_a_number_beyond_all_floats() -> None:
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
def test_a_value_in_words(name: str, value: float | str, words: str) -> None:
    assert setting(name).words(value) == words


@given(st.integers(1, 512), st.integers(1, 512))
def test_heads_share_the_embedding_evenly(n_embd: int, n_head: int) -> None:
    if math.gcd(n_embd, n_head) == n_head:
        check_heads(n_embd, n_head)
    else:
        with pytest.raises(SettingError, match=rf"\b{n_embd} cannot .* into {n_head}\."):
            check_heads(n_embd, n_head)
