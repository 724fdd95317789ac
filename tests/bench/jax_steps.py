"""Times steps of one engine at some sizes, in the environment of the tests with JAX.

python -m tests.bench.jax_steps wasm|jax    prints the seconds of each as a JSON list of lists
"""

from __future__ import annotations

import json
import random
import sys
from time import perf_counter

from microgpt.config import ModelConfig, TrainConfig
from microgpt.engine import Engine, create_engine
from microgpt.model import init_weights
from microgpt.operation_count import step_operations

# The architecture, and the documents of a step.
JAX_SIZES = (
    (ModelConfig(27), 1),
    (ModelConfig(96, n_embd=32, n_head=4, n_layer=2, block_size=32), 8),
    (ModelConfig(96, n_embd=64, n_head=4, n_layer=4, block_size=64), 16),
    (ModelConfig(96, n_embd=256, n_head=8, n_layer=6, block_size=128), 8),
    (ModelConfig(96, n_embd=512, n_head=8, n_layer=8, block_size=128), 8),
)
SAMPLES = 5
OPERATIONS_A_SAMPLE = 2e9  # about; a sample is a step at least


def main(name: str) -> None:
    """Times the engine called `name`, and prints the seconds of a step at each size."""
    times = []
    for config, batch_size in JAX_SIZES:
        rng = random.Random(0)
        weights = init_weights(config, rng, 0.02)
        if name == "jax":
            from microgpt.jax.engine import JaxEngine
            from microgpt.jax.layout import make_layout

            engine: Engine = JaxEngine(config, make_layout(), weights)
        else:
            engine = create_engine(name, config, weights)
        length = config.block_size + 1
        documents = [rng.choices(range(config.vocab_size), k=length) for _ in range(batch_size)]
        engine.prepare(documents, TrainConfig(batch_size=batch_size, learning_rate=0.0001))
        steps = max(1, round(OPERATIONS_A_SAMPLE / step_operations(config, batch_size)))
        seconds(engine, min(steps, 200))  # which compiles, or optimizes
        times.append([seconds(engine, min(steps, 200)) for _ in range(SAMPLES)])
    print(json.dumps(times))


def seconds(engine: Engine, steps: int) -> float:
    """The mean time of a step."""
    began = perf_counter()
    for _ in engine.steps(0, steps):
        pass
    return (perf_counter() - began) / steps


if __name__ == "__main__":
    main(sys.argv[1])
