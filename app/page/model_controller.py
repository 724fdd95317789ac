"""The next run's model: how many weights it has, and its picture, drawn from its operations."""

from app.page.aliases import TakeNumber
from app.page.code_check import CodeCheck
from app.page.link import Link
from app.page.outline_requests import OutlineRequests
from app.page.views.model import ModelView
from app.page.vocabulary import Vocabulary
from app.shared.events import ErrorEvent, OutlineEvent
from app.shared.experiment import Experiment
from microgpt.shapes import ModelSizes, parameter_shapes


class ModelController:
    """Shows the model of the experiment, and which line of its code each part comes from.

    Args:
        experiment: the settings and the model code.
        vocabulary: the tokens of the data.
        link: the line to the worker.
        check: is told whether the model code fits.
    """

    def __init__(
        self, experiment: Experiment, vocabulary: Vocabulary, link: Link, check: CodeCheck
    ) -> None:
        self._experiment = experiment
        self._vocabulary = vocabulary
        self._check = check
        self._pressed: list[TakeNumber] = []
        self._view = ModelView(self._press)
        # The page comes with the picture of the defaults.
        self._requests = OutlineRequests(link.send, "", self._sizes())

    def update(self) -> None:
        """Settings, vocabulary or model code may have changed."""
        code, sizes = self._experiment.code, self._sizes()
        if not code:
            shapes = parameter_shapes(ModelSizes(**sizes))
            self._view.show_matrices([(name, rows, columns, 0) for name, (rows, columns) in shapes])
        self._view.show_context(sizes["block_size"])
        if self._check.is_refused:
            self._requests.want_nothing()
        else:
            self._requests.want(code, sizes)
        self._check.begin(self._requests.waiting)
        if self._check.is_refused:
            self._view.show_problem(self._check.problem)
        self._view.show_waiting(self._requests.waiting)

    def show_moment(self, read: list[str], probs: list[tuple[str, float]]) -> None:
        """Show in the picture what it reads, and what it expects next."""
        self._view.show_moment(read, probs)

    def on_press(self, act: TakeNumber) -> None:
        """Have `act` called with the line of the model code that a pressed part comes from."""
        self._pressed.append(act)

    def mark_line(self, line: int) -> None:
        """Mark the parts that come from this line of the model code; 0 marks none."""
        self._view.mark_line(line)

    # ---- what the worker says --------------------------------------------------------------------

    def on_outline(self, message: OutlineEvent) -> None:
        """Show an outline, if it is that of the model as it is now."""
        if not self._requests.answer(message):
            return
        self._check.take(message["problem"], message["line"], message["num_params"])
        self._view.show_problem(message["problem"])
        if not message["problem"]:
            self._view.show_matrices(message["matrices"])
            self._view.show_model(message["nodes"], message["matrices"])
        self._view.show_waiting(False)

    def on_error(self, message: ErrorEvent) -> None:
        """A command for an outline has failed."""
        if self._requests.fail():
            self._check.take(message["message"], 0, 0)
            self._view.show_problem(message["message"])
            self._view.show_waiting(False)

    def lose_worker(self) -> None:
        """The worker has died."""
        self._requests.lose_worker()

    def restore(self) -> None:
        """There is another worker."""
        self._requests.restore()

    # ----------------------------------------------------------------------------------------------

    def _press(self, line: int) -> None:
        self.mark_line(line)
        for act in self._pressed:
            act(line)

    def _sizes(self) -> dict[str, int]:
        sizes = {"vocab_size": self._vocabulary.vocab_size}
        sizes.update(self._experiment.shape())
        return sizes
