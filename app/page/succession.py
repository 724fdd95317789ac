"""When the worker dies another one is started, and continues with what the page knows."""

from pyscript import document, window

from app.page.errors import spawn
from app.page.inside_controller import InsideController
from app.page.model_controller import ModelController
from app.page.views.dom import find
from app.page.workplace import Workplace

MAX_RESTARTS = 3  # workers that may die within `RESTART_MILLISECONDS`
RESTART_MILLISECONDS = 300_000.0


class Succession:
    """Gives every new worker what the one before it had.

    Args:
        workplace: the line to the worker, and most of what had something there.
        model, inside: the rest of it.
    """

    def __init__(
        self, workplace: Workplace, model: ModelController, inside: InsideController
    ) -> None:
        self._link, self._data, self._code = workplace.link, workplace.data, workplace.code
        self._run, self._generation = workplace.run, workplace.generation
        self._model, self._inside = model, inside
        self._deaths: list[float] = []  # when workers died lately, in milliseconds
        self._death: tuple[str, str] | None = None  # how that is told: its beginning and its end

    def worker_ready(self) -> None:
        """The current worker is up; what became of the one before it can still be read."""
        if self._death is not None:
            self._tell("A new Python has been started")
            self._death = None

    def worker_died(self, reason: str) -> None:
        """Start another worker, unless too many have died.

        Args:
            reason: the beginning of a sentence.
        """
        now = window.performance.now()
        self._deaths = [when for when in self._deaths if now - when < RESTART_MILLISECONDS] + [now]
        document.body.dataset.worker = "dead"
        if len(self._deaths) > MAX_RESTARTS:
            self._link.give_up()
            find("python-state").textContent = "Python has stopped"
            self._run.show_error(
                f"{reason}. Python has stopped {len(self._deaths)} times in a short while: reload "
                "the page to go on. Your settings are kept."
            )
            return
        self._inside.lose_model()
        self._generation.lose_model()
        self._model.lose_worker()
        if self._link.was_up:
            self._code.lose_worker(self._link.fell_silent)
            self._model.update()
        prospects = self._run.comeback.lose_worker()
        self._death = (reason, prospects)
        self._tell("A new Python is being started")
        self._data.lose_worker()
        self._link.restart()
        spawn(self._bring_up(self._link.worker_number))

    def _tell(self, successor: str) -> None:
        if self._death is not None:
            reason, prospects = self._death
            self._run.show_error(f"{reason}. {successor}{prospects}.", stays=True)

    async def _bring_up(self, worker_number: int) -> None:
        """Give a new worker what the one before it had, unless it dies as well meanwhile."""
        self._model.restore()
        run = self._run.current
        if run is not None and run.only_model:
            await self._generation.load_model(run.checkpoint, run.opened)
        else:
            await self._generation.load_model()
        if worker_number == self._link.worker_number:
            await self._run.comeback.continue_in_new_worker()
        if worker_number == self._link.worker_number:
            self._data.restore_rest()
