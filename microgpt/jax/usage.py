"""How fast a run is, and how much of the hardware that is."""

from __future__ import annotations

import time
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from microgpt.jax.engine import DTYPES, JaxEngine
from microgpt.jax.layout import DeviceLayout
from microgpt.operation_count import step_operations

MATRIX_SIZE = {"cpu": 1024}  # of the products that are timed, by platform
LARGE_MATRIX_SIZE = 8192  # on all others
REPEATS = 3
MEASURED_FROM = 1e8  # operations of a step: with smaller ones not the products take the time


class Usage:
    """Measures a run while it trains; the compilation and evaluations do not count.

    Args:
        engine: of the run; with several processes each makes one.
        batch_size: documents of a step.
    """

    def __init__(self, engine: JaxEngine, batch_size: int) -> None:
        self._engine = engine
        self._operations = step_operations(engine.config, batch_size)
        self._peak = 0.0  # operations a second
        if self._operations >= MEASURED_FROM:
            self._peak = matrix_speed(engine.layout, engine.precision)
        self._time = 0.0
        self._tokens_before = 0
        self.seconds, self.steps, self.tokens = 0.0, 0, 0

    def add(self, num_losses: int) -> None:
        """Steps were done, or an evaluation (with no losses)."""
        before, self._time = self._time, time.perf_counter()
        tokens_before, self._tokens_before = self._tokens_before, self._engine.tokens_done
        if num_losses and before:  # the first are compiled
            self.seconds += self._time - before
            self.steps += num_losses
            self.tokens += self._tokens_before - tokens_before

    @property
    def devices(self) -> str:
        """How many devices there are, and which."""
        kind = jax.devices()[0].device_kind
        return f"{self._engine.layout.num_devices} ({kind}), processes: {jax.process_count()}"

    @property
    def fields(self) -> dict[str, Any]:
        """The figures by name; none before there are any."""
        if not self.steps:
            return {}
        speed = self.steps * self._operations / self.seconds
        fields = {
            "tokens_per_second": round(self.tokens / self.seconds),
            "operations_per_second": round(speed),
            "devices": self._engine.layout.num_devices,
        }
        return fields | ({"use": round(speed / self._peak, 3)} if self._peak else {})

    @property
    def text(self) -> str:
        """The figures in words; "" before there are any."""
        fields = self.fields
        if not fields:
            return ""
        text = f"{fields['tokens_per_second']:,} tokens/s"
        text += f" | {_speed_text(fields['operations_per_second'])}"
        if "use" in fields:
            text += f", {fields['use']:.0%} of what matrix products reach here"
        return text


def matrix_speed(layout: DeviceLayout, precision: str) -> float:
    """Operations a second of large matrix products on all devices at once, the best of a few."""
    size = MATRIX_SIZE.get(jax.default_backend(), LARGE_MATRIX_SIZE)
    shape = (layout.num_devices, size, size)
    part = np.ones((1, size, size), np.float32)
    matrices = layout.place(shape, layout.by_row, lambda _: part).astype(DTYPES[precision])
    multiply = jax.jit(lambda x: jnp.sum(jnp.matmul(x, x), dtype=jnp.float32))
    multiply(matrices).block_until_ready()
    seconds = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        multiply(matrices).block_until_ready()
        seconds.append(time.perf_counter() - began)
    return float(2.0 * size**3 * layout.num_devices / min(seconds))


def _speed_text(speed: float) -> str:
    if speed >= 1e12:
        return f"{speed / 1e12:.1f} TFLOP/s"
    return f"{speed / 1e9:.1f} GFLOP/s"
