"""What is measured of a run: while it trains, and of the model that has come of it."""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

from microgpt.config import SampleConfig
from microgpt.interpret.surprise import token_losses
from microgpt.lab.measures import SOLVED_SHARE
from microgpt.lab.results import Curve
from microgpt.run import Run
from microgpt.sampler import write_together
from microgpt.trainer import TrainProgress
from microgpt.verdict import diversity

DIVERSITY_SAMPLES = 50

Measuring = Generator[None, None, float | None]  # yields are yield points


class TrainingCurves:
    """What training has told of a run so far."""

    def __init__(self) -> None:
        self._loss: float | None = None
        self._last_held_out: float | None = None
        self._curves: dict[str, Curve] = {"held_out_loss": [], "accuracy": [], "train_accuracy": []}

    def add(self, progress: TrainProgress) -> None:
        """Take over what training has done."""
        if progress.losses:
            self._loss = progress.losses[-1]
        if progress.held_out_loss is not None:
            self._last_held_out = progress.held_out_loss
            if not progress.held_out_count:  # that of all of them compares with no other
                self._curves["held_out_loss"].append((progress.step, progress.held_out_loss))
        for name in ("accuracy", "train_accuracy"):
            share = getattr(progress, name)
            if share is not None:
                self._curves[name].append((progress.step, share))

    def curves(self) -> dict[str, Curve]:
        """The evaluations by what they measure, where there are any."""
        return {name: curve for name, curve in self._curves.items() if curve}

    def measures(self) -> dict[str, float]:
        """What they come to, by the names of the table of measures."""
        found: dict[str, float | None] = {
            "loss": self._loss,
            "held_out_loss": self._last_held_out,
            "lowest_held_out_loss": min(
                (loss for _, loss in self._curves["held_out_loss"]), default=None
            ),
            "accuracy": next((share for _, share in reversed(self._curves["accuracy"])), None),
            "steps_to_solve": next(
                (step for step, share in self._curves["accuracy"] if share >= SOLVED_SHARE), None
            ),
        }
        return {name: value for name, value in found.items() if value is not None}


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A trained run that something more is measured of.

    Args:
        run: it.
        values: all of its settings by name.
        measures: what is known of it already, by name.
        output: the text that `output_loss` is measured of.
        samples: receives what the model is made to write.
    """

    run: Run
    values: Mapping[str, Any]
    measures: Mapping[str, float]
    output: str = ""
    samples: list[str] = field(default_factory=list)


def gap(finished: FinishedRun) -> Measuring:
    """How far the held-out loss lies above that of as many training documents."""
    losses = yield from finished.run.gap()
    return None if losses is None else losses[1] - losses[0]


def held_out_loss_per_character(finished: FinishedRun) -> Measuring:
    """The held-out loss divided by the characters of a token."""
    yield
    loss = finished.measures.get("held_out_loss")
    return None if loss is None else loss / finished.run.chars_per_token()


def sample_diversity(finished: FinishedRun) -> Measuring:
    """How different samples are from each other; they are kept."""
    run, values = finished.run, finished.values
    sampling = SampleConfig(values["temperature"], values["top_k"], values["top_p"])
    rngs = [random.Random(run.rng.getrandbits(32)) for _ in range(DIVERSITY_SAMPLES)]
    opening, bos = run.opening(run.rng), run.tokenizer.bos
    written = yield from write_together(run.engine, bos, sampling, rngs, opening)
    finished.samples.extend(run.tokenizer.decode(each.tokens) for each in written)
    return (yield from diversity(finished.samples))


def output_loss(finished: FinishedRun) -> Measuring:
    """Minus the logarithm of the probability that the model writes the chosen text, in nats."""
    yield
    tokenizer = finished.run.tokenizer
    return sum(token_losses(finished.run.engine, tokenizer.encode(finished.output)))


# What takes time, and is measured only where it is asked for, by the names of the measures.
FURTHER_MEASURES: dict[str, Callable[[FinishedRun], Measuring]] = {
    "gap": gap,
    "held_out_loss_per_character": held_out_loss_per_character,
    "diversity": sample_diversity,
    "output_loss": output_loss,
}
