"""What a run means: baselines in its chart, its verdict, one change to try, and all about it.

The rest of it is in `app/page/meaning/`, which is no part of the page until it is wanted.
"""

from app.page.advice import Suggestion, advise, verdict
from app.page.aliases import Action
from app.page.cautions import Caution, caution
from app.page.part_loader import PartLoader
from app.page.views.dom import find, on_press, write_text
from app.page.workplace import Workplace
from app.shared.commands import ShowNearestCommand
from app.shared.events import BaselinesEvent, NearestLinesEvent, SamplesVerdictEvent
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from app.page.meaning.main import MeaningPanel


class RunMeaning:
    """Beside the verdict: a button with a change, and one that opens what else is known.

    Args:
        workplace: has the run, and the settings of the next.
        changed: called when there is more to keep of the run.
    """

    def __init__(self, workplace: Workplace, changed: Action) -> None:
        self._workplace, self._changed = workplace, changed
        self._advice: Suggestion | None = None
        self._panel: MeaningPanel | None = None
        self._open = False
        self._loader = PartLoader("meaning", self._use_part, self._fail)
        self._caution: Caution | None = None
        on_press("advice", self._follow)
        on_press("caution-remedy", self._remedy)
        on_press("meaning-open", self._press)

    def on_baselines(self, message: BaselinesEvent) -> None:
        """What counting comes to is known."""
        run = self._workplace.run.numbered(message["run"])
        if run is None:
            return
        run.series.baselines = [(name, loss) for name, loss in message["losses"]]
        self._workplace.run.display.show_baselines(run.series.baselines)
        self._show_verdict()

    def on_samples_verdict(self, message: SamplesVerdictEvent) -> None:
        """What the run's lines say of it is known."""
        run = self._workplace.run.numbered(message["run"])
        if run is None:
            return
        run.series.learned = dict(message)
        self._show_verdict()
        self.run_changed()
        self._changed()

    def on_nearest_lines(self, message: NearestLinesEvent) -> None:
        """More is known of the lines that its own are nearest to."""
        run = self._workplace.run.numbered(message["run"])
        if self._panel is not None and run is not None:
            self._panel.on_nearest_lines(message)

    def run_changed(self) -> None:
        """The run has gone on, or there is another, or none any more."""
        run = self._workplace.run.current
        over = run is not None and self._workplace.run.is_over and run.series.known
        self._advice = None
        if over and run is not None:
            self._advice = advise(run.series, run.settings_now)
        locked = self._advice is not None and any(
            self._workplace.experiment.arrangement.locks(name) for name in self._advice.changes
        )
        label = "" if self._advice is None or locked else self._advice.label
        write_text("advice", label)
        find("advice").hidden = not label
        find("meaning-open").hidden = not over
        if not over and self._open:
            self._press()
        if self._panel is not None:
            self._panel.show(run if over else None)

    def next_changed(self) -> None:
        """The next run is another: say so where its settings make no sense."""
        found = self._caution = caution(self._workplace.run.next_facts())
        find("caution").hidden = found is None
        if found is None:
            return
        write_text("caution-words", found.words)
        locks = self._workplace.experiment.arrangement.locks
        free = bool(found.label) and not any(locks(name) for name in found.changes)
        write_text("caution-remedy", found.label)
        find("caution-remedy").hidden = not free

    def _remedy(self) -> None:
        if self._caution is not None:
            self._workplace.setup.change_settings(self._caution.changes)

    def worker_ready(self) -> None:
        """There is a new worker, which knows nothing of what is open."""
        if self._open and self._panel is not None:
            self._tell()

    def _show_verdict(self) -> None:
        run = self._workplace.run.current
        if run is not None and self._workplace.run.is_over and run.series.known:
            self._workplace.run.display.show_verdict(verdict(run.series, run.settings_now))

    def _follow(self) -> None:
        """Train with the change that is offered."""
        advice, work = self._advice, self._workplace
        if advice is None:
            return
        work.setup.change_settings(advice.changes)
        if advice.longer:
            work.run.train_longer()
        else:
            work.run.start()

    def _press(self) -> None:
        self._open = not self._open
        find("meaning-open").setAttribute("aria-expanded", "true" if self._open else "false")
        find("meaning").hidden = not self._open
        if self._panel is not None:
            self._tell()
        elif self._open:
            self._loader.want()

    def _tell(self) -> None:
        command = ShowNearestCommand(type="show_nearest", shown=self._open)
        self._workplace.link.send(command)

    def _use_part(self) -> None:
        from app.page.meaning.main import MeaningPanel

        find("meaning-notice").hidden = True
        self._panel = MeaningPanel()
        self.run_changed()
        if self._open:
            self._tell()

    def _fail(self) -> None:
        find("meaning-notice").hidden = False
