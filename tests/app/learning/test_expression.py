"""Expressions: their gradients equal numeric ones, and whatever else is typed is one sentence."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.learning.scalar import scalar
from app.shared.learning import ScalarCommand, ScalarEvent

STEP = 1e-6
NAMES = ("a", "b", "c")


def ask(expression: str, **values: float) -> ScalarEvent:
    return scalar(ScalarCommand(type="scalar", number=3, expression=expression, values=values))


def python_value(expression: str, values: dict[str, float]) -> float:
    """The same, computed by Python itself."""
    functions: dict[str, Any] = {"exp": math.exp, "log": math.log, "relu": lambda x: max(0.0, x)}
    return float(eval(expression, {**functions, **values}))


expressions = st.recursive(
    st.sampled_from(NAMES) | st.floats(0.5, 3).map(lambda x: f"{x:.2f}"),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda parts: f"({' '.join(parts)})"),
        st.tuples(st.sampled_from(("exp", "log", "relu", "-")), inner).map(
            lambda parts: f"{parts[0]}({parts[1]})"
        ),
        st.tuples(inner, st.sampled_from(("2", "3", "-1", "0.5"))).map(
            lambda parts: f"({parts[0]})**{parts[1]}"
        ),
    ),
    max_leaves=6,
)


@given(expressions, st.tuples(*[st.floats(0.3, 2.5)] * 3))
def test_values_and_gradients_are_those_of_the_expression(
    expression: str, numbers: tuple[float, ...]
) -> None:
    values = dict(zip(NAMES, numbers, strict=True))
    event = ask(expression, **values)
    if not event["problem"]:
        result = event["nodes"][-1]["value"]
        assert result == pytest.approx(python_value(expression, values), rel=1e-9, abs=1e-12)
        final = event["backward"][-1][1] if event["backward"] else [1.0]
        used = [node["text"] for node in event["nodes"] if not node["inputs"]]
        for name, gradient in zip(used, final, strict=False):
            ends = []
            for shift in (STEP, -STEP):
                try:
                    ends.append(python_value(expression, {**values, name: values[name] + shift}))
                except (ArithmeticError, ValueError, TypeError):
                    assume(False)
            slope = (ends[0] - ends[1]) / (2 * STEP)
            middle = (ends[0] + ends[1]) / 2
            assume(abs(middle - result) < 1e-4 * (1 + abs(slope)))  # no kink of ReLU between them
            assume(abs(slope) < 1e4)
            assert gradient == pytest.approx(slope, rel=2e-3, abs=2e-3)
    else:
        assert event["nodes"] == []


def test_the_numbers_come_in_order_with_their_parts() -> None:
    event = ask("a*b + c")
    texts = [node["text"] for node in event["nodes"]]
    assert texts == ["a", "b", "c", "a * b", "a * b + c"]
    assert event["values"] == {"a": 2, "b": -3, "c": 10}
    assert event["nodes"][3]["inputs"] == [0, 1]
    assert event["nodes"][3]["local"] == [-3, 2]
    assert event["backward"] == [(4, [0, 0, 1, 1, 1]), (3, [-3, 2, 1, 1, 1])]


def test_operators_are_taken_apart_as_value_does() -> None:
    event = ask("a / (2 - b)", a=6, b=-1)
    told = [(node["text"], node["operation"], node["constant"]) for node in event["nodes"][2:]]
    assert told == [
        ("-b", "*", -1),
        ("2 - b", "+", 2),
        ("1 / (2 - b)", "power", -1),
        ("a / (2 - b)", "*", None),
    ]
    assert event["nodes"][-1]["value"] == 2


def test_a_number_used_twice_gets_both_shares() -> None:
    assert ask("a * a", a=3)["backward"] == [(1, [6, 1])]


@pytest.mark.parametrize(
    ("expression", "words", "place"),
    [
        ("", "Type an expression", 0),
        ("a *", "missing behind “*”", 3),
        (" (a + b", "closing parenthesis", 7),
        ("a $ b", "“$” is not understood at character 3", 2),
        ("x = 3", "“=” is not understood", 2),
        ("a + foo(b)", "functions exp, log and relu alone", 4),
        ("a ^ 2", "a power is written **", 0),
        ("1,5 * a", "a decimal point is written .", 0),
        ("a + 2**b", "exponent has to be a plain number", 7),
        ("relu + a", "relu needs a number in parentheses", 0),
        ("exp(a, b)", "exp takes one number", 0),
        ("1 + 2", "at least one name", 0),
        ("a + 'b'", "Only plain numbers", 4),
        ("a + True", "Only plain numbers", 4),
        ("a.real", "cannot be computed here", 0),
        ("a[0]", "cannot be computed here", 0),
        ("__import__('os')", "functions exp, log and relu alone", 0),
        ("(lambda: a)()", "functions exp, log and relu alone", 0),
        ("a if a else b", "cannot be computed here", 0),
        ("ä + log(b)", "Only a number above 0 has a logarithm", 4),
        ("a / (b - b)", "Nothing can be divided by 0", 5),
        ("b ** 0.5", "A number below 0 has no such power", 0),
        ("exp(exp(exp(c)))", "The result is too large", 4),
        ("a" * 201, "at most 200 characters", 200),
        ("+".join("a" * 60), "cannot be drawn", 0),
        ("(" * 90 + "a" + ")" * 90, "", 0),
    ],
)
def test_whatever_else_is_typed_is_one_sentence_with_its_place(
    expression: str, words: str, place: int
) -> None:
    event = ask(expression)
    assert words in event["problem"]
    assert event["place"] == place
    assert not words or (event["nodes"] == [] and event["problem"][-1] == ".")


@given(st.text(max_size=60))
def test_any_text_is_answered(text: str) -> None:
    event = ask(text)
    assert bool(event["problem"]) != bool(event["nodes"])
