"""The architecture's picture, which follows sliders and text, and its number of parameters."""

from app.page.views.architecture import breakdown_html, flow_html
from app.page.views.dom import OncePerFrame, find, write_text
from microgpt.shapes import ModelSizes, num_params


class ModelView:
    """Shows an architecture and what it makes of the text; it remembers both."""

    def __init__(self) -> None:
        self._shown: list[int] = []
        self._shape: dict[str, int] = {}
        self._read: list[str] = []
        self._probs: list[tuple[str, float]] = []
        self._draw_soon = OncePerFrame(self._draw)

    def show(self, vocab_size: int, shape: dict[str, int]) -> None:
        """Draw the model with this vocabulary and these settings of the table's group MODEL."""
        shown = [vocab_size, shape["n_embd"], shape["n_head"], shape["n_layer"]]
        shown.append(shape["block_size"])
        if shown == self._shown:
            return
        # The picture of before Python was here is that of the defaults.
        first = not self._shown
        self._shown, self._shape = shown, shape
        count = num_params(ModelSizes(vocab_size, **shape))
        for name in ("num-params", "model-chip-words"):
            write_text(name, f"{count:,}")
        find("breakdown").innerHTML = breakdown_html(vocab_size, shape)
        if not first:
            self._draw_soon.request()

    def show_moment(self, read: list[str], probs: list[tuple[str, float]]) -> None:
        """Show what the model reads and what it expects next; arguments as of `flow_html`."""
        self._read, self._probs = read, probs
        self._draw_soon.request()

    def _draw(self) -> None:
        if self._shape:
            find("picture").innerHTML = flow_html(self._shape, self._read, self._probs)
