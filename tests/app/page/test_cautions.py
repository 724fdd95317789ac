"""Warnings before a run, and the change that makes each void."""

from __future__ import annotations

from typing import Any

import pytest

from app.page.cautions import NextFacts, caution, rate_limit
from app.page.rate_limits import RATE_LIMITS
from app.shared.presets import PRESETS
from microgpt.optimizer import OPTIMIZERS
from microgpt.settings import MODEL, OPTIMIZATION, TRAINING, setting

SETTINGS: dict[str, Any] = {row.name: row.page_default for row in MODEL + TRAINING + OPTIMIZATION}
# A thousand documents: all of them longer than 8, half of them longer than 16, few than 32.
LENGTHS: Any = {
    "documents": 1000,
    "histogram": [],
    "cut": [(8, 1000, 0.5), (16, 600, 0.2), (32, 20, 0.01), (64, 0, 0.0)],
    "end": 1,
}


def facts(
    characters: int = 200_000, lengths: Any = None, recommended: Any = None, **changes: Any
) -> NextFacts:
    values = SETTINGS | changes
    return NextFacts(
        values, recommended or {}, lambda width: 12 * width**2 + 60 * width, characters, lengths
    )


def test_nothing_is_said_of_settings_that_make_sense() -> None:
    assert caution(facts()) is None
    assert caution(facts(lengths=LENGTHS, block_size=32)) is None
    assert caution(facts(characters=0, n_embd=64)) is None, "nothing is known of the data"


def test_a_rate_that_blows_up_is_named_with_one_that_goes_well() -> None:
    found = caution(facts(learning_rate=0.5))
    assert found is not None
    assert "learning rate of 0.5 such a model learns nothing" in found.words
    rate = found.changes["learning_rate"]
    assert isinstance(rate, float)
    assert rate <= rate_limit(SETTINGS) / 2
    assert found.label == f"Set it to {rate:g}"
    assert caution(facts(learning_rate=rate)) is None


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_has_measured_limits(optimizer: str) -> None:
    rates = [rate for _, _, rate in RATE_LIMITS[optimizer]]
    assert len(rates) == 12
    assert min(rates) >= setting("learning_rate").stops[0]
    widest = rate_limit({"optimizer": optimizer, "n_embd": 64, "n_layer": 4})
    assert rate_limit({"optimizer": optimizer, "n_embd": 512, "n_layer": 8}) == widest


def test_a_context_that_cuts_most_documents_is_named_with_one_that_does_not() -> None:
    found = caution(facts(lengths=LENGTHS, block_size=8))
    assert found is not None
    assert "context of 8 is shorter than 100% of the documents" in found.words
    assert (found.label, found.changes) == ("Set it to 32", {"block_size": 32})
    assert caution(facts(lengths=LENGTHS, block_size=16, recommended={"block_size": 16})) is None


def test_more_weights_than_characters_are_named_with_a_smaller_embedding() -> None:
    found = caution(facts(characters=5000, n_embd=32))
    assert found is not None
    assert "14,208 weights for 5,000 characters" in found.words
    assert (found.label, found.changes) == ("Set the embedding to 16", {"n_embd": 16})
    tiny = caution(facts(characters=300, n_embd=8))
    assert tiny is not None
    assert (tiny.label, tiny.changes) == ("", {})


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_no_recommended_settings_are_warned_of(preset: Any) -> None:
    recommended = dict(preset.recommended)
    found = caution(facts(100, LENGTHS, recommended, **recommended))
    assert found is None
