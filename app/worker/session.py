"""The worker's side of the page as a state machine: commands in, events out, work in slices.

`receive` takes a command and answers what can be answered at once; `work` does one slice of the
training or writing that is under way and says when it wants to be called again; when nothing is, it
prepares the next run. All that it needs of the world around is passed in, so that a session runs
under any driver. It knows nothing of browsers.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any, Protocol

from app.shared import events
from app.worker.corpus_loader import Reader
from app.worker.explorer import Explorer
from app.worker.training import Training
from app.worker.warm_up import Beside, Preparing
from microgpt.checkpoint import Checkpoint, CheckpointError, from_bytes
from microgpt.config import SampleConfig
from microgpt.corpus.loading import Corpus
from microgpt.dataset import DataError
from microgpt.engine import Engine, create_engine
from microgpt.sampler import Writer, generate
from microgpt.settings import SettingError, setting
from microgpt.tokenizer import CharTokenizer, Tokenizer, UnknownCharacterError
from microgpt.trainer import DivergedError

SLICE = 0.016  # seconds of work before the next look at the messages
WALK_SECONDS = 0.25  # between two looks at the first token's odds during a run
WALK_SHARE = 0.05  # of the time at most, for these looks at large models
OF_A_RUN = ("pause", "resume", "step", "pace")  # commands that wait for a run to begin

Message = dict[str, Any]
INPUT_ERRORS = (SettingError, DataError, UnknownCharacterError, CheckpointError)


class Post(Protocol):
    """Sends an event to the page."""

    def __call__(self, message: Message, blob: bytes | None = None) -> None:
        """`blob` travels beside the message."""


class Session:
    """What one worker is doing.

    Args:
        post: called with each event.
        clock: seconds that only ever grow.
        beside: runs a coroutine beside all else, and has `work` called when it has ended.
    """

    def __init__(self, post: Post, clock: Callable[[], float], beside: Beside) -> None:
        self._post = post
        self._clock = clock
        self._preparing = Preparing(clock, beside, post)
        self._reader = Reader(post, clock, self._take_documents)
        self._training: Training | None = None
        self._starting: Iterator[None] | None = None  # a run whose byte pairs are being learnt
        self._held_back: list[Message] = []  # commands that it will get
        self._writing: Iterator[None] | None = None
        self._explorer: Explorer | None = None
        self._engine: Engine | None = None
        self._tokenizer: Tokenizer = CharTokenizer("")
        self._mark: Callable[[str], str] = _no_mark  # of a line that the model wrote
        self._sampling = SampleConfig()
        self._documents: list[str] | None = None
        self._prefix = ""
        self._walked_step = 0  # of the run, when the first token's odds were told last
        self._next_walk = 0.0

    def receive(self, message: Message, blob: bytes | None = None) -> None:
        """Carry a command out, or answer why it cannot be."""
        command = message.get("type")
        handler = getattr(self, f"_on_{command}", None)
        if handler is None:
            self._post(events.error(str(command), f"The worker does not know '{command}'."))
            return
        if self._starting is not None and command in OF_A_RUN:
            self._held_back.append(message)
            return
        fields = {key: value for key, value in message.items() if key != "type"}
        if blob is not None:
            fields["blob"] = blob
        try:
            handler(**fields)
        except INPUT_ERRORS as error:
            self._post(events.error(str(command), str(error)))
        except TypeError as error:
            self._post(events.error(str(command), f"The message was not understood: {error}."))

    def work(self) -> float | None:
        """Do a slice of work; return the seconds to wait before the next, None if there is none."""
        deadline = self._clock() + SLICE
        self._reader.work(deadline)
        if self._writing is not None:
            for _ in self._writing:
                if self._clock() >= deadline:
                    break
            else:
                self._writing = None
        if self._starting is not None:
            self._go_on_starting(self._starting, deadline)
        busy = self._reader.busy or self._writing is not None or self._starting is not None
        waits = [0.0] if busy else []
        if self._training is not None:
            try:
                # Writing may have used the slice up; training always gets a little.
                wait = self._training.work(max(deadline, self._clock() + SLICE / 4))
            except DivergedError as error:
                self._post(events.error("run", str(error)))
                wait = None
            if wait is not None:
                waits.append(wait)
            self._renew_walk(self._training)
        if not waits and (self._training is None or self._training.over):
            return self._preparing.work()
        return min(waits, default=None)

    def _renew_walk(self, training: Training) -> None:
        """While nothing is written yet, show how the odds of the first token change."""
        if self._explorer is None or training.step == self._walked_step:
            return
        now = self._clock()
        if training.running and now < self._next_walk:
            return
        self._walked_step = training.step
        self._explorer.renew(self._sampling)
        later = self._clock()
        self._next_walk = later + max(WALK_SECONDS, (later - now) / WALK_SHARE)

    # ---- a model to generate with ----------------------------------------------------------------

    def _on_load(self, blob: bytes) -> None:
        model = from_bytes(blob)
        if self._training is not None:
            return  # the run's own model goes before one that was on its way
        # Such a small model answers in a millisecond, and nobody waits for the compiler.
        engine = create_engine("scalar", model.config, model.weights)
        self._use(engine, model.tokenizer(), dict(model.about), _no_mark)

    def _use(
        self,
        engine: Engine,
        tokenizer: Tokenizer,
        about: dict[str, str],
        mark: Callable[[str], str],
    ) -> None:
        self._writing = None
        self._engine, self._tokenizer, self._mark = engine, tokenizer, mark
        self._post(events.model(list(tokenizer.tokens), asdict(engine.config), about))
        self._explorer = Explorer(engine, tokenizer, self._post)

    # ---- the run ---------------------------------------------------------------------------------

    def _on_data(
        self,
        number: int,
        name: str,
        files: list[tuple[str, int]],
        options: Message,
        blob: bytes = b"",
    ) -> None:
        self._reader.begin(number, name, files, options, blob)
        self._reader.work(self._clock() + SLICE)

    def _on_options(self, number: int, options: Message) -> None:
        self._reader.change(number, options)
        self._reader.work(self._clock() + SLICE)

    def _on_cancel(self) -> None:
        self._reader.cancel()

    def _take_documents(self, reading: Corpus | None) -> None:
        """A run that begins from now on is one on these documents."""
        self._documents = reading.documents if reading is not None else None
        num_chars = len(reading.statistics.vocabulary) if reading is not None else 0
        windowed = reading is not None and reading.options.windowed
        self._preparing.expect_data(self._documents or [], num_chars + 1, windowed)

    def _on_prepare(self, settings: Message) -> None:
        self._preparing.expect_settings(settings)

    def _on_start(
        self, settings: Message, paused: bool, run: int, data: str, blob: bytes | None = None
    ) -> None:
        if self._documents is None:
            raise DataError("There is no text yet: paste one, or choose a file.")
        checkpoint = from_bytes(blob) if blob is not None else None
        self._end_training()
        starting = self._start(self._documents, settings, paused, run, data, checkpoint)
        for _ in starting:
            self._starting = starting  # byte pairs are to be learnt first, which may take long
            return

    def _start(
        self,
        documents: list[str],
        settings: Message,
        paused: bool,
        number: int,
        data: str,
        checkpoint: Checkpoint | None,
    ) -> Iterator[None]:
        known = checkpoint.tokenizer() if checkpoint is not None and checkpoint.merges else None
        run = yield from self._preparing.take(documents, settings, known)
        run.add_task_eval(data)
        training = Training(
            run, settings["pace"], self._post, self._clock, self._live_sampling, number
        )
        self._training = training
        if checkpoint is not None:
            training.restore(checkpoint)
        self._walked_step, self._next_walk = 0, self._clock() + WALK_SECONDS
        self._use(run.engine, run.tokenizer, {"source": "run"}, run.grade)
        training.begin(paused)

    def _go_on_starting(self, starting: Iterator[None], deadline: float) -> None:
        try:
            for _ in starting:
                if self._clock() >= deadline:
                    return
        except INPUT_ERRORS as error:
            self._post(events.error("start", str(error)))
        held_back = self._held_back
        self._starting, self._held_back = None, []
        for message in held_back:
            self.receive(message)

    def _on_pause(self) -> None:
        if self._training is not None:
            self._training.pause()

    def _on_resume(self) -> None:
        if self._training is not None:
            self._training.resume()

    def _on_step(self) -> None:
        if self._training is not None:
            self._training.single_step()

    def _on_stop(self) -> None:
        training = self._training
        self._end_training()
        if training is not None:
            self._post(events.state(training.number, "idle"))

    def _on_pace(self, pace: str) -> None:
        setting("pace").check(pace)
        if self._training is not None:
            self._training.set_pace(pace)

    def _end_training(self) -> None:
        self._starting, self._held_back = None, []
        if self._training is not None:
            self._training.close()
            self._training = None

    # ---- writing ---------------------------------------------------------------------------------

    def _on_sampling(self, settings: Message) -> None:
        prefix = str(setting("prefix").check(settings["prefix"]))
        self._sampling = SampleConfig(
            **{key: value for key, value in settings.items() if key != "prefix"}
        )
        self._prefix = prefix
        if self._engine is not None:
            self._tokenizer.encode_prefix(prefix)

    def _live_sampling(self) -> tuple[SampleConfig, str]:
        return self._sampling, self._prefix

    def _on_generate(self, count: int, seed: int) -> None:
        if self._engine is None:
            raise SettingError("There is no model yet: train one first.")
        setting("num_samples").check(count)
        prefix = self._tokenizer.encode_prefix(self._prefix)
        Writer(self._engine, self._tokenizer.bos, prefix)  # complains of a prefix that is too long
        self._writing = self._write(self._engine, self._tokenizer, prefix, count, seed)

    def _write(
        self, engine: Engine, tokenizer: Tokenizer, prefix: list[int], count: int, seed: int
    ) -> Iterator[None]:
        rng, right = random.Random(seed), 0
        for number in range(1, count + 1):
            written = list(prefix)
            for choice in generate(engine, tokenizer.bos, self._sampling, rng, prefix):
                written.append(choice.token)
                text = tokenizer.decode(written)
                mark = self._mark(text) if choice.stop else ""
                right += mark == "right"
                self._post(events.generated(number, count, text, choice.stop, mark, right))
                yield

    def _on_explore(
        self, action: str, position: int | None = None, token: int | None = None
    ) -> None:
        if self._explorer is None:
            raise SettingError("There is no model yet: train one first.")
        self._explorer.act(action, self._sampling, self._prefix, position, token)

    # ---- being there -----------------------------------------------------------------------------

    def _on_ping(self) -> None:
        self._post(events.pong())


def _no_mark(_line: str) -> str:
    """What is said of a line where nothing is right or wrong."""
    return ""
