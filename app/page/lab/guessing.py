"""The guess: asked before the runs begin, and shown beside what came out."""

from app.page.aliases import JsProxy
from app.page.lab.experiment_run import ExperimentRun
from app.page.lab.experiments import LabExperiment
from app.page.lab.guess_html import GUESS_STEPS, answer_html, number_words, question_html, value_at
from app.page.views.dom import HtmlPlace, find, listen
from app.shared.typed import TYPE_CHECKING
from microgpt.lab.ready import NUMBER_GUESS

if TYPE_CHECKING:
    from microgpt.lab.ready import Guess


class Guessing:
    """The place of the guess.

    Args:
        run: keeps it.
    """

    def __init__(self, run: ExperimentRun) -> None:
        self._run = run
        self._guess: Guess | None = None
        self._place = HtmlPlace(find("lab-guess"))
        listen(find("lab-guess"), "input", self._take)

    def open(self, experiment: LabExperiment) -> None:
        """Another experiment is open."""
        self._guess = experiment.guess
        self.show("")

    def show(self, answer: "float | str") -> None:
        """Ask, or show what came out; `answer`: "" where it is too early to say."""
        guess, given = self._guess, self._run.about.get("guess")
        if guess is None:
            self._place.write("")
        elif answer == "":
            if not find("lab-guess").contains(find("lab-guess").ownerDocument.activeElement):
                self._place.write(question_html(guess, given))
        else:
            self._place.write(answer_html(guess, given, answer))

    def _take(self, event: JsProxy) -> None:
        guess, widget = self._guess, event.target
        if guess is None:
            return
        if guess.kind == NUMBER_GUESS:
            value = value_at(guess, float(widget.value) / GUESS_STEPS)
            words = number_words(value)
            widget.parentElement.querySelector("output").textContent = words
            widget.setAttribute("aria-valuetext", words)
            widget.style.setProperty("--part", f"{100 * float(widget.value) / GUESS_STEPS:.1f}%")
            self._run.set_guess(value)
        else:
            self._run.set_guess(guess.options[int(widget.value)])
