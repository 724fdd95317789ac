"""From an architecture to a WebAssembly module: trace, differentiate, plan, emit.

The module holds the model, its gradient, the optimizer and the training loop; its inputs and
outputs are in its memory, at the addresses of the plan. The compiler knows nothing of hosts.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from microgpt.config import ModelConfig
from microgpt.optimizer import ADAM, Optimizer
from microgpt.settings import SettingError
from microgpt.wasm.assembler import PAGE_BYTES
from microgpt.wasm.assembler.module import Module
from microgpt.wasm.compiler.gradient import append_loss, differentiate
from microgpt.wasm.compiler.graph import Graph, Symbol
from microgpt.wasm.compiler.interface import Interface
from microgpt.wasm.compiler.kernels.kit import Kit
from microgpt.wasm.compiler.kernels.patch import make_patchable
from microgpt.wasm.compiler.kernels.rotate import write_rotations
from microgpt.wasm.compiler.layout import Tiling
from microgpt.wasm.compiler.loop import write_evaluation, write_training
from microgpt.wasm.compiler.memory import MemoryPlan, Rows
from microgpt.wasm.compiler.numbers import Numbers
from microgpt.wasm.compiler.optimizers import COMPILED_OPTIMIZERS, CompiledOptimizer
from microgpt.wasm.compiler.passes import write_backward, write_forward
from microgpt.wasm.compiler.rows import write_context, write_rows
from microgpt.wasm.compiler.state import write_growth, write_state
from microgpt.wasm.compiler.trace import trace

TILE = (2, 4)  # vectors, rows: eight sums keep the adders busy and fit in the registers
BATCH_ROWS = 128  # positions computed together in a step of several documents
MAX_PAGES = 65536


@dataclass(frozen=True, slots=True)
class CompiledModel:
    """A module, and what it was made from."""

    config: ModelConfig
    precision: str
    numbers: Numbers
    bytes: bytes
    graph: Graph
    logits: Symbol
    plan: MemoryPlan

    @property
    def interface(self) -> Interface:
        """What users of the module know about it."""
        return self.plan.interface(self.graph, self.logits)

    @property
    def module(self) -> Module:
        """The module that the bytes encode, emitted anew; for people to read."""
        return _emit(self.numbers, self.graph, self.plan)


@lru_cache(maxsize=8)
def compile_model(
    config: ModelConfig,
    precision: str = "f32",
    relaxed: bool = False,
    optimizer: Optimizer | None = ADAM,
) -> CompiledModel:
    """The module for an architecture.

    Args:
        config: the architecture.
        precision: "f32" or "f64".
        relaxed: whether the host has relaxed SIMD, with multiply-add in one instruction.
        optimizer: how the weights are updated; None for a module that does not train, but whose
            activations can be patched.

    Raises:
        SettingError: the model does not fit into a module's memory, or the optimizer has no
            compiled form.
        GraphError: the operations in `gpt()` do not fit together.
        UnknownOperationError: `gpt()` uses an operation that there is not.
    """
    compiled = None if optimizer is None else _compiled_form(optimizer)
    numbers = Numbers(precision, relaxed)
    graph, logits = trace(config)
    if compiled is None:
        make_patchable(graph)
        append_loss(graph, logits)
    else:
        differentiate(graph, logits)
    tiling = Tiling(numbers.lanes, numbers.size, *TILE)
    rows = Rows(config.block_size, max(config.block_size, BATCH_ROWS))
    plan = MemoryPlan(graph, tiling, rows, compiled)
    if _pages(plan) >= MAX_PAGES:
        raise SettingError(
            f"The model needs {plan.end / 1e9:.1f} GB of memory, but a page can have 4 GB; "
            f"choose fewer layers or a smaller embedding or context."
        )
    encoded = _emit(numbers, graph, plan).encode()
    return CompiledModel(config, precision, numbers, encoded, graph, logits, plan)


def _emit(numbers: Numbers, graph: Graph, plan: MemoryPlan) -> Module:
    module = Module(_pages(plan))
    kit = Kit(module, numbers, plan)
    write_forward(kit, graph)
    if plan.trains:
        write_backward(kit, graph)
        write_state(kit)
    write_growth(kit)
    write_rows(kit)
    write_context(kit)
    if plan.trains:
        write_training(kit)
    write_evaluation(kit)
    write_rotations(kit)
    return module


def _compiled_form(optimizer: Optimizer) -> CompiledOptimizer:
    compiled = COMPILED_OPTIMIZERS.get(optimizer.name)
    if compiled is None:
        raise SettingError(
            f"The compiled engine has no optimizer {optimizer.name!r}: use the scalar engine."
        )
    return compiled


def _pages(plan: MemoryPlan) -> int:
    return -(-plan.end // PAGE_BYTES)
