"""The architecture's picture and its number of parameters, which follow the sliders."""

from app.page.views.architecture import architecture_svg, breakdown_html, num_params
from app.page.views.dom import find


class ModelView:
    """Shows an architecture; it remembers the last one."""

    def __init__(self) -> None:
        self._shown: list[int] = []

    def show(self, vocab_size: int, shape: dict[str, int]) -> None:
        """Draw the model with this vocabulary and these settings of the table's group MODEL."""
        n_embd, n_head, n_layer = shape["n_embd"], shape["n_head"], shape["n_layer"]
        shown = [vocab_size, n_embd, n_head, n_layer, shape["block_size"]]
        if shown == self._shown:
            return
        self._shown = shown
        find("picture").innerHTML = architecture_svg(n_embd, n_head, n_layer, shape["block_size"])
        find("num-params").textContent = f"{num_params(vocab_size, shape):,}"
        find("breakdown").innerHTML = breakdown_html(vocab_size, shape)
