"""Past runs' models: what they make of a text, and what they write."""

from __future__ import annotations

import random
from heapq import nlargest

from app.shared.commands import GlimpseCommand
from app.shared.events import GlimpsedEvent
from app.worker.generating_model import GeneratingModel
from microgpt.checkpoint import CheckpointError, from_bytes
from microgpt.config import SampleConfig
from microgpt.engine import LanguageModel, create_engine
from microgpt.sampler import Writer, adjust, generate
from microgpt.settings import SettingError
from microgpt.tokenizer import Tokenizer, UnknownCharacterError

MAX_MODELS = 4  # that are kept: those of two runs, and of those that one compares next
MAX_UPCOMING = 40  # tokens that are told
MAX_SCALAR_GLIMPSE_PARAMS = 6_000  # of a model that needs no compiler to answer in milliseconds


class Glimpses:
    """Past runs' models by the keys of the runs; those that were used last are kept."""

    def __init__(self) -> None:
        self._models: dict[str, tuple[LanguageModel, Tokenizer]] = {}

    def glimpse(
        self, command: GlimpseCommand, now: GeneratingModel | None, config: SampleConfig
    ) -> GlimpsedEvent:
        """The answer to the command.

        Args:
            command: has the model, unless it is the one that generates now.
            now: that one.
            config: the sampling settings.
        """
        event = GlimpsedEvent(
            type="glimpsed",
            number=command["number"],
            key=command["key"],
            problem="",
            upcoming=[],
            samples=[],
        )
        try:
            engine, tokenizer = (now.engine, now.tokenizer) if now else self._model(command)
            prefix = tokenizer.encode_prefix(command["text"])
            event["upcoming"] = _upcoming(engine, tokenizer, prefix, config)
            for number in range(command["count"]):
                rng = random.Random(f"{command['seed']} {number}")
                *_, last = generate(engine, tokenizer.bos, config, rng)
                event["samples"].append(tokenizer.decode((*last.tokens, last.token)))
        except (CheckpointError, SettingError, UnknownCharacterError) as error:
            event["problem"] = str(error)
        return event

    def _model(self, command: GlimpseCommand) -> tuple[LanguageModel, Tokenizer]:
        key = command["key"]
        model = self._models.pop(key, None)
        if model is None:
            checkpoint = from_bytes(command["blob"])
            is_small = checkpoint.config.num_params <= MAX_SCALAR_GLIMPSE_PARAMS
            name = "scalar" if is_small else "auto"
            engine = create_engine(name, checkpoint.config, checkpoint.weights)
            model = engine, checkpoint.tokenizer()
        self._models[key] = model  # behind those that were not used since
        while len(self._models) > MAX_MODELS:
            del self._models[next(iter(self._models))]
        return model


def _upcoming(
    engine: LanguageModel, tokenizer: Tokenizer, prefix: list[int], config: SampleConfig
) -> list[tuple[str, float]]:
    """The likeliest tokens after BOS and `prefix`, as texts, the end as "", with probabilities."""
    probs = adjust(Writer(engine, tokenizer.bos, prefix).logits(), config)
    likeliest = nlargest(MAX_UPCOMING, range(len(probs)), key=probs.__getitem__)
    texts = [*tokenizer.tokens, ""]
    return [(texts[token], probs[token]) for token in likeliest]
