"""The moment that the views speak of: a model, and the text that it reads."""

from app.page.distribution import Distribution
from app.page.document import Document
from app.shared.events import ExplorationEvent, ModelEvent
from app.shared.typed import Blob
from app.shared.uniform import uniform


class Moment:
    """A text up to its caret, as a model reads it.

    Args:
        model: what the worker has said of the model.
        text: the text, whose caret is the moment.
        answer: what the model makes of it, None if that is not known yet.
    """

    def __init__(self, model: ModelEvent, text: Document, answer: ExplorationEvent | None) -> None:
        self.model = model
        self.vocabulary = text.vocabulary  # the text of each token; the one after them is the end
        written = [] if text.at_new_text else text.ids
        self.tokens = [token for token in written if token != text.end]
        self.position = 0 if text.at_new_text else text.caret  # how many of them the model reads
        self.branches, self.caret = text.branches, text.caret
        self.full = text.full  # whether nothing can follow, because the context is full
        followed = self.position < len(written)
        # The token that stands behind the caret, None where none does.
        self.following: int | None = written[self.position] if followed else None
        # The number from 0 to below 1 that chose it; None if the user did.
        self.number = text.number(self.position) if followed else None
        # The number that would choose the next token at the caret.
        self.next_number = uniform(text.seed, self.position)
        self.blob: Blob = None  # the big arrays of the newest inspection
        self.upcoming: Distribution | None = None
        self.take(answer)

    def take(self, answer: ExplorationEvent | None) -> None:
        """Take over what the model makes of it by now."""
        if answer is not None and answer["upcoming"] is not None:
            self.upcoming = Distribution(answer["upcoming"], self.following)

    def is_like(self, other: "Moment") -> bool:
        """Whether the same model reads the same tokens of the same text."""
        return (
            self.model["number"] == other.model["number"]
            and self.position == other.position
            and self.caret == other.caret
            and self.branches is other.branches
            and self.tokens == other.tokens
        )
