"""Floating-point operations a second of the compiled engine, beside those of a library.

The library is NumPy with OpenBLAS on one thread (`__main__.py` sees to that): the same matrix
products and nothing else, as a measure of what the machine can do.
"""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter

import numpy as np
from playwright.sync_api import Browser

from microgpt.config import ModelConfig
from microgpt.operation_count import multiplied_shapes, product_operations, step_operations
from tests.bench.places import Place, here, in_the_worker, take
from tests.bench.table import Row
from tests.browser.app import Playground

FORMULA = """\
A step's floating-point operations: 3 * (2 * weights in products * positions + attention), with
2 * 2 * n_embd * the keys of all positions for the attention of a layer; forward, and twice that
backward. Adam, softmax and norms are not counted. Documents fill the context; 96 tokens."""

VOCAB_SIZE = 96


def measure(browser: Browser, url: str) -> Iterator[Row]:
    """The rows of the table; `url` is the site's."""
    context = browser.new_context(base_url=url, service_workers="block")
    page = context.new_page()
    Playground(page).open().wait_worker()
    places = {"Chromium's worker": in_the_worker(page), "wasmtime": here}
    medium = ModelConfig(VOCAB_SIZE, n_embd=64, n_head=4, n_layer=4, block_size=64)
    large = ModelConfig(VOCAB_SIZE, n_embd=256, n_head=8, n_layer=6, block_size=128)
    for config, batch_size, target in ((medium, 16, 14), (large, 8, 20)):
        yield from rows(places, config, batch_size, target)
    context.close()


def rows(
    places: dict[str, Place], config: ModelConfig, batch_size: int, target: float
) -> Iterator[Row]:
    """The rows of one architecture; `target` is that in Chromium, in GFLOP/s."""
    shape = (
        f"n_embd {config.n_embd}, {config.n_head} heads, {config.n_layer} layers, "
        f"context {config.block_size}, batch {batch_size}"
    )
    operations = step_operations(config, batch_size)
    yield Row(f"{shape}: a step", [operations / 1e9], "GFLOP")
    for place, samples in places.items():
        (seconds,) = take(samples("large_step", *config.sizes, batch_size))
        speeds = [operations / 1e9 / each for each in seconds]
        wanted = target if samples is not here else None
        yield Row(f"the same in {place}", speeds, "GFLOP/s", wanted, higher_is_better=True)
    (seconds,) = take(library(config, batch_size))
    speeds = [product_operations(config, batch_size) / 1e9 / each for each in seconds]
    yield Row("its matrix products in NumPy", speeds, "GFLOP/s")


def library(config: ModelConfig, batch_size: int) -> Iterator[list[float]]:
    """Yields the seconds that NumPy takes for all matrix products of a step."""
    rng = np.random.default_rng(0)

    positions = batch_size * config.block_size
    operands = [
        [rng.random(shape, np.float32) for shape in ((positions, n), (m, n), (positions, m))]
        for m, n in multiplied_shapes(config)
    ]
    while True:
        began = perf_counter()
        for x, w, dy in operands:
            np.matmul(x, w.T)
            np.matmul(dy, w)
            np.matmul(dy.T, x)
        yield [perf_counter() - began]
