"""How many floating-point operations a training step takes, so that speeds can be compared.

Forward, and twice that backward; the optimizer, softmax and norms are not counted. Documents fill
the context. Of model code each matrix counts once.
"""

from __future__ import annotations

from microgpt.config import ModelConfig


def step_operations(config: ModelConfig, batch_size: int) -> float:
    """Those of a step on `batch_size` documents.

    >>> step_operations(ModelConfig(vocab_size=27), 1)
    355584.0
    """
    return product_operations(config, batch_size) + attention_operations(config, batch_size)


def product_operations(config: ModelConfig, batch_size: int) -> float:
    """Those of its matrix products: one multiplication and one addition a weight and position."""
    weights = sum(rows * columns for rows, columns in multiplied_shapes(config))
    return 3.0 * 2 * weights * batch_size * config.block_size


def attention_operations(config: ModelConfig, batch_size: int) -> float:
    """Those of its attention: each position compares and mixes the keys up to its own."""
    keys = batch_size * config.block_size * (config.block_size + 1) / 2
    return 3 * config.n_layer * 2 * 2 * config.n_embd * keys


def multiplied_shapes(config: ModelConfig) -> list[tuple[int, int]]:
    """The sizes of the matrices that vectors are multiplied with; embeddings are looked up."""
    return [shape for name, shape in config.shapes if name not in ("wte", "wpe")]
