"""The model that generates: its sampling settings, its samples, and its explorer.

It does not know where a model comes from, nor whether that is still being trained.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from app.shared import commands, events
from app.shared.models import ModelConfigFields
from app.worker.documents import ModelDocuments
from app.worker.explorer import Explorer
from app.worker.generating_model import GeneratingModel as GeneratingModel
from app.worker.refreshing import Refreshing
from app.worker.sample_writer import SampleWriter
from app.worker.types import Clock, Post
from microgpt.config import ModelConfig, SampleConfig
from microgpt.engine import Engine
from microgpt.sampler import Writer
from microgpt.settings import SettingError, setting
from microgpt.task_eval import TaskEval
from microgpt.tokenizer import Tokenizer

if TYPE_CHECKING:
    from app.worker.glimpses import Glimpses

NOTHING_KNOWN: Mapping[str, str] = {}  # about a model


def no_mark(_line: str) -> str:
    """The mark of a line where lines are neither right nor wrong."""
    return ""


def untrained() -> int:
    """The steps of a model that is not being trained."""
    return 0


class Generation:
    """Generates with the current model, if there is one.

    Args:
        post, clock: as for `Session`.
    """

    def __init__(self, post: Post, clock: Clock) -> None:
        self._post, self._clock = post, clock
        self._model: GeneratingModel | None = None
        self._number = 0  # of the model
        self._config, self._prefix = SampleConfig(), ""
        self._samples: SampleWriter | None = None  # while they are being written
        self._refreshing = Refreshing(clock)
        self._glimpses: Glimpses | None = None  # imported when they are first wanted

    @property
    def busy(self) -> bool:
        """Whether samples are being written."""
        return self._samples is not None

    def use_model(
        self,
        engine: Engine,
        tokenizer: Tokenizer,
        from_run: bool,
        documents: Callable[[], ModelDocuments],
        mark: Callable[[str], str] = no_mark,
        step: Callable[[], int] = untrained,
        task_eval: TaskEval | None = None,
        about: Mapping[str, str] = NOTHING_KNOWN,
        from_link: bool = False,
    ) -> None:
        """Generates with this model from now on; `step` says how many steps it was trained."""
        self._samples = None
        self._number += 1
        self._refreshing.begin()
        event = events.ModelEvent(
            type="model",
            number=self._number,
            tokens=list(tokenizer.tokens),
            config=_config_fields(engine.config),
            from_run=from_run,
        )
        explorer = Explorer(engine, tokenizer, step, self._post)
        self._model = GeneratingModel(
            *(engine, tokenizer, mark, explorer, documents, step, from_run, about),
            *(task_eval, engine),
        )
        if from_link:
            event["packed"] = self._model.facts
        self._post(event)

    def sampling(self) -> tuple[SampleConfig, str]:
        """The current sampling settings and prefix."""
        return self._config, self._prefix

    def set_sampling(self, command: commands.SetSamplingCommand) -> None:
        """Changes the settings; the prefix may be meant for a model that is still to come."""
        settings: dict[str, Any] = {**command["settings"]}
        prefix = str(setting("prefix").check(settings.pop("prefix")))
        self._config = SampleConfig(**settings)
        self._prefix = prefix

    def generate(self, command: commands.GenerateCommand) -> None:
        """Starts to write samples, in place of those that are being written."""
        model = self.current_model()
        setting("num_samples").check(command["count"])
        prefix = model.tokenizer.encode_prefix(self._prefix)
        Writer(model.engine, model.tokenizer.bos, prefix)  # raises if the prefix is too long
        self._samples = SampleWriter(
            model, prefix, command["count"], command["seed"], lambda: self._config, self._post
        )

    def explore(self, command: commands.ExploreCommand) -> None:
        """Says what the model makes of a text, unless its ids are those of another model."""
        model = self.model_of(command["model"])
        if model is not None:
            model.explorer.act(command, self._config)

    def model_of(self, number: int) -> GeneratingModel | None:
        """The current model, if that is its number."""
        return self._model if number == self._number else None

    def glimpse(self, command: commands.GlimpseCommand) -> None:
        """Says what a past run's model makes of a text."""
        if self._glimpses is None:
            from app.worker.glimpses import Glimpses

            self._glimpses = Glimpses()
        now = None if "blob" in command else self.current_model()
        self._post(self._glimpses.glimpse(command, now, self._config))

    def work(self, deadline: float) -> None:
        """Writes samples until `deadline`, one token at least, and posts them."""
        if self._samples is None:
            return
        writer, self._samples = self._samples, None  # where writing raises, it is over
        while writer.advance():
            if self._clock() >= deadline:
                self._samples = writer
                break
        writer.post()

    def refresh_explorer(self, step: int, running: bool) -> None:
        """Shows how the explored text's probabilities change with the model's training.

        step: how many steps it was trained; nothing is posted twice for one of them.
        running: whether it is being trained, so that this must not take much of the time.
        """
        if self._model is not None and self._refreshing.is_due(step, running):
            self._model.explorer.refresh(self._config)
            self._refreshing.end()

    def explored(self) -> tuple[int, list[int], SampleConfig] | None:
        """The moment of the text that the page explores; None where nothing can follow, or no text.

        It is the number of the page's command, the tokens that the model reads, and how they are
        sampled from.
        """
        moment = None if self._model is None else self._model.explorer.moment
        return None if moment is None else (*moment, self._config)

    def current_model(self) -> GeneratingModel:
        """The model that generates. Raises `SettingError` if there is none yet."""
        if self._model is None:
            raise SettingError("There is no model yet: train one first.")
        return self._model


def _config_fields(config: ModelConfig) -> ModelConfigFields:
    return ModelConfigFields(
        vocab_size=config.vocab_size,
        n_embd=config.n_embd,
        n_head=config.n_head,
        n_layer=config.n_layer,
        block_size=config.block_size,
    )
