"""The worker's run: made, trained slice by slice, and what the page says of it meanwhile.

The page sends commands about a run once it has started; without one they are for one that is over.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator

from app.shared import commands, events
from app.shared.experiment import STEERED_SETTINGS
from app.worker.diagnosing import Diagnosing
from app.worker.documents import ModelDocuments
from app.worker.generation import Generation
from app.worker.training import Training
from app.worker.types import Clock, Post, Report
from app.worker.warm_up import WarmUp
from microgpt.checkpoint import Checkpoint, from_bytes
from microgpt.corpus.loading import Corpus
from microgpt.dataset import DataError
from microgpt.settings import SettingError, setting
from microgpt.trainer import DivergedError


class Runs:
    """The current run, if there is one.

    Args:
        post, clock, report: as for `Session`.
        warm_up: has the next run ready.
        generation: writes with the run's model.
    """

    def __init__(
        self, post: Post, clock: Clock, report: Report, warm_up: WarmUp, generation: Generation
    ) -> None:
        self._post, self._clock, self._report = post, clock, report
        self._warm_up, self._generation = warm_up, generation
        self._starting: Iterator[None] | None = None  # a run that waits for its merges
        self.training: Training | None = None
        self.number = 0  # of the newest run, even if it could not be made
        self.corpus: Corpus | None = None  # what that run trains on
        self._watched = False  # whether runs are looked at while they are trained

    def watch(self, command: commands.WatchTrainingCommand) -> None:
        """Looks at gradients and weights of this run and of later ones, or no more."""
        self._watched = command["shown"]
        self._watch()

    @property
    def starting(self) -> bool:
        """Whether a run is being made."""
        return self._starting is not None

    @property
    def learning(self) -> bool:
        """Whether the model of one is being trained; see `Training.learning`."""
        return self.training is not None and self.training.learning

    @property
    def over(self) -> bool:
        """Whether there is none that could go on."""
        return self.training is None or self.training.state.over

    def start(self, corpus: Corpus | None, command: commands.StartCommand) -> None:
        """Makes a run and begins it, in place of the one that there is."""
        self.number, self.corpus = command["run"], corpus
        if corpus is None:
            raise DataError("There is no text yet: paste one, or choose a file.")
        checkpoint, blob = None, command.get("blob", b"")
        size = len(blob) - sum(kept["size"] for kept in _kept(command)["kept"])
        if size:
            checkpoint = from_bytes(blob[:size])
        self._end()
        starting = self._start(corpus, command, checkpoint, blob[size:])
        for _ in starting:
            self._starting = starting  # its merges must be learned first, which may take long
            return

    def continue_start(self, deadline: float) -> None:
        """Goes on making a run until `deadline`."""
        if self._starting is None:
            return
        for _ in self._starting:
            if self._clock() >= deadline:
                return
        self._starting = None

    def work(self, deadline: float) -> float | None:
        """Trains until `deadline`; returns the seconds to wait before the next slice, if any is."""
        if self.training is None:
            return None
        try:
            return self.training.work(deadline)
        except DivergedError as error:
            number = self.training.number
            event = events.ErrorEvent(type="error", about="run", message=str(error), run=number)
            self._post(event)
        except Exception as error:
            # The weights may be of half a step: a new worker continues from the last checkpoint.
            self._report(traceback.format_exc())
            self._end()
            reason = f"Training has failed ({type(error).__name__})"
            self._post(events.FatalEvent(type="fatal", message=reason))
        return None

    # ---- commands about the run ------------------------------------------------------------------

    def pause(self, _command: commands.PauseCommand) -> None:
        """Pauses it after its current step."""
        if self.training is not None:
            self.training.pause()

    def resume(self, _command: commands.ResumeCommand) -> None:
        """Has a paused run go on."""
        if self.training is not None:
            self.training.resume()

    def step(self, _command: commands.StepCommand) -> None:
        """Does one step of a paused run."""
        if self.training is not None:
            self.training.single_step()

    def stop(self, _command: commands.StopCommand) -> None:
        """Ends it for good."""
        if self.training is not None:
            self.training.stop()
        self._end()

    def set_pace(self, command: commands.SetPaceCommand) -> None:
        """Changes its pace."""
        setting("pace").check(command["pace"])
        if self.training is not None:
            self.training.pacer.set_pace(command["pace"], self.training.step)

    def change_training(self, command: commands.ChangeTrainingCommand) -> None:
        """Has it go on with other settings, or trains it longer.

        Raises `SettingError` for what cannot be changed in mid-run.
        """
        for name in command["settings"]:
            if name not in STEERED_SETTINGS:
                raise SettingError(f"A run cannot change '{name}' while it goes on: restart it.")
        if self.training is not None:
            self.training.change(command["settings"])

    def rewind(self, command: commands.RewindCommand) -> None:
        """Goes back to a kept checkpoint; what is shown of its model follows at once."""
        training = self.training
        if training is not None:
            training.rewind(command["step"])
            self._generation.refresh_explorer(training.step, training.state.running)

    def set_stops(self, command: commands.SetStopsCommand) -> None:
        """Has rules stop it."""
        if self.training is not None:
            self.training.stops.use(command["rules"])

    # ----------------------------------------------------------------------------------------------

    def _start(
        self,
        corpus: Corpus,
        command: commands.StartCommand,
        checkpoint: Checkpoint | None,
        kept: bytes,
    ) -> Iterator[None]:
        """Makes the run and begins it; yields are yield points.

        `kept`: the contents of the checkpoints that it can go back to.
        """
        settings = command["settings"]
        known = checkpoint.tokenizer() if checkpoint is not None and checkpoint.merges else None
        run = yield from self._warm_up.take_run(corpus, settings, command["code"], known)
        run.add_task_eval(command["data"])
        training = Training(
            run,
            str(settings["pace"]),
            self._post,
            self._clock,
            self._generation.sampling,
            command["run"],
        )
        training.live = command.get("live", False)
        training.stops.use(command["stops"])
        if checkpoint is not None:
            yield from training.restore(checkpoint, command["continued"])
            training.history.take(_kept(command), kept, training.step)
        self.training = training
        self._watch()
        self._generation.use_model(
            run.engine,
            run.tokenizer,
            from_run=True,
            documents=lambda: ModelDocuments.of(run),
            mark=run.grade,
            step=lambda: training.step,
            task_eval=run.task_eval,
            about={"data": command["data"]},
        )
        training.begin_run(command["paused"])

    def _watch(self) -> None:
        training = self.training
        if training is not None and not self._watched:
            training.diagnosing = None
        elif training is not None and training.diagnosing is None:
            training.diagnosing = Diagnosing(training.run, training.number, self._post)

    def _end(self) -> None:
        self._starting = None
        if self.training is not None:
            self.training.close()
            self.training = None


def _kept(command: commands.StartCommand) -> events.KeptCheckpointFacts:
    """What a command tells of kept checkpoints."""
    return command.get("kept", events.KeptCheckpointFacts(format="", kept=[]))
