"""What a user of a compiled module knows about it: plain data, which is kept beside the module.

The memory plan writes it, the runtime reads it; whoever has it needs neither graph nor plan.
"""

from __future__ import annotations

from dataclasses import dataclass

from microgpt.wasm.compiler.layout import Layout, MatrixLayout, Tiling

CONTEXT_FIELDS = ("known_rows", "new_rows")  # one after the other, to be written together
MAX_LOSSES_PER_CALL = 4096  # of `train`
# Of `microgpt.schedules.Schedule`, in steps.
SCHEDULE_FIELDS = ("begin", "warmup_steps", "decay_begin", "decay_steps")


@dataclass(frozen=True, slots=True)
class Interface:
    """Addresses in bytes, by name, and how the numbers there are arranged."""

    nodes: dict[str, int]  # how many `forward` and `backward` have
    capacity: int  # rows at a time
    registers: list[int]  # the fields of `Tiling`
    end: int  # of the memory that the model needs
    fields: dict[str, str]  # of the control block, as formats of `struct`
    control: dict[str, int]  # their addresses
    row_arrays: dict[str, int]  # one number per row, 8 bytes each
    losses: int
    weights: int  # the first of them
    offsets: dict[str, int]  # of each matrix, from `weights` on
    dimensions: dict[str, list[list[int]]]  # of each matrix: size and heads, of rows and columns
    state_size: int  # of all weights; each slot of the optimizer has the same
    slots: int
    snapshot: int  # of weights and slots; they are arranged as in place
    values: dict[str, list[int]]  # vectors that `forward` makes: address, size, heads
    patches: dict[str, int]  # of those vectors that can be patched: `keep`, `add`, a flag
    attention: dict[str, list[int]]  # attention weights: address, size, heads
    keeps_attention: bool  # whether they stay after `forward`
    attention_inputs: dict[str, list[str]]  # queries and keys, by the name of attention weights
    attention_parameters: dict[str, dict[str, int]]  # `window` and `alibi`, where there are any
    attention_group: int  # bytes of the attention weights of one group of heads
    key_stride: int  # bytes from one row's attention weights to the next row's
    names: list[str]  # of vectors and of attention weights, in the order of computation
    logits: str  # the name of the last value

    @property
    def tiling(self) -> Tiling:
        """How the processor's registers are used."""
        return Tiling(*self.registers)

    def matrix(self, name: str) -> MatrixLayout:
        """The layout of a weight matrix."""
        rows, columns = self.dimensions[name]
        return MatrixLayout(self.layout(*rows), self.layout(*columns))

    def layout(self, size: int, n_head: int) -> Layout:
        """The layout of vectors of `size` numbers, divided among `n_head` heads."""
        return Layout(size, n_head, self.tiling)
