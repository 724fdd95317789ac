"""The model's picture and its count of weights, which follow the sliders."""

from app.page.views.architecture import architecture_svg, breakdown_html, num_params
from app.page.views.dom import find


class ModelView:
    """Shows an architecture; it remembers the last one."""

    def __init__(self) -> None:
        self.shown: list[int] = []

    def show(self, vocab_size: int, shape: dict[str, int]) -> None:
        """Draw the model of these settings over a vocabulary of this size."""
        key = [vocab_size, shape["n_embd"], shape["n_head"], shape["n_layer"], shape["block_size"]]
        if key == self.shown:
            return
        self.shown = key
        find("picture").innerHTML = architecture_svg(
            shape["n_embd"], shape["n_head"], shape["n_layer"], shape["block_size"]
        )
        find("num-params").textContent = f"{num_params(vocab_size, shape):,}"
        find("breakdown").innerHTML = breakdown_html(vocab_size, shape)
