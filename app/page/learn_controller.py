"""Learn, which is fetched when it is first opened.

The rest of it is in `app/page/learn/`, which is no part of the page until then.
"""

from app.page.aliases import Action
from app.page.data_source import DataSource
from app.page.places_controller import PlacesController
from app.shared.experiment import Experiment
from app.shared.places import LEARN
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class LearnController:
    """The place.

    Args:
        experiment: holds the program of Learn.
        places: lead there.
        source: returns the data of the playground, None before there are any.
    """

    def __init__(
        self,
        experiment: Experiment,
        places: PlacesController,
        source: "Callable[[], DataSource | None]",
    ) -> None:
        self._experiment, self._places, self._source = experiment, places, source
        places.add(LEARN, self._make)

    def _make(self) -> Action:
        from app.page.learn.main import Learn

        learn = Learn(self._open, self._source)
        return lambda: learn.show(self._experiment.program)

    def _open(self, program: str) -> None:
        """The user has chosen another program."""
        self._experiment.program = program
        self._places.go()
