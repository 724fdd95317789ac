"""The run, on the page's side: begun, paused, stepped, drawn, and begun again where it broke off.

It sends commands and shows what comes back; it never computes with a model.
"""

import asyncio

from app import protocol
from app.series import Series, verdict
from app.views.chart import Chart
from app.views.theme import ThemeView
from app.views.training import TrainingView


class Running:
    """The run of the moment, if there is one.

    Args:
        choosing: what the person has set up.
        link: the line to the worker.
    """

    def __init__(self, choosing, link):
        self._choosing = choosing
        self._link = link
        self.state = "idle"  # idle, starting, running, paused or done
        self._series = None
        self._step = 0
        self._seconds = 0.0
        self._begun = None  # what the run was begun with
        self._checkpoint = None  # the newest: its step and its blob, which is not looked into
        self.view = TrainingView(
            {
                "train": self.train,
                "step": self.single_step,
                "start-over": self.start_over,
                "restart": self.start,
            }
        )
        fresh = self._fresh_series()
        self._chart = Chart(fresh.num_steps, fresh.guessing)
        ThemeView(self._chart.restyle)

    # ---- what the person does --------------------------------------------------------------------

    def train(self):
        """The main button: train, pause or resume."""
        if self.state in ("starting", "running"):
            self._link.send(protocol.pause())
        elif self.state == "paused":
            self._link.send(protocol.resume())
        else:
            self.start()

    def single_step(self):
        """One step; of a new run if there is none."""
        if self.state in ("idle", "done"):
            self.start(True)
        self._link.send(protocol.step())

    def start(self, paused=False):
        """Begin a run with the settings of the moment in place of the one there is."""
        self.view.complain("")
        self._begun = {
            "signature": self._choosing.signature(),
            "settings": self._choosing.experiment.run(),
            "data": self._choosing.experiment.data,
            "bytes": self._choosing.bytes,
        }
        self._checkpoint = None
        self._step, self._seconds = 0, 0.0
        self._series = self._fresh_series()
        self._chart.begin(self._series.num_steps, self._series.guessing)
        self.view.clear_live()
        self.view.verdict("")
        self._send_start(paused)
        self._show_progress()

    def start_over(self):
        """Back to a model that has learnt nothing, with everything as it is set."""
        self._link.send(protocol.stop())
        self._begun = self._checkpoint = self._series = None
        self._step, self._seconds = 0, 0.0
        self._enter("idle")
        self.view.clear_live()
        self.view.complain("")
        self.view.verdict("Everything that was learnt is forgotten. Press Train to begin again.")
        self._chart.forget()
        self._prepare_chart()

    def changed(self, name):
        """The setting `name`, or the data, has changed."""
        if name == "pace":
            self._link.send(protocol.pace(self._choosing.experiment.values["pace"]))
        self._offer_restart()
        if self._series is None:
            self._prepare_chart()

    # ---- what the worker says --------------------------------------------------------------------

    def on_started(self, message):
        trained_on = message["num_docs"] - message["num_held_out"]
        words = "Training on {:,} documents".format(trained_on)
        if message["num_held_out"]:
            words += ", {:,} held out".format(message["num_held_out"])
        self.view.verdict(" ".join([words + "."] + message["remarks"]))

    def on_state(self, message):
        if self._series is None:
            return
        self._enter(message["state"])
        self._show_progress()
        if message["state"] == "done" and self._series.raw:
            self.view.verdict(verdict(self._series))

    def on_progress(self, message):
        if self._series is None:
            return
        self._step, self._seconds = message["step"], message["seconds"]
        smooth = self._series.add(message["losses"], message["held_out"])
        self._chart.add(message["losses"], smooth, message["held_out"])
        self._chart.draw()
        self._show_progress()

    def on_live_sample(self, message):
        if self._series is not None:
            self.view.add_live(message["step"], message["text"], message["stop"])

    def on_checkpoint(self, message, blob):
        self._checkpoint = (message["step"], blob)

    def on_error(self, message):
        self.view.complain(message["message"])
        if self.state == "starting":
            self._series = None
            self._enter("idle")

    # ---- when the worker dies --------------------------------------------------------------------

    def prospects(self):
        """What a new worker would go on with, as the end of a sentence."""
        if self.state not in ("starting", "running", "paused"):
            return ""
        if self._checkpoint is None:
            return ", and the run begins once more"
        return ", and the run goes on from step {}".format(self._checkpoint[0])

    def go_on(self):
        """Send the run that was under way to a new worker."""
        if self.state not in ("starting", "running", "paused"):
            return
        step, blob = self._checkpoint or (0, None)
        self._step = step
        self._series.cut(step)
        self._chart.cut(step)
        self._chart.draw()
        begun = self._begun
        self._link.send(protocol.data(begun["data"]), begun["bytes"])
        self._send_start(self.state == "paused", blob)
        if begun["bytes"] != self._choosing.bytes:
            asyncio.create_task(self._choosing.bring_data())

    # ----------------------------------------------------------------------------------------------

    def _send_start(self, paused, blob=None):
        self._enter("starting")
        self._link.send(protocol.start(self._begun["settings"], paused), blob)

    def _fresh_series(self):
        values = self._choosing.experiment.values
        return Series(self._choosing.vocab_size, values["num_steps"])

    def _prepare_chart(self):
        """While there is no run: room for the one that could begin, and its line of guessing."""
        fresh = self._fresh_series()
        self._chart.begin(fresh.num_steps, fresh.guessing)
        self._show_progress()

    def _offer_restart(self):
        going = self.state in ("starting", "running", "paused")
        self.view.offer_restart(
            going and self._begun["signature"] != self._choosing.signature()
        )

    def _enter(self, state):
        self.state = state
        self.view.show_state(state)
        self._offer_restart()

    def _show_progress(self):
        series = self._series or self._fresh_series()
        loss = series.raw[-1] if series.raw else None
        held_out = series.held_out[-1][1] if series.held_out else None
        self.view.show_progress(
            self._step, series.num_steps, loss, held_out, self._seconds, self.state
        )
        if self.state == "starting" and not self._link.up:
            self.view.say("begins as soon as Python is up")
