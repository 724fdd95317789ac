"""The text that is being written, from visit to visit.

Plain Python that MicroPython understands.
"""

from app.page.branches import Branches
from app.page.document import Document
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any


class KeptDocument(Document):
    """A text that can be kept, and gone on with on the next visit; arguments as of `Document`."""

    def __init__(self, vocabulary: list[str], block_size: int, text: str = "") -> None:
        self._kept: dict[str, Any] | None = None  # a text that waits for a model of its tokens
        super().__init__(vocabulary, block_size, text)

    def kept(self) -> "dict[str, Any]":
        """All that is to be known of the text on the next visit, as plain data."""
        return {
            "text": self.text,
            "num_tokens": len(self.vocabulary),
            "ids": self.ids,
            "origins": self._origins,
            "caret": self.caret,
            "seed": self.seed,
        }

    def restore(self, kept: "dict[str, Any]") -> None:
        """Go on with the text of an earlier visit, at once or with the first model that can."""
        self.begin(kept["text"])
        self._kept = kept
        self._take_kept()

    def change_model(self, vocabulary: list[str], block_size: int, beginning: str) -> None:
        """As of `Document`; a text that has waited for this model is there again."""
        super().change_model(vocabulary, block_size, beginning)
        self._take_kept()

    def _change(
        self,
        ids: list[int],
        origins: list[float],
        caret: int,
        branches: Branches | None = None,
        seed: int | None = None,
    ) -> bool:
        self._kept = None  # the user goes on with what is there
        return super()._change(ids, origins, caret, branches, seed)

    def _take_kept(self) -> None:
        """Go on with the kept text, if the current tokens are those that it is made of."""
        kept = self._kept
        if kept is None or kept["num_tokens"] != len(self.vocabulary):
            return
        if self._texts.text_of(kept["ids"]) == kept["text"]:
            self._kept = None
            self.ids, self._origins, self.seed = kept["ids"], kept["origins"], kept["seed"]
            self.branches = Branches()
            self.move(kept["caret"])
            self._cut()
            self._follow()
