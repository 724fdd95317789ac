"""What is switched off in the model that is shown, and what that costs on held-out documents.

Training never sees it. The costs are measured in slices, on copies of their own in the memory of
the patched model, so that a step of a large model is not disturbed; only where one and the same
model has scored all documents are they told.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence

from app.shared import events
from app.shared.commands import SwitchOffCommand
from app.shared.scores import HeldOutScore
from app.worker.generation import GeneratingModel, Generation
from app.worker.refreshing import Refreshing
from app.worker.types import Clock, Post
from microgpt.activations import Patch, Patches
from microgpt.engine import Engine, LanguageModel, can_compile, create_engine
from microgpt.interpret.ablation import (
    Means,
    activation_means,
    patches_of,
    sources_of,
    switchable,
)
from microgpt.interpret.parts import Anatomy, anatomy
from microgpt.loss_mask import CountedDocuments
from microgpt.settings import SettingError

MAX_SCORED_DOCUMENTS = 2000  # held-out ones: enough that a head's worth is not lost in the noise
MAX_AVERAGED_DOCUMENTS = 200  # whose activations a mean is taken over
MAX_WORTH_SECONDS = 2.0  # to find out what each part is worth; else nobody does
ENCODED_PER_YIELD = 100


class Switches:
    """The parts that are off.

    Args:
        post, clock: as for `Session`.
        generation: has the current model.
    """

    def __init__(self, post: Post, clock: Clock, generation: Generation) -> None:
        self._post, self._clock, self._generation = post, clock, generation
        self.version = 0  # another one whenever the model that is shown has become another one
        self._refreshing = Refreshing(clock)
        self._command: SwitchOffCommand | None = None
        self._model: GeneratingModel | None = None
        self._engine: Engine | None = None  # the same model for long work, perhaps compiled
        self._documents: Sequence[str] | None = None  # the held-out ones that were encoded
        self._sequences: list[list[int]] = []
        self._counted = CountedDocuments([], [])
        self._num_documents = 0  # of these, whose sequences they are
        self._means: dict[str, list[float]] = {}
        self._means_step = 0  # of the weights that they are of
        self._whole: HeldOutScore | None = None
        self._whole_step = 0
        self._worth: list[tuple[str, float]] = []  # of single parts
        self._worth_of: tuple[int, str] | None = None  # the step and what stood in their place
        self._work: Iterator[None] | None = None

    def switch_off(self, command: SwitchOffCommand) -> None:
        """Carries out the command, unless it is about another model than the current one.

        Raises:
            SettingError: there is no such part, or no document to take a mean over.
        """
        model = self._generation.model_of(command["model"])
        if model is None:
            return
        if command["by"] not in ("zero", "mean"):
            raise SettingError("A part can be replaced by zero or by its mean.")
        try:
            sources = sources_of(anatomy(model.engine.config), command["parts"])
        except ValueError as error:
            raise SettingError(str(error)) from error
        if model is not self._model:
            self._model, self._engine, self._means, self._whole = model, None, {}, None
            self._documents, self._worth, self._worth_of = None, [], None
        if sources and command["by"] == "mean" and not model.documents().held_out:
            raise SettingError(
                "There is no text whose mean could be taken: choose the data that the model has "
                "learned from, or put zero in the parts' place."
            )
        self._command = command
        self._refreshing.begin(model.step())
        self._begin(model, command)
        if not sources or self._means or command["by"] != "mean":
            self._patch(model, command)
        self._tell(None)

    def take_data(self) -> None:
        """Measures anew if the model's documents are other ones now."""
        model, command = self._model, self._command
        if model is None or command is None or model is not self._current(command):
            return
        if model.documents().held_out is not self._documents:
            self._begin(model, command)

    def refresh(self, step: int, running: bool) -> None:
        """Measures anew if the model has been trained; arguments as of `Refreshing.is_due`."""
        model, command = self._model, self._command
        if model is None or command is None or self._work is not None:
            return
        if model is self._current(command) and self._refreshing.is_due(step, running):
            self._begin(model, command)

    def work(self, deadline: float) -> bool:
        """Does a slice, until the deadline; returns whether there is more to do."""
        if self._work is None or self._command is None:
            return False
        work, self._work = self._work, None  # where it raises, it is over
        if self._model is not self._current(self._command):
            return False  # another model has come, with all its parts
        for _ in work:
            if self._clock() >= deadline:
                self._work = work
                return True
        self._refreshing.end()
        return False

    def _begin(self, model: GeneratingModel, command: SwitchOffCommand) -> None:
        sources = sources_of(anatomy(model.engine.config), command["parts"])
        self._work = self._all_work(model, command, sources)

    # ---- the work --------------------------------------------------------------------------------

    def _all_work(
        self, model: GeneratingModel, command: SwitchOffCommand, sources: list[str]
    ) -> Iterator[None]:
        """Takes the means if they are needed, then the losses.

        Where the model has learned meanwhile, nothing is told: `refresh` measures again.
        """
        step, by = model.step(), command["by"]
        yield from self._encode(model)
        # Even where nothing is off: each part's worth needs them.
        if by == "mean" and (not self._means or self._means_step != step):
            yield from self._take_means(model, step)
            if sources:
                self._patch(model, command)
        engine = self._engine_for_work(model)
        parts = anatomy(engine.config)
        if self._whole is None or self._whole_step != step:
            whole = yield from self._score(model, engine.patched(no_change(parts)))
            if model.step() != step:
                return
            self._whole, self._whole_step = whole, step
        without: HeldOutScore | None = self._whole
        if command["parts"]:
            without = yield from self._score(model, engine.patched(self._patches(model, command)))
        if model.step() != step:
            return
        self._tell(without)
        if self._worth_of == (step, by) or self._whole["loss"] is None:
            return
        worth, began = [], self._clock()
        for count, name in enumerate(switchable(parts), start=1):
            patches = patches_of(parts, [name], self._means_if(by))
            loss = yield from engine.patched(patches).evaluate(*self._counted)
            worth.append((name, loss - self._whole["loss"]))
            spent = self._clock() - began
            if model.step() != step or spent * len(switchable(parts)) / count > MAX_WORTH_SECONDS:
                return
        self._worth, self._worth_of = worth, (step, by)
        self._tell(without)

    def _encode(self, model: GeneratingModel) -> Iterator[None]:
        documents = model.documents()
        if documents.held_out is self._documents:
            return
        sequences: list[list[int]] = []
        chosen = documents.held_out[:MAX_SCORED_DOCUMENTS]
        for number, document in enumerate(chosen, start=1):
            sequences += documents.encode(document)
            if number % ENCODED_PER_YIELD == 0:
                yield
        self._documents, self._sequences = documents.held_out, sequences
        self._counted = documents.count(sequences)
        self._counted = documents.count(sequences)
        self._num_documents, self._whole = len(chosen), None

    def _take_means(self, model: GeneratingModel, step: int) -> Generator[None, None, None]:
        engine, documents = self._engine_for_work(model), self._sequences
        chosen = documents[:: -(-len(documents) // MAX_AVERAGED_DOCUMENTS)]
        parts = anatomy(engine.config)
        sources = sources_of(parts, switchable(parts))
        whole = engine.patched(no_change(parts))
        self._means = yield from activation_means(whole, chosen, sources)
        self._means_step = step

    def _score(
        self, model: GeneratingModel, shown: LanguageModel
    ) -> Generator[None, None, HeldOutScore]:
        loss = accuracy = None
        if self._counted.documents:
            loss = yield from shown.evaluate(*self._counted)
        if model.task_eval is not None:
            accuracy = yield from model.task_eval.accuracy(shown)
        return HeldOutScore(loss=loss, accuracy=accuracy)

    # ----------------------------------------------------------------------------------------------

    def _engine_for_work(self, model: GeneratingModel) -> Engine:
        """The engine, or if that is slow and is not trained, the same model compiled."""
        if self._engine is None:
            engine = model.engine
            if engine.name == "scalar" and not model.from_run and can_compile():
                engine = create_engine("wasm", engine.config, engine.weights())
            self._engine = engine
        return self._engine

    def _current(self, command: SwitchOffCommand) -> GeneratingModel | None:
        return self._generation.model_of(command["model"])

    def _patch(self, model: GeneratingModel, command: SwitchOffCommand) -> None:
        model.patch(self._patches(model, command))
        model.explorer.refresh(self._generation.sampling()[0])
        self.version += 1

    def _patches(self, model: GeneratingModel, command: SwitchOffCommand) -> Patches:
        parts, means = anatomy(model.engine.config), self._means_if(command["by"])
        return patches_of(parts, command["parts"], means)

    def _means_if(self, by: str) -> Means | None:
        return self._means if by == "mean" else None

    def _tell(self, without: HeldOutScore | None) -> None:
        assert self._command is not None
        self._post(
            events.AblationEvent(
                type="ablation",
                model=self._command["model"],
                parts=self._command["parts"],
                by=self._command["by"],
                num_documents=self._num_documents,
                whole=self._whole,
                without=without,
                worth=self._worth,
            )
        )


def no_change(parts: Anatomy) -> Patches:
    """A patch that changes nothing: with it the patched model computes what the engine does."""
    result = parts.graph.nodes[0].outputs[0]
    size = result.dimension.size
    return {result.name: Patch((1.0,) * size, (0.0,) * size)}
