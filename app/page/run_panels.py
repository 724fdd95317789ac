"""What is known of runs beside their chart: past runs, seeds, Live, meaning, a closer look."""

from app.page.aliases import Action
from app.page.closer_controller import CloserController
from app.page.live_controller import LiveController
from app.page.run_meaning import RunMeaning
from app.page.runs_controller import RunsController
from app.page.seeds_controller import SeedsController
from app.page.workplace import Workplace
from app.shared.events import StepTimeEvent


class RunPanels:
    """The five together.

    Args:
        workplace: has the run.
        changed: called when there is more to keep of the run.
    """

    def __init__(self, workplace: Workplace, changed: Action) -> None:
        self._run = workplace.run
        self.past = RunsController(workplace)
        self.closer = CloserController(workplace)
        self.meaning = RunMeaning(workplace, changed)
        self.seeds = SeedsController(workplace)
        self.live = LiveController(workplace.run)

    def setting_changed(self, name: str) -> None:
        """The setting `name` has changed."""
        self.live.setting_changed(name)
        self.seeds.setting_changed(name)

    def on_step_time(self, message: StepTimeEvent) -> None:
        """A step was measured."""
        self._run.on_step_time(message)
        self.live.estimate_changed()

    def data_changed(self) -> None:
        """There are other data for the next run."""
        self.live.changed()
        self.meaning.next_changed()

    def run_changed(self) -> None:
        """The run has gone on, or there is another, or none any more."""
        self.meaning.run_changed()
        self.past.run_changed()
        self.seeds.run_changed()
        self.live.run_changed()

    def worker_ready(self) -> None:
        """There is a new worker, which knows nothing of what is open."""
        self.meaning.worker_ready()
        self.closer.worker_ready()
