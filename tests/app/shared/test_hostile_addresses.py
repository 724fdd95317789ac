"""Addresses that nobody made with the page: each part applies, or is refused in one sentence."""

from __future__ import annotations

import random

import pytest

from app.shared.experiment import OWN, Experiment
from app.shared.presets import DEFAULT_PRESET, PRESETS
from microgpt.quoting import quote
from microgpt.settings import SETTINGS

NUM_ADDRESSES = 300
NAMES = [*(row.name for row in SETTINGS), "data", "", "colour", "__class__", "n_embd\0"]
VALID = {row.name: row.stops[-1] for row in SETTINGS if row.stops}
TEXTS = [
    *("", "0", "-0", "-0.0", "1", "16", "1_000", " 16", "16 ", "\u0661\u0666", "+16", "0x10"),
    *("1e3", "1e999", "nan", "inf", "-inf", "9" * 5000, "0." + "0" * 5000 + "1", "None", "own"),
    *("a\0b", "\x1b[2J", "\x9b", "\u202eabc", "\u2066", "\u200f", "é", "\U0001f600", "a&b=c#d"),
    *("us-names", "names'--", "<script>", "%", "%zz", "%ff", "\ud7ff", "\n", "bpe", "f32", "auto"),
]


def hostile_address(rng: random.Random) -> str:
    """A few parts, some encoded, some damaged."""
    parts = []
    for _ in range(rng.randrange(1, 6)):
        text = rng.choice(TEXTS)
        name = rng.choice(NAMES)
        if name in VALID and rng.random() < 0.5:
            text = str(VALID[name])
        written = quote(text) if rng.random() < 0.7 else text
        parts.append(name + rng.choice(["=", "=", "=", "", "=="]) + written)
    address = rng.choice(["#", "", "##"]) + "&".join(parts)
    for _ in range(rng.randrange(3)):
        place = rng.randrange(len(address) + 1)
        address = (
            address[:place] + rng.choice(["%", "&", "=", "\0", "9", ""]) + address[place + 1 :]
        )
    return address


@pytest.mark.parametrize("seed", range(4))
def test_an_address_applies_or_is_refused_part_by_part(seed: int) -> None:
    rng = random.Random(seed)
    data = {OWN, *(preset.name for preset in PRESETS)}
    refused = applied = 0
    for _ in range(NUM_ADDRESSES // 4):
        address = hostile_address(rng)
        experiment = Experiment()
        problems = experiment.read_address(address)
        refused += len(problems)
        assert all(problem.endswith(".") for problem in problems), address
        assert experiment.data in data
        for row in SETTINGS:
            value = experiment.values[row.name]
            assert row.check(value) == value, address
        again = Experiment()
        assert again.read_address(experiment.address()) == [], address
        assert (again.data, again.values) == (experiment.data, experiment.values), address
        applied += experiment.address() != ""
    assert refused > NUM_ADDRESSES // 8
    assert applied > NUM_ADDRESSES // 40


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        ("seed=1_000", "Seed must be a whole number, not '1_000'."),
        ("seed=-0", "Seed must be a whole number, not '-0'."),
        ("seed=%207", "Seed must be a whole number, not ' 7'."),
        ("seed=%D9%A3", "Seed must be a whole number, not '\u0663'."),
        ("eval_fraction=-0.0", "Held out must be a number, not '-0.0'."),
        ("temperature=0_1", "Temperature must be a number, not '0_1'."),
        ("prefix=a%00", "The address holds a character that cannot be seen, U+0000."),
        ("prefix=%1B[2J", "The address holds a character that cannot be seen, U+001B."),
        ("prefix=%C2%9B", "The address holds a character that cannot be seen, U+009B."),
        ("prefix=%E2%80%AEnames", "The address holds a character that cannot be seen, U+202E."),
        ("data=names%E2%81%A6", "The address holds a character that cannot be seen, U+2066."),
        ("n\u200f_embd=16", "The address holds a character that cannot be seen, U+200F."),
    ],
)
def test_numbers_and_texts_that_only_look_right_are_refused(part: str, reason: str) -> None:
    experiment = Experiment()
    assert experiment.read_address(f"seed=7&{part}&n_layer=2") == [reason]
    assert experiment.values == {**Experiment().values, "seed": 7, "n_layer": 2}
    assert experiment.data == DEFAULT_PRESET
