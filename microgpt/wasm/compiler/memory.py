"""The memory plan: an address for everything that a compiled model holds.

The results of the forward pass stay until the next one, because the backward pass and whoever reads
activations need them; gradients share memory, each until its last use. The module knows the graph
and the layouts, and nothing of instructions.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass

from microgpt.optimizer import Optimizer
from microgpt.wasm.compiler.graph import Graph, Node, Symbol
from microgpt.wasm.compiler.interface import (
    CONTEXT_FIELDS,
    MAX_LOSSES_PER_CALL,
    SCHEDULE_FIELDS,
    Interface,
)
from microgpt.wasm.compiler.layout import (
    CACHE_LINE_BYTES,
    Layout,
    MatrixLayout,
    Tiling,
    patch_size,
    rotation_size,
)
from microgpt.wasm.compiler.optimizers import CompiledOptimizer

# The attention weights of all layers are kept up to this size; beyond it they are recomputed.
MAX_KEPT_ATTENTION_BYTES = 1 << 28
CONTROL_ADDRESS = 64  # of the control block, whose fields are 8 bytes each
ROW_ARRAYS = ("token", "position", "start", "end", "target", "share")  # one number per row


def control_fields(optimizer: Optimizer | None) -> dict[str, str]:
    """What the module is told and what it reports, by name, as formats of `struct`.

    Numbers have 64 bits, integers and addresses 32.
    """
    settings = () if optimizer is None else optimizer.hyperparameters
    numbers = ("learning_rate", *SCHEDULE_FIELDS, "clip", *settings, "held_out_loss")
    integers = ("cosine", "optimizer_begin", "batch_size")
    tables = ("documents", "document_count", "held_out", "held_out_count")
    return {
        **dict.fromkeys(numbers, "<d"),
        **dict.fromkeys((*integers, *tables), "<I"),
        **dict.fromkeys(("tokens_seen", "rows", "counted_rows", *CONTEXT_FIELDS), "<I"),
    }


@dataclass(frozen=True, slots=True)
class Rows:
    """How many positions are computed together.

    `block_size` is the length of the longest document, `capacity` the number of rows at a time.
    """

    block_size: int
    capacity: int

    @property
    def allocated(self) -> int:
        """Including those that a tile may touch beyond the last."""
        return self.capacity + 8

    @property
    def keys(self) -> int:
        """The attention weights that a row has room for: they are computed four at a time."""
        return -(-self.block_size // 4) * 4


class MemoryPlan:
    """Addresses in bytes, by name or by symbol.

    Args:
        graph: the model with its gradient.
        tiling: how the processor's registers are used.
        rows: how many positions are computed together.
        optimizer: how the weights are updated, and what is kept for each of them; None in a module
            that does not train.
    """

    def __init__(
        self,
        graph: Graph,
        tiling: Tiling,
        rows: Rows,
        optimizer: CompiledOptimizer | None,
    ) -> None:
        self.tiling, self.rows, self.trains = tiling, rows, optimizer is not None
        self._optimizer = optimizer
        self.slots = 0 if optimizer is None else len(optimizer.optimizer.slots)
        self.fields = control_fields(optimizer.optimizer if optimizer else None)
        self.end = CONTROL_ADDRESS
        forward, (_, *backward) = split_passes(graph)
        self.nodes = {"forward": len(forward), "backward": len(backward)}
        self.control = {name: self._take(8, 8) for name in self.fields}
        constants = () if optimizer is None else ("scale", *optimizer.constants)
        self.step_constants = {name: self._take(16, 16) for name in constants}
        self.row_arrays = {name: self._take(8 * rows.allocated) for name in ROW_ARRAYS}
        self.losses = self._take(8 * MAX_LOSSES_PER_CALL if self.trains else 0)
        self._plan_weights(graph)
        self._plan_symbols(graph)

    @property
    def optimizer(self) -> CompiledOptimizer:
        """How the weights are updated; only of a module that trains."""
        assert self._optimizer is not None
        return self._optimizer

    def layout(self, symbol: Symbol) -> Layout:
        """The layout of the vectors of `symbol`."""
        return Layout.of(symbol.dimension, self.tiling)

    def weight(self, name: str) -> int:
        """The address of a weight matrix."""
        return self.weights + self.offsets[name]

    @property
    def gradient_offset(self) -> int:
        """Bytes from a weight to its gradient; the size of all weights and their slots."""
        return (1 + self.slots) * self.state_size

    @property
    def key_stride(self) -> int:
        """Bytes from one row's attention weights to the next row's."""
        return self.rows.keys * self.tiling.lanes * self.tiling.size

    @property
    def attention_group(self) -> int:
        """Bytes of the attention weights of one group of heads: [row][key][lane]."""
        return self.rows.allocated * self.key_stride

    def interface(self, graph: Graph, logits: Symbol) -> Interface:
        """What users of the module that is emitted from this plan and `graph` know about it."""
        forward, _ = split_passes(graph)
        made = [(value, node) for node in forward for value in node.outputs]
        attention = [(value, node) for value, node in made if value.form == "weights"]
        return Interface(
            nodes=self.nodes,
            capacity=self.rows.capacity,
            registers=list(astuple(self.tiling)),
            end=self.end,
            fields=self.fields,
            control=self.control,
            row_arrays=self.row_arrays,
            losses=self.losses,
            weights=self.weights,
            offsets=self.offsets,
            dimensions={
                name: [[layout.size, layout.n_head] for layout in (matrix.rows, matrix.columns)]
                for name, matrix in self.matrices.items()
            },
            state_size=self.state_size,
            slots=self.slots,
            snapshot=self.snapshot,
            values={v.name: self._place(v) for v, _ in made if v.form == "vectors"},
            patches=self.patches,
            attention={value.name: self._place(value) for value, _ in attention},
            keeps_attention=self.keeps_attention,
            attention_inputs={
                value.name: [symbol.name for symbol in node.inputs[:2]] for value, node in attention
            },
            attention_parameters={value.name: dict(node.parameters) for value, node in attention},
            attention_group=self.attention_group,
            key_stride=self.key_stride,
            names=[value.name for value, _ in made if value.form != "scalars"],
            logits=logits.name,
        )

    def _place(self, value: Symbol) -> list[int]:
        return [self.addresses[value], value.dimension.size, value.dimension.n_head]

    def _take(self, size: int, alignment: int = CACHE_LINE_BYTES) -> int:
        address = -(-self.end // alignment) * alignment
        self.end = address + size
        return address

    def _plan_weights(self, graph: Graph) -> None:
        size = self.tiling.size
        self.matrices = {
            weight.name: MatrixLayout(
                Layout.of(weight.rows, self.tiling), Layout.of(weight.columns, self.tiling)
            )
            for weight in graph.weights.values()
        }
        copied = [name for name, weight in graph.weights.items() if "linear" in weight.uses]
        # Those without a transposed copy come first: they are updated together.
        offset = self.uncopied_size = 0
        self.offsets: dict[str, int] = {}
        for name in sorted(graph.weights, key=lambda name: name in copied):
            self.offsets[name] = offset
            offset += -(-self.matrices[name].numbers * size // CACHE_LINE_BYTES) * CACHE_LINE_BYTES
            if name not in copied:
                self.uncopied_size = offset
        # A weight, its slots and its gradient are `state_size` bytes apart.
        self.state_size = offset
        self.weights = self._take(self.gradient_offset + (self.state_size if self.trains else 0))
        self.copies = {name: self._take(self.matrices[name].numbers * size) for name in copied}
        self.snapshot = self._take(self.gradient_offset if self.trains else 0)

    def _plan_symbols(self, graph: Graph) -> None:
        self.addresses: dict[Symbol, int] = {}
        made = [value for node in graph.nodes for value in node.outputs]
        attention = [value for value in made if value.form == "weights"]
        groups = sum(self.layout(value).groups for value in attention)
        group_size = self.attention_group
        self.keeps_attention = groups * group_size <= MAX_KEPT_ATTENTION_BYTES
        self.attention_gradient = self._take(group_size if attention and self.trains else 0)
        shared = 0 if self.keeps_attention else self._take(group_size)
        forward, backward = split_passes(graph)
        for value in (value for node in forward for value in node.outputs):
            if value.form == "weights":
                kept = self.keeps_attention
                room = self.layout(value).groups * group_size
                self.addresses[value] = self._take(room) if kept else shared
            else:
                self.addresses[value] = self._take(self._size(value))
        patched = [node.inputs[0] for node in forward if node.op == "patch"]
        self.patches = {value.name: self._take(patch_size(self.layout(value))) for value in patched}
        self.rotations: dict[Layout, int] = {}
        for layout in [self.layout(n.outputs[0]) for n in forward if n.op == "rotate"]:
            if layout not in self.rotations:
                self.rotations[layout] = self._take(self.rows.block_size * rotation_size(layout))
        self._plan_gradients(backward)

    def _plan_gradients(self, nodes: list[Node]) -> None:
        last = {value: index for index, node in enumerate(nodes) for value in node.inputs}
        start = highest = -(-self.end // CACHE_LINE_BYTES) * CACHE_LINE_BYTES
        live: dict[Symbol, tuple[int, int]] = {}  # from where to where
        for index, node in enumerate(nodes):
            dying = [v for v in dict.fromkeys(node.inputs) if v in live and last[v] == index]
            for value in node.outputs:
                size = self._size(value)
                over = next((v for v in _overwritable(node) if v in dying), None)
                if over is not None:
                    dying.remove(over)
                    address = live.pop(over)[0]
                else:
                    address = _gap(live.values(), start, size)
                self.addresses[value] = address
                live[value] = (address, address + size)
                highest = max(highest, address + size)
            for value in (*dying, *(value for value in node.outputs if value not in last)):
                del live[value]
        self.end = highest

    def _size(self, value: Symbol) -> int:
        if value.form == "scalars":
            return -(-self.rows.allocated * self.tiling.size // CACHE_LINE_BYTES) * CACHE_LINE_BYTES
        return self.rows.allocated * self.layout(value).stride


def split_passes(graph: Graph) -> tuple[list[Node], list[Node]]:
    """The nodes of the forward pass, and those of the loss and the backward pass."""
    loss = next(i for i, node in enumerate(graph.nodes) if node.op == "cross_entropy")
    return graph.nodes[:loss], graph.nodes[loss:]


def _overwritable(node: Node) -> list[Symbol]:
    """The inputs that its result, of the same size, may overwrite."""
    places = node.operation.in_place
    return [node.inputs[place] for place in places if place < len(node.inputs)]


def _gap(taken: Iterable[tuple[int, int]], start: int, size: int) -> int:
    """The lowest address from `start` on where `size` bytes are free."""
    address = start
    for begin, end in sorted(taken):
        if address + size <= begin:
            break
        address = max(address, end)
    return address
