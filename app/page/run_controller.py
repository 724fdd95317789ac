"""The run, on the page's side: begun, paused, stepped, drawn, and begun again where it broke off.

It sends commands and shows what comes back; it never computes with a model.
"""

import asyncio
from math import log

from pyscript import window

from app.page.engines import Computing
from app.page.link import Link
from app.page.run import Results, Run
from app.page.series import duration, introduction, verdict
from app.page.setup_controller import Choosing
from app.page.types import Act, JsProxy, Message
from app.page.views.chart import Chart
from app.page.views.dom import OnceAFrame
from app.page.views.theme import ThemeView
from app.page.views.training import LIVE_ROWS, TrainingView
from app.shared import commands

READABLE = 100.0  # milliseconds between two changes of the figures: more often nobody can read


class Running:
    """The run of the moment, if there is one.

    Args:
        choosing: what the person has set up.
        link: the line to the worker.
        forgotten: called when the run's model is given up.
    """

    def __init__(self, choosing: Choosing, link: Link, forgotten: Act) -> None:
        self._forgotten = forgotten
        self._choosing = choosing
        self._link = link
        self.state = "idle"  # idle, starting, running, paused or done
        self._run: Run | None = None
        self._runs = 0  # how many have been sent to a worker
        self._results = Results()
        self._computing = Computing()
        self._held_back: list[Message] | None = None  # commands that come after a start to be sent
        self._introduction = ""  # that was said since the last run
        self._lines: list[Message] = []  # that the model wrote since the last frame
        self._shown = 0.0  # when the figures were renewed last
        self.view = TrainingView(
            {
                "train": self.train,
                "step": self.single_step,
                "start-over": self.start_over,
                "restart": self.start,
            }
        )
        self._chart = Chart(self._fresh().room)
        self._frame = OnceAFrame(self._draw)
        ThemeView(self._chart.restyle)

    # ---- what the person does --------------------------------------------------------------------

    def train(self) -> None:
        """The main button: train, pause or resume."""
        if self.state not in ("starting", "running", "paused"):
            self.start()
        elif self._run is not None and self._run.paused:
            self._run.paused = False
            self._command(commands.resume())
        else:
            self._command(commands.pause())

    def single_step(self) -> None:
        """One step; of a new run if there is none."""
        if self.state in ("idle", "done"):
            self.start(True)
        self._command(commands.step())

    def start(self, paused: bool = False) -> None:
        """Begin a run with the settings of the moment in place of the one there is."""
        self._run = run = self._fresh()
        run.paused = paused
        self._held_back = []
        # The worker computes while the page makes room for what it will bring.
        if self._choosing.data.settled:
            self._send(run, paused)
        else:
            asyncio.create_task(self._send_start(run, paused))
        self.view.complain("")
        self._chart.begin(run.room)
        self._lines = []
        self.view.clear_live()
        self.view.verdict("")
        self._introduction = ""
        self._enter("starting")
        self._show_progress()
        self.view.show_chart()

    def start_over(self) -> None:
        """Back to a model that has learnt nothing, with everything as it is set."""
        self._held_back = None
        self._link.send(commands.stop())
        self._run = None
        self._enter("idle")
        self._lines = []
        self.view.clear_live()
        self.view.complain("")
        self._chart.forget()
        self._prepare_chart()
        self.view.verdict("Everything that was learnt is forgotten. Press Train to begin again.")
        self._forgotten()

    def changed(self, name: str) -> None:
        """The setting `name`, or the data, has changed; or `tokens`, when pairs are learnt."""
        if name == "pace":
            self._link.send(commands.pace(str(self._choosing.experiment.values["pace"])))
        self._offer_restart()
        self._show_engine()
        if self._run is None:
            if name != "tokens":  # which are news, and mend nothing that was complained of
                self.view.complain("")
            self._prepare_chart()
        elif self.state == "starting":
            self._show_progress()

    def know_engines(self, compiles: bool) -> None:
        """A worker is there; `compiles`: whether the compiled engine runs in it."""
        self._computing.compiles = compiles
        self._offer_restart()
        self._show_progress()
        self._show_engine()

    # ---- what the worker says --------------------------------------------------------------------

    def on_started(self, message: Message) -> None:
        run = self._meant(message)
        if run is None:
            return
        # The page may not have known the data when the run was begun.
        run.num_params = message["num_params"]
        run.engine, run.precision = message["engine"], message["precision"]
        run.series.guessing = log(message["vocab_size"])
        run.series.chars_per_token = message["chars_per_token"]
        self._chart.set_guessing(run.series.guessing)
        trained_on = message["num_docs"] - message["num_held_out"]
        words = f"Training on {trained_on:,} document{'' if trained_on == 1 else 's'}"
        if message["num_held_out"]:
            words += f", {message['num_held_out']:,} held out"
        self.view.verdict(" ".join([f"{words}."] + message["remarks"]))
        self._show_engine()

    def on_state(self, message: Message) -> None:
        run = self._meant(message)
        if run is None:
            return
        run.paused = message["state"] == "paused"
        self._enter(message["state"])
        self._show_progress()
        if message["state"] == "done" and run.series.known:
            self._results.add(run)
            self.view.verdict(verdict(run.series))

    def on_progress(self, message: Message, blob: JsProxy) -> None:
        run = self._meant(message)
        if run is None:
            return
        run.step, run.seconds = message["step"], message["seconds"]
        self._computing.learn(run.engine, run.weights(max(1, run.step)), run.seconds)
        losses = window.Float64Array.new(blob.buffer)
        count = losses.length // 2
        raw, smooth = losses.subarray(0, count), losses.subarray(count)
        if count:
            run.series.add(raw[0], raw[count - 1], smooth[count - 1])
        run.series.hold_out(message["held_out"])
        run.series.examine(message["accuracy"])
        self._chart.add(raw, smooth, message["held_out"], message["accuracy"])
        self._frame.ask()

    def on_live_sample(self, message: Message) -> None:
        if self._meant(message) is not None:
            self._lines.append(message)
            self._frame.ask()

    def on_checkpoint(self, message: Message, blob: JsProxy) -> None:
        run = self._meant(message)
        if run is not None:
            run.saved_step, run.saved = message["step"], blob

    def on_error(self, message: Message) -> None:
        if message["about"] == "start" and self.state == "starting":
            self._cancel(message["message"])
        else:
            self.view.complain(message["message"])

    # ---- when the worker dies --------------------------------------------------------------------

    def lose_worker(self) -> str:
        """Get ready to go on in a new worker; returns what with, as the end of a sentence."""
        run = self._worth_going_on()
        if run is None:
            return ""
        self._held_back = self._held_back or []
        self._enter("starting")
        if run.saved is None:
            return ", and the run begins once more"
        return f", and the run goes on from step {run.saved_step}"

    async def go_on(self) -> None:
        """Send the run that there was, and its data, to a new worker."""
        run = self._worth_going_on()
        if run is None or not run.number:
            return  # there is none, or its start is still to be sent
        run.step = run.saved_step
        run.series.cut(run.step)
        self._chart.cut(run.step)
        self._chart.draw()
        if run.source is None or not await self._choosing.data.bring_back(run.source):
            self._cancel("The data of the run could not be read again: press Train to begin anew.")
        elif run is self._run:
            self._send(run, run.paused)

    # ----------------------------------------------------------------------------------------------

    def _under_way(self) -> Run | None:
        """The run, unless it is over."""
        return self._run if self.state in ("starting", "running", "paused") else None

    def _worth_going_on(self) -> Run | None:
        """The run, if it is under way or its trained model can be brought back."""
        if self.state == "done" and (self._run is None or self._run.saved is None):
            return None
        return self._run

    def _meant(self, message: Message) -> Run | None:
        """The run, if it is the one that the worker speaks of."""
        run = self._run
        return run if run is not None and run.number == message["run"] else None

    def _command(self, message: Message) -> None:
        if self._held_back is None:
            self._link.send(message)
        else:
            self._held_back.append(message)

    async def _send_start(self, run: Run, paused: bool) -> None:
        """Send the start behind its data, and what was commanded meanwhile behind the start."""
        await self._choosing.data.settle()
        if self._run is not run or self._held_back is None:
            return  # the person has thought better of it
        if run.data != self._choosing.experiment.data:
            self._cancel("The data could not be loaded, so the run has not begun.")
            return
        run.source = self._choosing.data.source
        self._send(run, paused)

    def _cancel(self, reason: str) -> None:
        self.view.complain(reason)
        self._run = self._held_back = None
        self._enter("idle")
        self._prepare_chart()

    def _send(self, run: Run, paused: bool) -> None:
        self._runs += 1
        run.number = self._runs
        self._link.send(commands.start(run.settings, paused, run.number, run.data), run.saved)
        for message in self._held_back or []:
            self._link.send(message)
        self._held_back = None

    def _fresh(self) -> Run:
        """The run that would begin now."""
        return Run(self._choosing, self._computing)

    def _prepare_chart(self) -> None:
        """While there is no run: room for the one that could begin, and what guessing costs it."""
        words = introduction(self._choosing.tokens)
        if words != self._introduction:
            self._introduction = words
            self.view.verdict(words)
        room = self._fresh().room
        if room != self._chart.room:
            self._chart.begin(room, idle=True)
        self._show_progress()

    def _draw(self) -> None:
        """Show what has come since the last frame."""
        self._chart.draw()
        lines, self._lines = self._lines, []
        for line in lines[-LIVE_ROWS:]:
            self.view.add_live(line["step"], line["text"], line["stop"], line["mark"])
        if self.state == "running" and window.performance.now() - self._shown < READABLE:
            self._frame.ask()
        else:
            self._show_progress()

    def _offer_restart(self) -> None:
        run, fresh = self._under_way(), self._fresh()
        changed = run is not None and run.signature != fresh.signature
        self.view.offer_restart(changed, self._estimate(fresh))

    def _enter(self, state: str) -> None:
        self.state = state
        self.view.show_state(state, self._run is not None and self._run.paused)
        self._offer_restart()
        self._show_engine()

    def _show_engine(self) -> None:
        """What computes the run under way, or would compute the one that could begin."""
        run = self._under_way() or self._fresh()
        self.view.show_engine(run.engine, run.precision, run.fell_back)

    def _show_progress(self) -> None:
        self._shown = window.performance.now()
        run = self._run or self._fresh()
        self.view.show_progress(run.step, run.series, run.seconds, self.state)
        if self.state == "starting" and not self._link.up:
            self.view.say("begins as soon as Python is up")
        elif self.state == "starting" and self._choosing.tokens.learning:
            count = self._choosing.tokens.num_merges
            self.view.say(f"begins when the byte pairs are learnt, {count:,} so far")
        elif self.state == "idle":
            self.view.say(f"computes in about {duration(self._estimate(run))}")

    def _estimate(self, run: Run) -> float:
        """How many seconds of computing a run would take, going by the one before."""
        return self._computing.estimate(run.engine, run.weights(run.series.num_steps))
