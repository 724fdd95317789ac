"""What comes of a run in the pool."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import Any

from app.worker.pool.jobs import Job, PoolRun
from app.worker.pool.stages import AT_THE_END, OF_TRAINING, ON_THE_WAY
from microgpt.config import ModelConfig
from microgpt.tokenizer import Tokenizer
from microgpt.wasm.runtime.remote import RemoteModel


@dataclass(frozen=True, slots=True)
class PoolResult:
    """What came of a run.

    Args:
        number: which run of its batch it is, from 0 on.
        run: the run.
        failure: "", or one sentence on why there is nothing else.
        losses: of its steps.
        held_out_loss: at its end; None where nothing is held out, or it diverged.
        known_loss: the same of as many training documents, where the run has that measured.
        curve: the held-out losses on the way, as (step, loss); the last is at its end.
        seconds: of computing its steps.
        diverged: whether its numbers overflowed, in the step behind the last that has a loss.
        weights: as they lie in memory; empty unless the run wants them.
        snapshots: the weights at the steps at which the run is tested, as (step, weights).
        model, tokenizer: of the run.
    """

    number: int
    run: PoolRun
    failure: str = ""
    losses: array[float] = field(default_factory=lambda: array("d"))
    held_out_loss: float | None = None
    known_loss: float | None = None
    curve: list[tuple[int, float]] = field(default_factory=list)
    seconds: float = 0.0
    diverged: bool = False
    weights: bytes = b""
    snapshots: list[tuple[int, bytes]] = field(default_factory=list)
    model: RemoteModel | None = None
    tokenizer: Tokenizer | None = None

    @classmethod
    def failed(cls, number: int, run: PoolRun, sentence: str) -> PoolResult:
        """The result of a run that came to nothing."""
        return cls(number, run, failure=sentence)

    @classmethod
    def of(cls, number: int, job: Job, message: dict[str, Any]) -> PoolResult:
        """The result that a worker has posted."""
        blob: bytes = message["blob"]
        num_loss_bytes = 8 * message["steps"]
        losses: dict[str, list[tuple[int, float]]] = {}
        kept = []  # the steps at which the weights were kept
        for stage, loss in zip(job.stages, message["evaluated"], strict=False):
            if loss is not None:
                losses.setdefault(stage.kind, []).append((stage.step, loss))
            if stage.keeps:
                kept.append(stage.step)
        size = (len(blob) - num_loss_bytes) // (len(kept) + job.run.weights or 1)
        begins = range(num_loss_bytes, len(blob), size or 1)
        weights = [blob[begin : begin + size] for begin in begins]
        return cls(
            number,
            job.run,
            losses=array("d", blob[:num_loss_bytes]),
            held_out_loss=_last(losses.get(AT_THE_END)),
            known_loss=_last(losses.get(OF_TRAINING)),
            curve=losses.get(ON_THE_WAY, []),
            seconds=message["seconds"],
            diverged=message["diverged"],
            weights=weights.pop() if job.run.weights else b"",
            snapshots=list(zip(kept, weights, strict=True)),
            model=job.model,
            tokenizer=job.tokenizer,
        )

    @property
    def loss(self) -> float | None:
        """The loss of the last step; None where there is none."""
        return self.losses[-1] if self.losses else None

    @property
    def config(self) -> ModelConfig | None:
        """The architecture."""
        return None if self.model is None else self.model.config

    @property
    def state(self) -> bytes:
        """What `Engine.load_state` takes to be the trained model, with a fresh optimizer."""
        return self.state_of(self.weights)

    def state_of(self, weights: bytes) -> bytes:
        """The same of the weights of one of its snapshots."""
        if self.model is None or not weights:
            raise ValueError("the run has no weights")
        return self.model.state(weights)


def _last(evaluations: list[tuple[int, float]] | None) -> float | None:
    """The loss of the last evaluation; None if there is none."""
    return evaluations[-1][1] if evaluations else None
