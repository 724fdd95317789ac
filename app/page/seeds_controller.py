"""Several runs that differ in their seed alone: how many, what the page says and draws of them."""

from pyscript import window

from app.page.run import RunRecord
from app.page.views.dom import write_text
from app.page.workplace import Workplace
from app.shared.commands import TrainSeedsCommand
from app.shared.events import SeedsEvent, SpreadEvent


class SeedsController:
    """The runs beside the current one.

    Args:
        workplace: has the run and the text.
    """

    def __init__(self, workplace: Workplace) -> None:
        self._experiment, self._link = workplace.experiment, workplace.link
        self._run, self._generation = workplace.run, workplace.generation
        self._asked = (0, 1)  # for which run, and for how many

    def run_changed(self) -> None:
        """There is another run, or none any more, or it has gone on."""
        run = self._run.current
        count = int(self._experiment.values["num_runs"])
        wanted = (run.number, count) if run is not None and has_seeds(run) else (0, 1)
        if wanted == self._asked:
            return
        before, self._asked = self._asked, wanted
        self._run.display.chart.set_band(None)
        write_text("seeds-words", "")
        self._generation.show_spread(None)
        if run is not None and count > 1 and wanted[0]:
            self._send(run, count)
        elif before[1] > 1 and run is not None:
            self._send(run, 1)

    def setting_changed(self, name: str) -> None:
        """The setting `name` has changed."""
        if name == "num_runs":
            self.run_changed()

    def on_seeds(self, message: SeedsEvent) -> None:
        """More of them are done."""
        if message["run"] != self._asked[0]:
            return
        numbers = window.Float64Array.new(message["blob"].buffer)
        size = numbers.length // 4
        if size:
            lines = [numbers.subarray(i * size, (i + 1) * size) for i in range(4)]
            self._run.display.chart.set_band(lines)
        write_text("seeds-words", seeds_words(message))

    def on_spread(self, message: SpreadEvent) -> None:
        """How far they differ in what comes next."""
        self._generation.show_spread(message)

    def _send(self, run: RunRecord, count: int) -> None:
        self._link.send(
            TrainSeedsCommand(
                type="train_seeds",
                run=run.number,
                settings=run.settings,
                code=run.code,
                count=count,
            )
        )


def has_seeds(run: RunRecord) -> bool:
    """Whether others can be trained as this run was, but for the seed."""
    return bool(run.number) and not (run.paused or run.only_model or run.base_step)


def seeds_words(message: SeedsEvent) -> str:
    """What is to be said of them."""
    if message["failure"] and not message["seeds"]:
        return message["failure"]
    if message["done"] < message["of"]:
        return f"{message['done']} of {message['of']} seeds are trained."
    what = "held out " if message["held_out"] else ""
    words = f"{message['of']} seeds"
    if not message["middle"]:
        return f"With {words} the numbers became too large."
    low, median, high = [f"{loss:.2f}" for loss in message["middle"]]
    words += f": {what}{median}, 4 in 5 from {low} to {high}."
    if message["diverged"]:
        words += f" {message['diverged']} diverged."
    return f"{words} {message['failure']}".strip()
