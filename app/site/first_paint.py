"""What the page shows before Python is up: a text and names by the model that comes with it."""

from __future__ import annotations

import random
from html import escape
from typing import Any

from app.page.distribution import Distribution, moment_words
from app.page.document import FIRST_TEXT, Document
from app.page.views.architecture import flow_html
from app.page.views.tiles import case_html, glyph, tiles_html
from app.shared.commands import ExploreCommand
from app.shared.events import OutlineEvent
from app.shared.experiment import Experiment
from app.site.environment import ROOT
from app.worker.explorer import Explorer
from app.worker.generation import untrained
from microgpt.checkpoint import from_bytes
from microgpt.config import SampleConfig
from microgpt.engine import Engine, create_engine
from microgpt.sampler import generate
from microgpt.settings import setting
from microgpt.tokenizer import Tokenizer

SHIPPED_MODEL_FILE = ROOT / "datasets" / "models" / "us-names.safetensors"
NUM_LIVE_SAMPLES = 8  # in the place of those that a run writes while it learns
SAMPLES_SEED = 42


def first_paint(default_model: OutlineEvent, block_size: int) -> dict[str, str]:
    """The parts of the page by their names in the template.

    Args:
        default_model: the outline of the model that would be trained, for the picture.
        block_size: its context length.
    """
    model = from_bytes(SHIPPED_MODEL_FILE.read_bytes())
    engine = create_engine("scalar", model.config, model.weights)
    tokenizer = model.tokenizer()
    values = Experiment().sampling()
    del values["prefix"]
    sampling: dict[str, Any] = {**values}
    config = SampleConfig(**sampling)
    text = Document(list(tokenizer.tokens), model.config.block_size, FIRST_TEXT)
    samples = _samples(engine, tokenizer, config)
    return {
        **_moment(text, engine, tokenizer, config, default_model, block_size),
        "live": _lines(samples[:NUM_LIVE_SAMPLES]),
        "samples": _lines(samples[NUM_LIVE_SAMPLES:]),
    }


def _moment(
    text: Document,
    engine: Engine,
    tokenizer: Tokenizer,
    config: SampleConfig,
    default_model: OutlineEvent,
    block_size: int,
) -> dict[str, str]:
    """What the model makes of a text, as the worker will say."""
    posted: list[Any] = []
    Explorer(engine, tokenizer, untrained, posted.append).act(
        ExploreCommand(
            type="explore",
            number=0,
            model=0,
            action="show",
            tokens=text.ids,
            typed=text.typed,
            caret=text.caret,
            seed=text.seed,
        ),
        config,
    )
    (said,) = posted
    newest = said["probabilities"][-1], said["ranks"][-1]
    upcoming = said["upcoming"]
    read = [glyph(text.vocabulary, token) for token in text.ids]
    names = [glyph(text.vocabulary, token) for token in range(text.end + 1)]
    return {
        "first_text": escape(text.text),
        "tiles": tiles_html(text.vocabulary, text.ids, said["probabilities"], text.caret),
        "case": case_html(text.vocabulary, probabilities=upcoming),
        "stepper_words": escape(moment_words(text, newest, Distribution(upcoming, None))),
        "picture": flow_html(
            default_model["nodes"],
            default_model["matrices"],
            (block_size, read, list(zip(names, upcoming["adjusted"], strict=True))),
        ),
    }


def _samples(engine: Engine, tokenizer: Tokenizer, config: SampleConfig) -> list[str]:
    """Names for both lists, always the same."""
    rng = random.Random(SAMPLES_SEED)
    count = NUM_LIVE_SAMPLES + int(setting("num_samples").page_default)
    return [
        tokenizer.decode([c.token for c in generate(engine, tokenizer.bos, config, rng)])
        for _ in range(count)
    ]


def _lines(samples: list[str]) -> str:
    """Samples as the items of a list, each a button."""
    return "".join(
        f'<li><button type="button" tabindex="-1" class="line set" value="{escape(sample)}">'
        f"{escape(sample)}</button></li>"
        for sample in samples
    )
