"""Engines with JAX for the tests, and the compiled one that they are held against."""

from __future__ import annotations

from collections.abc import Sequence

import jax

from microgpt.config import ModelConfig
from microgpt.engine import Engine, create_engine
from microgpt.jax.engine import JaxEngine
from microgpt.jax.layout import make_layout
from microgpt.model import Weights
from tests.support.models import DOCUMENTS, SMALL, weights_of


def jax_engine(
    config: ModelConfig = SMALL,
    weights: Weights | None = None,
    devices: int = 1,
    large_matrix: int = 1,
    precision: str = "f32",
) -> JaxEngine:
    """An engine on the first few devices; by default every matrix is spread that can be."""
    layout = make_layout(jax.devices()[:devices], large_matrix)
    return JaxEngine(config, layout, weights or weights_of(config), precision)


def compiled_engine(config: ModelConfig = SMALL, weights: Weights | None = None) -> Engine:
    """The compiled engine in 64 bits, with the same weights."""
    return create_engine("wasm", config, weights or weights_of(config), "f64")


def documents_of(
    config: ModelConfig, documents: Sequence[Sequence[int]] = DOCUMENTS
) -> list[list[int]]:
    """Documents for a vocabulary, between its BOS tokens."""
    bos = config.vocab_size - 1
    return [[bos, *(token % bos for token in document[1:-1]), bos] for document in documents]
