"""What comes of a run in the pool."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import Any

from app.worker.pool.jobs import Job, PoolRun
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
        seconds: of computing its steps.
        diverged: whether its numbers overflowed, in the step behind the last that has a loss.
        weights: as they lie in memory; empty unless the run wants them.
        model, tokenizer: of the run.
    """

    number: int
    run: PoolRun
    failure: str = ""
    losses: array[float] = field(default_factory=lambda: array("d"))
    held_out_loss: float | None = None
    seconds: float = 0.0
    diverged: bool = False
    weights: bytes = b""
    model: RemoteModel | None = None
    tokenizer: Tokenizer | None = None

    @classmethod
    def failed(cls, number: int, run: PoolRun, sentence: str) -> PoolResult:
        """The result of a run that came to nothing."""
        return cls(number, run, failure=sentence)

    @classmethod
    def of(cls, number: int, job: Job, message: dict[str, Any]) -> PoolResult:
        """The result that a worker has posted."""
        size = 8 * message["steps"]
        blob: bytes = message["blob"]
        return cls(
            number,
            job.run,
            losses=array("d", blob[:size]),
            held_out_loss=message["held_out_loss"],
            seconds=message["seconds"],
            diverged=message["diverged"],
            weights=blob[size:],
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
        if self.model is None or not self.weights:
            raise ValueError("the run has no weights")
        return self.model.state(self.weights)
