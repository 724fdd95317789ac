"""What the analyses are given: a model and the text that it reads at one moment."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Generator, Iterable
from functools import cached_property
from typing import Any

from app.shared.typed import ViewData
from app.worker.generation import GeneratingModel
from app.worker.inside.model_facts import ModelFacts
from app.worker.inside.surveys import Found, Surveys
from microgpt.activations import Activations
from microgpt.config import SampleConfig
from microgpt.interpret.parts import Anatomy, anatomy
from microgpt.model import Weights


class InspectedMoment:
    """A model that has read BOS and the first `position` tokens of a text.

    Args:
        model: the model, its tokenizer and its explorer.
        sampling: the current sampling settings.
        tokens: those of the text, without BOS and end.
        position: how many of them the model reads.
        surveys: those of the model.
        facts: its weights, and what is kept of it.
    """

    def __init__(
        self,
        model: GeneratingModel,
        sampling: SampleConfig,
        tokens: list[int],
        position: int,
        surveys: Surveys,
        facts: ModelFacts,
    ) -> None:
        self.model, self.sampling = model, sampling
        self.tokens, self.position = tokens, position
        self._surveys, self._facts = surveys, facts
        self.arrays = array("f")  # the big arrays of all results, one behind the other

    @property
    def read(self) -> list[int]:
        """What the model reads, (position + 1,): BOS and the tokens."""
        return [self.model.tokenizer.bos, *self.tokens[: self.position]]

    @cached_property
    def logits(self) -> list[float]:
        """Those of the next token, (vocab_size,), from what the explorer has computed."""
        return self.model.explorer.logits(self.tokens, self.position)

    @cached_property
    def activations(self) -> Activations:
        """The named results of the forward pass over `read`, without what is switched off."""
        return self.model.patched.activations(self.read)

    @property
    def anatomy(self) -> Anatomy:
        """The parts that the model's logits are the sum of."""
        return anatomy(self.model.engine.config)

    @property
    def weights(self) -> Weights:
        """The model's weights; not to be modified."""
        return self._facts.weights(self.model)

    @property
    def kept(self) -> dict[str, Any]:
        """What an analysis keeps for its next answer about this model; a name begins with its."""
        return self._facts.kept(self.model)

    def survey(self, name: str, begin: Callable[[], Generator[None, None, Found]]) -> Found | None:
        """What a survey has found, None while it goes on: the answer is given again at its end.

        Arguments as of `Surveys.ask`; a name begins with that of the view.
        """
        return self._surveys.ask(self.model, name, begin)

    def add_array(self, numbers: Iterable[float]) -> int:
        """Have 32-bit floats travel with the answer; returns the index of the first."""
        offset = len(self.arrays)
        self.arrays.extend(numbers)
        return offset


# What a view shows of a moment: (moment, the view's request) to its result, plain data.
Analysis = Callable[[InspectedMoment, ViewData], ViewData]
