"""The architecture's picture and its number of parameters, which follow the sliders."""

from app.page.views.architecture import architecture_svg, breakdown_html
from app.page.views.dom import find
from microgpt.settings import num_params


class ModelView:
    """Shows an architecture; it remembers the last one."""

    def __init__(self) -> None:
        self._shown: list[int] = []

    def show(self, vocab_size: int, shape: dict[str, int]) -> None:
        """Draw the model with this vocabulary and these settings of the table's group MODEL."""
        n_embd, n_head = shape["n_embd"], shape["n_head"]
        n_layer, block_size = shape["n_layer"], shape["block_size"]
        shown = [vocab_size, n_embd, n_head, n_layer, block_size]
        if shown == self._shown:
            return
        self._shown = shown
        find("picture").innerHTML = architecture_svg(n_embd, n_head, n_layer, block_size)
        find("num-params").textContent = f"{num_params(vocab_size, n_embd, n_layer, block_size):,}"
        find("breakdown").innerHTML = breakdown_html(vocab_size, shape)
