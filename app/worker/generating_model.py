"""The model that is shown, and what belongs to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.shared.models import PackedFacts
from app.worker.documents import ModelDocuments
from app.worker.explorer import Explorer
from microgpt.activations import Patches
from microgpt.engine import Engine, LanguageModel
from microgpt.task_eval import TaskEval
from microgpt.tokenizer import Tokenizer

MAX_STEPS_DIGITS = 10  # of the steps of any model


@dataclass(slots=True)
class GeneratingModel:
    """The current model, and what belongs to it."""

    engine: Engine
    tokenizer: Tokenizer
    mark: Callable[[str], str]  # `right` or `wrong` for a line that the model wrote, or ""
    explorer: Explorer
    documents: Callable[[], ModelDocuments]  # those that it is trained on, and the held-out ones
    step: Callable[[], int]  # how many steps it was trained
    from_run: bool  # whether it is a run's, so that it may be trained
    about: Mapping[str, str]  # as of `Checkpoint`, but for a run's the name of its data alone
    task_eval: TaskEval | None  # the questions that it is tested with, where the data are a task
    patched: LanguageModel  # the engine, some parts perhaps switched off: what is shown of it

    @property
    def facts(self) -> PackedFacts:
        """What a link tells of it."""
        return PackedFacts(
            num_params=self.engine.config.num_params,
            data=self.about.get("data", ""),
            steps=self.step() if self.from_run else _steps(self.about),
        )

    def patch(self, patches: Patches) -> None:
        """Have everything shown with these patches from now on; training goes on without."""
        self.patched = self.engine.patched(patches)
        self.explorer.use(self.patched)


def _steps(about: Mapping[str, str]) -> int:
    """For how many steps the model was trained, as far as anybody tells."""
    told = about.get("steps", "")
    is_number = told.isascii() and told.isdigit() and len(told) < MAX_STEPS_DIGITS
    return int(told) if is_number else 0
