"""Several devices for the tests with JAX; without JAX there are no tests here."""

from __future__ import annotations

import os
from importlib.util import find_spec

import pytest

HAS_JAX = find_spec("jax") is not None
collect_ignore_glob = [] if HAS_JAX else ["test_*.py"]
# Little is fused, for the same reason, and devices may wait for each other on a busy machine.
XLA_FLAGS = (
    "--xla_cpu_use_fusion_emitters=false --xla_cpu_collective_call_terminate_timeout_seconds=300"
)
NUM_DEVICES = 8  # made of the processor; an accelerator has as many as it has


def pytest_configure() -> None:
    """Sets JAX up before anything starts it."""
    if HAS_JAX:
        import jax

        jax.config.update("jax_num_cpu_devices", NUM_DEVICES)
        # The models are tiny: compiling them well takes longer than they run.
        jax.config.update("jax_disable_most_optimizations", True)
        os.environ.setdefault("XLA_FLAGS", XLA_FLAGS)


@pytest.fixture(params=[1, 2, 8])
def num_devices(request: pytest.FixtureRequest) -> int:
    """Numbers of devices; skips those that an accelerator has not."""
    import jax

    count: int = request.param
    if count > len(jax.devices()):
        pytest.skip(f"there are only {len(jax.devices())} devices here")
    return count
