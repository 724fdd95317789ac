"""The Lab, which is fetched when it is first opened, and what reaches it from the worker.

The rest of it is in `app/page/lab/`, which is no part of the page until then.
"""

from app.page.aliases import Action
from app.page.places_controller import PlacesController
from app.page.workplace import Workplace
from app.shared.events import ErrorEvent, LabDataEvent, SweepFileEvent, SweptEvent
from app.shared.places import LAB
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from app.page.lab.main import LabView

LAB_COMMANDS = ("lab_data", "sweep", "change_sweep", "save_sweep")


class LabController:
    """The place.

    Args:
        workplace: what its experiments train on, and where their runs are opened.
        places: lead there.
    """

    def __init__(self, workplace: Workplace, places: PlacesController) -> None:
        self._workplace, self._places = workplace, places
        self._lab: LabView | None = None
        places.add(LAB, self._make)

    def _make(self) -> Action:
        from app.page.lab.main import LabView

        lab = self._lab = LabView(self._workplace, self._places.go)
        return lab.show

    def on_data_ready(self, message: LabDataEvent) -> None:
        """The data of an experiment are there, or are not."""
        if self._lab is not None:
            self._lab.on_data_ready(message)

    def on_swept(self, message: SweptEvent) -> None:
        """More of an experiment is done."""
        if self._lab is not None:
            self._lab.on_swept(message)

    def on_file(self, message: SweepFileEvent) -> None:
        """Results as a file."""
        if self._lab is not None:
            self._lab.on_file(message)

    def on_error(self, message: ErrorEvent) -> None:
        """A command of the Lab has failed."""
        if self._lab is not None:
            self._lab.on_error(message)

    def worker_died(self) -> None:
        """The worker is gone, with all that it knew of an experiment: another one is to come."""
        if self._lab is not None:
            self._lab.worker_died()
