"""Which matrices a model has, and how many weights. The page counts with it: MicroPython reads it.

`parameter_shapes` is the first of the two functions that define a model; the other one is `gpt`.
"""

MYPY = False  # which type checkers take for true

if MYPY:
    from typing import Protocol

    class Sizes(Protocol):
        """The sizes that a model is made for."""

        @property
        def vocab_size(self) -> int:
            """Tokens of the vocabulary."""

        @property
        def n_embd(self) -> int:
            """Numbers of a token's vector."""

        @property
        def n_head(self) -> int:
            """Attention heads of a layer."""

        @property
        def n_layer(self) -> int:
            """Layers."""

        @property
        def block_size(self) -> int:
            """Tokens of the longest document."""

    Shapes = list[tuple[str, tuple[int, int]]]  # (name, (rows, columns)) of each matrix


class ModelSizes:
    """The sizes that a model is made for, where they are not to be checked.

    Args:
        vocab_size: tokens of the vocabulary.
        n_embd, n_head, n_layer, block_size: as in the table of settings.
    """

    def __init__(
        self, vocab_size: int, n_embd: int, n_head: int, n_layer: int, block_size: int
    ) -> None:
        self.vocab_size = vocab_size
        self.n_embd = n_embd
        self.n_head = n_head
        self.n_layer = n_layer
        self.block_size = block_size


def parameter_shapes(config: "Sizes") -> "Shapes":
    """The matrices in order: the name of each, and its rows and columns.

    Each row of `wte` and `wpe` is an embedding; every other matrix turns a vector of `columns`
    numbers into one of `rows`.
    """
    n_embd = config.n_embd
    shapes = [
        ("wte", (config.vocab_size, n_embd)),
        ("wpe", (config.block_size, n_embd)),
        ("lm_head", (config.vocab_size, n_embd)),
    ]
    for layer in range(config.n_layer):
        shapes += [
            (f"layer{layer}.attn_wq", (n_embd, n_embd)),
            (f"layer{layer}.attn_wk", (n_embd, n_embd)),
            (f"layer{layer}.attn_wv", (n_embd, n_embd)),
            (f"layer{layer}.attn_wo", (n_embd, n_embd)),
            (f"layer{layer}.mlp_fc1", (4 * n_embd, n_embd)),
            (f"layer{layer}.mlp_fc2", (n_embd, 4 * n_embd)),
        ]
    return shapes


def num_params(sizes: "Sizes") -> int:
    """How many weights the model has in all.

    >>> num_params(ModelSizes(27, 16, 4, 1, 16))
    4192
    """
    return sum([rows * columns for _, (rows, columns) in parameter_shapes(sizes)])
