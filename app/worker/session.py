"""The worker as a state machine: commands in, events out, work in slices.

`receive` carries out a command, and answers at once what can be answered at once; `work` does one
slice of what takes longer and says when it wants to be called again. With nothing else to do, it
makes the next run. A text goes from `load_data` to the corpus loader, from there to `start`, which
has the warm-up make a `Run` on it, and then is trained on until `run_state` says `done`.

Everything from outside is passed in, so a session runs under any driver; it knows no browser.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from app.shared import commands, events
from app.worker.corpus_loader import CorpusLoader
from app.worker.documents import CorpusDocuments
from app.worker.draws import Draws
from app.worker.generation import Generation
from app.worker.meaning import Meaning
from app.worker.pool.member import StartPoolWorker
from app.worker.pool.pool import Pool
from app.worker.runs import Runs
from app.worker.seeds import Seeds
from app.worker.types import Clock, Install, Post, Report, Spawn
from app.worker.validation import MessageError, check_message, definitions
from app.worker.warm_up import WarmUp
from microgpt.checkpoint import CheckpointError
from microgpt.corpus.loading import Corpus
from microgpt.dataset import DataError
from microgpt.engine import create_engine
from microgpt.settings import SettingError
from microgpt.tokenizer import UnknownCharacterError

if TYPE_CHECKING:
    from app.worker.inside.inspector import Inspector
    from app.worker.lab.lab import Lab

SLICE_SECONDS = 0.016  # of work before messages are looked at again
MEANING_SECONDS = 0.002  # of each for what a run means: training goes first
LAB_SECONDS = 0.004  # of each for experiments, after all that the playground does
MAX_SCALAR_PARAMS = 20_000  # of a model that is not trained, to be computed by plain Python

COMMAND_DEFINITIONS = definitions(commands.CommandHandlers)
# Errors whose text is a sentence for the user; any other exception is a fault of the program.
INPUT_ERRORS = (MessageError, SettingError, DataError, UnknownCharacterError, CheckpointError)


class Session:
    """All that one worker does.

    Args:
        post: sends an event to the page.
        clock: seconds that never decrease.
        spawn: runs a coroutine concurrently, and has `work` called once it has ended.
        report: writes the traceback of an unexpected exception to the console.
        install: brings a package of the site into this Python.
        start_pool_worker: starts a worker that trains runs beside this one.
        num_pool_workers: how many of those there are at most.
    """

    def __init__(
        self,
        post: Post,
        clock: Clock,
        spawn: Spawn,
        report: Report,
        install: Install,
        start_pool_worker: StartPoolWorker,
        num_pool_workers: int,
    ) -> None:
        self._post, self._clock, self._report = post, clock, report
        self._loader = CorpusLoader(post, clock, spawn, report, install, self._use_corpus)
        self._draws = Draws()
        self._warm_up = WarmUp(post, clock, spawn, self._draws)
        self._generation = Generation(post, clock)
        self._runs = Runs(post, clock, report, self._warm_up, self._generation)
        self._pool = Pool(start_pool_worker, num_pool_workers, clock, report, self._draws)
        self._seeds = Seeds(post, clock, self._pool, self._generation)
        self._meaning = Meaning(post, clock, self._runs, self._generation)
        self._corpus: Corpus | None = None
        self._inspector: Inspector | None = None  # made with the first `inspect`
        self._lab: Lab | None = None  # made with the first command about it
        self._handlers: commands.CommandHandlers = {
            "load_model": self._on_load_model,
            "pack_model": self._on_pack_model,
            "read_model": self._on_read_model,
            "export_model": self._on_export_model,
            "load_data": self._on_load_data,
            "change_options": self._on_change_options,
            "cancel_loading": self._on_cancel_loading,
            "warm_up": self._on_warm_up,
            "start": self._on_start,
            "pause": self._runs.pause,
            "resume": self._runs.resume,
            "step": self._runs.step,
            "stop": self._on_stop,
            "set_pace": self._runs.set_pace,
            "change_training": self._runs.change_training,
            "rewind": self._runs.rewind,
            "set_stops": self._runs.set_stops,
            "set_sampling": self._generation.set_sampling,
            "generate": self._generation.generate,
            "explore": self._generation.explore,
            "inspect": self._on_inspect,
            "switch_off": self._on_switch_off,
            "score": self._on_score,
            "describe": self._on_describe,
            "show_nearest": self._meaning.show_nearest,
            "watch_training": self._runs.watch,
            "glimpse": self._generation.glimpse,
            "train_seeds": self._on_train_seeds,
            "lab_data": lambda command: self._in_lab().load(command, self._corpus),
            "sweep": lambda command: self._in_lab().sweep(command),
            "change_sweep": lambda command: self._in_lab().change(command),
            "save_sweep": lambda command: self._in_lab().save(command),
            "ping": lambda _command: self._post(events.PongEvent(type="pong")),
        }

    def receive(self, message: commands.Command) -> None:
        """Carries out a command, or posts an `error` event that says why not."""
        with self.reporting(str(message.get("type"))):
            check_message(message, COMMAND_DEFINITIONS)
            handler: Callable[[Any], None] = self._handlers[message["type"]]
            handler(message)

    def work(self) -> float | None:
        """Does a slice of work; returns the seconds to wait before the next, None if none is."""
        deadline = self._clock() + SLICE_SECONDS
        self._load(deadline)
        # A generator that raised is at its end, so what has failed is dropped.
        with self.reporting("generate"):
            self._generation.work(deadline)
        with self.reporting("start"):
            self._runs.continue_start(deadline)
        busy = self._generation.busy or self._runs.starting
        waits = [0.0] if busy else []
        if self._loader.wait is not None:
            waits.append(self._loader.wait)
        if self._runs.training is not None:
            # Generating may have used the slice up; training always gets a little.
            waits += self._train(max(deadline, self._clock() + SLICE_SECONDS / 4))
        # After training, whose last refresh may have begun a survey.
        if self._inspector is not None:
            with self.reporting("inspect"):
                if self._inspector.work(deadline, self._runs.learning):
                    waits.append(0.0)
        with self.reporting("train_seeds"):
            pooled = self._pool.work(deadline), self._seeds.work(deadline)
            waits += [wait for wait in pooled if wait is not None]
        if self._lab is not None:
            with self.reporting("sweep"):
                wait = self._lab.work(self._clock() + LAB_SECONDS)
                waits += [] if wait is None else [wait]
        if 0.0 not in waits and self._runs.over:
            with self.reporting("warm_up"):
                wait = self._warm_up.work()
                waits += [] if wait is None else [wait]
        if not self._runs.over or 0.0 not in waits:
            with self.reporting("meaning"):
                wait = self._meaning.work(self._clock() + MEANING_SECONDS)
                waits += [] if wait is None else [wait]
        return min(waits, default=None)

    @contextmanager
    def reporting(self, about: str, fail: Callable[[str], None] | None = None) -> Iterator[None]:
        """Turns an exception inside into a sentence for the page, and goes on behind it.

        Unless it is an error of the user's input, its traceback goes to the console.

        Args:
            about: the command that is carried out.
            fail: called with the sentence; by default it becomes an `error` event.
        """
        fail = fail or (lambda sentence: self._post_error(about, sentence))
        try:
            yield
        except INPUT_ERRORS as error:
            fail(str(error))
        except Exception as error:
            self._report(traceback.format_exc())
            name = type(error).__name__
            fail(f"Python has failed at '{about}' ({name}): try again, or reload the page.")

    def _post_error(self, about: str, sentence: str) -> None:
        event = events.ErrorEvent(type="error", about=about, message=sentence)
        if about == "start":
            event["run"] = self._runs.number
        self._post(event)

    # ---- data ------------------------------------------------------------------------------------

    def _on_load_data(self, command: commands.LoadDataCommand) -> None:
        self._loader.load(command)
        self._load(self._clock() + SLICE_SECONDS)

    def _on_change_options(self, command: commands.ChangeOptionsCommand) -> None:
        self._loader.change_options(command)
        self._load(self._clock() + SLICE_SECONDS)

    def _on_cancel_loading(self, _command: commands.CancelLoadingCommand) -> None:
        self._loader.cancel()

    def _load(self, deadline: float) -> None:
        with self.reporting("load_data", self._loader.refuse):
            self._loader.work(deadline)

    def _use_corpus(self, corpus: Corpus | None) -> None:
        """Later runs train on this corpus."""
        self._corpus = corpus
        self._warm_up.expect_corpus(corpus)
        if self._inspector is not None:
            with self.reporting("inspect"):
                self._inspector.take_data()

    # ---- the run ---------------------------------------------------------------------------------

    def _on_warm_up(self, command: commands.WarmUpCommand) -> None:
        self._warm_up.expect_settings(command["settings"], command["code"])

    def _on_start(self, command: commands.StartCommand) -> None:
        self._runs.start(self._corpus, command)

    def _on_train_seeds(self, command: commands.TrainSeedsCommand) -> None:
        if self._runs.corpus is not None:
            self._seeds.train(self._runs.corpus, command)

    def _on_stop(self, command: commands.StopCommand) -> None:
        self._runs.stop(command)
        self._seeds.stop()

    def _train(self, deadline: float) -> list[float]:
        """Trains until `deadline`; returns the seconds to wait before the next slice, if any is."""
        wait = self._runs.work(deadline)
        training = self._runs.training
        if training is not None:
            with self.reporting("explore"):
                self._generation.refresh_explorer(training.step, training.learning)
            if self._inspector is not None:
                with self.reporting("inspect"):
                    self._inspector.refresh(training.step, training.learning)
        return [] if wait is None else [wait]

    # ---- experiments -----------------------------------------------------------------------------

    def _in_lab(self) -> Lab:
        """What makes experiments, imported when it is first needed."""
        if self._lab is None:
            from app.worker.lab.lab import Lab

            self._lab = Lab(self._post, self._clock, self._report, self._pool, self._draws)
        return self._lab

    # ---- a model that might be trained -----------------------------------------------------------

    def _on_describe(self, command: commands.DescribeCommand) -> None:
        from app.worker.outlines import outline_event

        self._post(outline_event(command))

    # ---- the model that generates ----------------------------------------------------------------

    def _on_inspect(self, command: commands.InspectCommand) -> None:
        self._inside().inspect(command)

    def _on_switch_off(self, command: commands.SwitchOffCommand) -> None:
        self._inside().switch_off(command)

    def _on_score(self, command: commands.ScoreCommand) -> None:
        self._inside().score(command)

    def _inside(self) -> Inspector:
        """What looks into the model, imported when it is first needed."""
        if self._inspector is None:
            from app.worker.inside.inspector import Inspector

            self._inspector = Inspector(self._post, self._clock, self._generation)
        return self._inspector

    def _on_read_model(self, command: commands.ReadModelCommand) -> None:
        from app.worker.model_reading import read_model

        self._post(read_model(command))

    def _on_export_model(self, command: commands.ExportModelCommand) -> None:
        from app.worker.exporting import exported_model

        self._post(exported_model(command, self._corpus, *self._generation.sampling()))

    def _on_load_model(self, command: commands.LoadModelCommand) -> None:
        from app.worker.packing import loaded_model

        model, from_link = loaded_model(command)
        if self._runs.training is not None:
            return  # the run's own model goes before one that was on its way
        # A small model answers in a millisecond, and nobody waits for the compiler.
        is_small = model.config.num_params <= MAX_SCALAR_PARAMS
        engine = create_engine("scalar" if is_small else "auto", model.config, model.weights)
        tokenizer = model.tokenizer()
        documents = CorpusDocuments(lambda: self._corpus, tokenizer, model.config)
        about = model.about
        self._generation.use_model(
            engine, tokenizer, False, documents, about=about, from_link=from_link
        )

    def _on_pack_model(self, command: commands.PackModelCommand) -> None:
        from app.worker.packing import packed_model

        self._post(packed_model(command, self._generation.current_model()))
