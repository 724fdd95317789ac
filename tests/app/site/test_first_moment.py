"""The first text, and what the shipped model makes of it: there from the first paint."""

from __future__ import annotations

import random

from app.page.document import FIRST_TEXT
from app.page.views.tiles import percent
from app.shared.experiment import Experiment
from app.site.first_paint import SHIPPED_MODEL_FILE
from microgpt.checkpoint import from_bytes
from microgpt.config import SampleConfig
from microgpt.engine import create_engine
from microgpt.sampler import Writer
from tests.app.site.test_markup import by_id, text_of


def test_the_first_text_stands_in_its_tiles_and_in_the_text_box() -> None:
    tiles = by_id()["generated"].iter("button")
    assert [text_of(tile) for tile in tiles] == list(FIRST_TEXT)
    assert text_of(by_id()["text"]) == FIRST_TEXT
    assert [item.get("id") for item in by_id()["generated"]][-1] == "caret"


def test_the_first_probabilities_are_those_of_the_shipped_model() -> None:
    model = from_bytes(SHIPPED_MODEL_FILE.read_bytes())
    tokenizer = model.tokenizer()
    engine = create_engine("scalar", model.config, model.weights)
    config = SampleConfig(temperature=float(Experiment().values["temperature"]))
    writer = Writer(engine, tokenizer.bos)
    named = []
    for token in tokenizer.encode_prefix(FIRST_TEXT):
        choice = writer.choose(token, config)
        named.append(f"{tokenizer.tokens[token]}, {percent(choice.adjusted[token])}")
    tiles = by_id()["generated"].iter("button")
    assert [tile.get("aria-label") for tile in tiles] == named
    adjusted = writer.next(config, random.Random(0)).adjusted
    shown = [
        text_of(part)
        for part in by_id()["probabilities"].iter("span")
        if part.get("class") == "probability"
    ]
    assert shown == [percent(probability) for probability in adjusted]
    assert f"is likeliest with {percent(max(adjusted))}" in text_of(by_id()["stepper-words"])
