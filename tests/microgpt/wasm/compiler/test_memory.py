"""The memory plan: nothing lies where something lies that is still wanted."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microgpt.config import ModelConfig
from microgpt.wasm.compiler import memory
from microgpt.wasm.compiler.gradient import differentiate
from microgpt.wasm.compiler.graph import Graph, Node, Symbol
from microgpt.wasm.compiler.interface import MAX_LOSSES_PER_CALL
from microgpt.wasm.compiler.layout import CACHE_LINE_BYTES, Tiling, rotation_size
from microgpt.wasm.compiler.memory import (
    CONTROL_ADDRESS,
    MemoryPlan,
    Rows,
    split_passes,
)
from microgpt.wasm.compiler.optimizers import COMPILED_ADAM
from microgpt.wasm.compiler.trace import trace
from tests.support.programs import Program, in_place_of_gpt, programs

TILINGS = [Tiling(4, 4, 4, 2), Tiling(4, 4, 2, 4), Tiling(2, 8, 4, 2)]
few = settings(max_examples=50)


@dataclass(frozen=True)
class Planned:
    """A model with its gradient, and where it lies."""

    graph: Graph
    plan: MemoryPlan

    def size(self, value: Symbol) -> int:
        """How many bytes the kernels may touch, from the address of `value` on."""
        plan = self.plan
        if value.form == "scalars":
            return plan.rows.allocated * plan.tiling.size
        if value.form == "weights":
            groups = plan.layout(value).groups if plan.keeps_attention else 1
            return groups * plan.attention_group
        return plan.rows.allocated * plan.layout(value).stride

    def stretch(self, value: Symbol) -> tuple[int, int]:
        address = self.plan.addresses[value]
        return address, address + self.size(value)

    def lasting(self) -> dict[str, tuple[int, int]]:
        """All that is to stay where it is, from where to where; but for attention's weights."""
        plan = self.plan
        numbers = plan.tiling.size
        sizes = {
            **{f"control {name}": (at, 8) for name, at in plan.control.items()},
            **{f"step {name}": (at, 16) for name, at in plan.step_constants.items()},
            **{f"row {n}": (at, 8 * plan.rows.allocated) for n, at in plan.row_arrays.items()},
            "losses": (plan.losses, 8 * MAX_LOSSES_PER_CALL),
            "weights, optimizer": (plan.weights, plan.gradient_offset),
            "gradients": (plan.weights + plan.gradient_offset, plan.state_size),
            **{
                f"copy {name}": (at, plan.matrices[name].numbers * numbers)
                for name, at in plan.copies.items()
            },
            "snapshot": (plan.snapshot, plan.gradient_offset),
            **{
                f"rotations {layout}": (at, plan.rows.block_size * rotation_size(layout))
                for layout, at in plan.rotations.items()
            },
        }
        if any(node.op == "attention" for node in self.graph.nodes):
            sizes["attention's gradient"] = (plan.attention_gradient, plan.attention_group)
        stretches = {name: (at, at + size) for name, (at, size) in sizes.items()}
        for node in split_passes(self.graph)[0]:
            for value in node.outputs:
                if value.form != "weights" or plan.keeps_attention:
                    stretches[value.name] = self.stretch(value)
        return stretches


def planned(
    config: ModelConfig, tiling: Tiling = TILINGS[0], many: bool = False, kept: bool = True
) -> Planned:
    graph, logits = trace(config)
    differentiate(graph, logits)
    rows = Rows(config.block_size, max(config.block_size, 128) if many else config.block_size)
    with pytest.MonkeyPatch.context() as patch:
        if not kept:
            patch.setattr(memory, "MAX_KEPT_ATTENTION_BYTES", 0)
        return Planned(graph, MemoryPlan(graph, tiling, rows, COMPILED_ADAM))


@st.composite
def architectures(draw: st.DrawFn) -> ModelConfig:
    """From the smallest to middling ones; heads of any size."""
    head_dim = draw(st.integers(1, 32))
    n_head = draw(st.integers(-(-4 // head_dim), 128 // head_dim))
    return ModelConfig(
        vocab_size=draw(st.integers(2, 300)),
        n_embd=head_dim * n_head,
        n_head=n_head,
        n_layer=draw(st.integers(1, 3)),
        block_size=draw(st.integers(1, 70)),
    )


@st.composite
def plans(draw: st.DrawFn) -> Planned:
    """Of `gpt` or of random models, with a few rows or many."""
    config = draw(architectures())
    options = draw(st.tuples(st.sampled_from(TILINGS), st.booleans(), st.booleans()))
    program: Program | None = draw(st.none() | programs)
    if program is None:
        return planned(config, *options)
    with in_place_of_gpt(program):
        return planned(config, *options)


def overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


@few
@given(plans())
def test_what_is_to_stay_has_a_stretch_of_its_own(model: Planned) -> None:
    stretches = sorted((stretch, name) for name, stretch in model.lasting().items())
    for (one, name), (other, other_name) in pairwise(stretches):
        assert not overlap(one, other), (name, other_name)
    assert stretches[0][0][0] >= CONTROL_ADDRESS
    assert stretches[-1][0][1] <= model.plan.end


@few
@given(plans())
def test_nothing_lies_beyond_the_end(model: Planned) -> None:
    made = [value for node in model.graph.nodes for value in node.outputs]
    assert set(made) == set(model.plan.addresses)
    assert max(model.stretch(value)[1] for value in made) <= model.plan.end


@few
@given(plans())
def test_vectors_begin_at_lines(model: Planned) -> None:
    plan = model.plan
    addresses = [*plan.addresses.values(), *map(plan.weight, plan.offsets), *plan.copies.values()]
    sizes = [plan.state_size, plan.uncopied_size]
    assert [number for number in (*addresses, *sizes) if number % CACHE_LINE_BYTES] == []
    assert [number for number in plan.step_constants.values() if number % 16] == []


def overwritable(node: Node) -> set[Symbol]:
    """The inputs that the operation's kernel is able to write its result over."""
    places = node.operation.in_place
    return {node.inputs[place] for place in places if place < len(node.inputs)}


@few
@given(plans())
def test_no_value_is_written_over_while_it_is_wanted(model: Planned) -> None:
    """A run of the operations in which every stretch of memory remembers whose it is."""
    owned: dict[Symbol, tuple[int, int]] = {}
    for node in model.graph.nodes:
        wanted = {v for v in node.inputs if v.form != "weights" or model.plan.keeps_attention}
        assert wanted <= set(owned), node
        for value in node.outputs:
            stretch = model.stretch(value)
            hit = {other for other, theirs in owned.items() if overlap(stretch, theirs)}
            # A kernel that reads and writes one place does so number by number, in order.
            for read in hit & wanted:
                assert read in overwritable(node), node
                assert owned[read] == stretch, node
            for other in hit:
                del owned[other]
            owned[value] = stretch
        assert len(owned.keys() & set(node.outputs)) == len(node.outputs), node
    lasting = model.lasting().items()
    for value, stretch in owned.items():
        others = [name for name, theirs in lasting if overlap(stretch, theirs)]
        assert others in ([], [value.name]), value.name


@few
@given(plans())
def test_gradients_never_touch_what_is_to_stay(model: Planned) -> None:
    highest = max(end for _, end in model.lasting().values())
    for node in split_passes(model.graph)[1]:
        for value in node.outputs:
            assert model.stretch(value)[0] >= highest, value.name


@few
@given(plans())
def test_a_weight_its_moments_and_its_gradient_are_at_one_offset(model: Planned) -> None:
    plan = model.plan
    places = sorted((plan.offsets[name], name) for name in model.graph.weights)
    sizes = {name: plan.matrices[name].numbers * plan.tiling.size for name in plan.offsets}
    for (offset, name), (following, _) in pairwise([*places, (plan.state_size, "")]):
        assert offset + sizes[name] <= following
        assert plan.weight(name) == plan.weights + offset
    for name, offset in plan.offsets.items():
        # The optimizer goes over these together, and must not meet a weight that has a copy.
        inside = offset + sizes[name] <= plan.uncopied_size
        assert inside != (name in plan.copies)
        assert inside or offset >= plan.uncopied_size


@few
@given(plans())
def test_copies_are_of_the_weights_that_products_need(model: Planned) -> None:
    products = {node.weight for node in model.graph.nodes if node.op == "linear"}
    assert set(model.plan.copies) == products


def test_attention_is_kept_where_there_is_room_and_else_computed_twice() -> None:
    config = ModelConfig(vocab_size=5, n_embd=24, n_head=6, n_layer=3, block_size=6)
    kept, shared = planned(config), planned(config, kept=False)
    assert kept.plan.keeps_attention
    assert not shared.plan.keeps_attention
    weights = [value for value in kept.plan.addresses if value.form == "weights"]
    assert len({kept.plan.addresses[value] for value in weights}) == 3
    others = [address for v, address in shared.plan.addresses.items() if v.form == "weights"]
    assert len(others) == 3
    assert len(set(others)) == 1
    assert shared.plan.end < kept.plan.end
    assert shared.plan.attention_group == 14 * 8 * 16  # rows, keys, bytes: one group of heads


@pytest.mark.parametrize("many", [False, True])
def test_gradients_of_a_deeper_model_take_no_more_room(many: bool) -> None:
    """They are given up layer by layer."""
    rooms = []
    for n_layer in (2, 8):
        config = ModelConfig(vocab_size=9, n_embd=16, n_head=4, n_layer=n_layer, block_size=8)
        model = planned(config, many=many)
        highest = max(end for _, end in model.lasting().values())
        rooms.append(model.plan.end - highest)
    assert rooms[0] == rooms[1]
