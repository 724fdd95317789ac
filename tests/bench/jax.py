"""The engine with JAX beside the compiled one, in floating-point operations a second."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator

from playwright.sync_api import Browser

from app.site.environment import ROOT, ensure_venv
from microgpt.operation_count import step_operations
from tests.bench.jax_steps import JAX_SIZES
from tests.bench.table import Row
from tests.setup.jax_tests import JAX_REQUIREMENTS, JAX_VENV


def measure(_browser: Browser, _url: str) -> Iterator[Row]:
    """The rows of the table: at each size, both engines."""
    python = ensure_venv(JAX_VENV, JAX_REQUIREMENTS)
    times = {}
    for name in ("wasm", "jax"):
        command = [str(python), "-m", "tests.bench.jax_steps", name]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
        times[name] = json.loads(done.stdout)
    for number, (config, batch_size) in enumerate(JAX_SIZES):
        shape = (
            f"n_embd {config.n_embd}, {config.n_layer} layer{'s' * (config.n_layer > 1)}, "
            f"context {config.block_size}, "
            f"batch {batch_size}: {config.num_params:,} weights"
        )
        operations = step_operations(config, batch_size) / 1e9
        for name, words in (("wasm", "compiled engine in wasmtime"), ("jax", "JAX")):
            speeds = [operations / seconds for seconds in times[name][number]]
            yield Row(f"{shape}, {words}", speeds, "GFLOP/s")
