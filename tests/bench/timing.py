"""Times the compiled engine, sample by sample.

Runs under CPython and, unchanged, in the site's own worker, so it imports only the core. Each
function yields samples without end, each of them a list of numbers; in the first few the engine is
not warmed up. Times are in seconds.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import chain
from time import perf_counter

from microgpt.config import ModelConfig, TrainConfig
from microgpt.dataset import split_lines
from microgpt.engine import Engine, create_engine
from microgpt.model import init_weights
from microgpt.model_code.loading import load_code
from microgpt.run import prepare_run
from microgpt.wasm.compiler.compile import compile_model
from microgpt.wasm.runtime.engine import WasmEngine
from microgpt.wasm.runtime.hosts import find_host
from tests.bench.plain import PlainTraining

SLOW_STEPS = 5  # for the slow engines
ROUNDS = 20  # in each of which every way has its turn, shorter than that of a process
ROUND_PARAMETER_STEPS = 1e6  # of each way in a round, times the number of parameters
# Of training, beginning with that of microgpt.py.
WAYS: dict[str, dict[str, float | str]] = {
    "Adam": {},
    "AdamW": {"optimizer": "adamw"},
    "SGD with momentum": {"optimizer": "sgd"},
    "Adam with clipping": {"clip": 1.0},
}

Samples = Iterator[list[float]]


def default_run(text: str) -> Samples:
    """All steps of a run of the default model on the lines of `text`.

    Yields the time of a single call into the module for all of them, and the time of the same steps
    through trainer and engine.
    """
    run = prepare_run(split_lines(text), TrainConfig(), "wasm")
    engine, steps = run.engine, run.training.num_steps
    assert isinstance(engine, WasmEngine)
    weights = engine.weights()
    while True:
        engine.restore(weights, None)
        began = perf_counter()
        done = engine._train(0, steps, 0)
        inside = perf_counter() - began
        once_inside = engine.weights()
        engine.restore(weights, None)
        began = perf_counter()
        losses = list(chain.from_iterable(progress.losses for progress in run.train()))
        around = perf_counter() - began
        if not done == len(losses) == steps or engine.weights() != once_inside:
            raise AssertionError("The two ways of training lead to different models.")
        yield [inside, around]


def step_of_each_engine(text: str) -> Samples:
    """A step of the default model, always on the same few lines of `text`.

    Yields its time in the plain transcription of the formulas, in the scalar engine and in the
    compiled one.
    """
    training = TrainConfig()
    run = prepare_run(split_lines(text), training, "scalar")
    documents = [run.tokenizer.encode(document) for document in run.dataset.train[:SLOW_STEPS]]
    config, weights = run.engine.config, run.engine.weights()
    plain = PlainTraining(config, training, weights)
    wasm = create_engine("wasm", config, weights)
    for engine in (run.engine, wasm):
        engine.prepare(documents, training)
    while True:
        began = perf_counter()
        for step, document in enumerate(documents):
            plain.step(step, document)
        seconds = (perf_counter() - began) / SLOW_STEPS
        # More steps of the compiled engine: a few take less time than the clock can measure.
        yield [
            seconds,
            step_seconds(run.engine, SLOW_STEPS),
            step_seconds(wasm, training.num_steps),
        ]


def step_of_an_edit(text: str, source: str) -> Samples:
    """A step of the compiled engine with default settings on the lines of `text`.

    Yields its time with this model code, and in turn that of the model of the repository.
    """
    training, documents = TrainConfig(), split_lines(text)
    runs = [
        prepare_run(documents, training, "wasm", code=code) for code in (load_code(source), None)
    ]
    while True:
        times = []
        for run in runs:
            run.engine.restore(run.engine.weights(), None)
            times.append(step_seconds(run.engine, training.num_steps))
        yield times


def step_of_each_way(text: str, n_embd: int, n_head: int, n_layer: int) -> Samples:
    """A step of the compiled engine on the lines of `text`, in each of `WAYS`.

    Yields their times in this order: of each the shortest of a few rounds, in which they take
    turns.
    """
    documents = split_lines(text)
    runs = [
        prepare_run(
            documents,
            TrainConfig(learning_rate=0.001, **way),  # type: ignore[arg-type]
            "wasm",
            n_embd=n_embd,
            n_head=n_head,
            n_layer=n_layer,
        )
        for way in WAYS.values()
    ]
    steps = min(1000, int(ROUND_PARAMETER_STEPS / runs[0].engine.config.num_params))
    while True:
        rounds = [[step_seconds(run.engine, steps) for run in runs] for _ in range(ROUNDS)]
        yield [min(times) for times in zip(*rounds, strict=True)]


def large_step(
    vocab_size: int, n_embd: int, n_head: int, n_layer: int, block_size: int, batch_size: int
) -> Samples:
    """A step of the compiled engine (f32) on random documents that fill the context.

    Yields its time.
    """
    config = ModelConfig(vocab_size, n_embd, n_head, n_layer, block_size)
    rng = random.Random(0)
    engine = create_engine("wasm", config, init_weights(config, rng))
    documents = [rng.choices(range(vocab_size), k=block_size + 1) for _ in range(batch_size)]
    engine.prepare(documents, TrainConfig(batch_size=batch_size, learning_rate=0.001))
    while True:
        yield [step_seconds(engine, 1)]


def step_seconds(engine: Engine, steps: int) -> float:
    """The mean time of a step, over `steps` steps."""
    began = perf_counter()
    for _ in engine.steps(0, steps):
        pass
    return (perf_counter() - began) / steps


def compilation(
    vocab_size: int, n_embd: int, n_head: int, n_layer: int, block_size: int
) -> Samples:
    """From an architecture to an instance that is ready to compute.

    Yields the time to emit the module, the time that the host takes to compile and instantiate it,
    and the module's size in bytes.
    """
    config = ModelConfig(vocab_size, n_embd, n_head, n_layer, block_size)
    while True:
        found = find_host()
        assert found is not None
        host = type(found)()  # one that has compiled nothing yet
        compile_model.cache_clear()
        times = [perf_counter()]
        module = compile_model(config, relaxed=host.relaxed).bytes
        times.append(perf_counter())
        instance = host.instantiate(module)
        times.append(perf_counter())
        instance.close()
        yield [times[1] - times[0], times[2] - times[1], len(module)]
