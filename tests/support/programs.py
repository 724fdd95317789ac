"""Random models: programs over the operations that `gpt` may be written in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import strategies as st

from microgpt.config import ModelConfig
from microgpt.wasm.compiler.compile import compile_model
from tests.support import models

SINGLE = ("relu", "silu", "gelu", "rmsnorm")
DOUBLE = ("add", "multiply")
OPERATIONS = (*SINGLE, *DOUBLE, "linear", "attention", "embed", "row", "rotate", "repeat")


@dataclass(frozen=True)
class Step:
    """An operation, and by numbers which of the earlier values, or which weight, it takes."""

    op: str
    wide: bool
    choices: tuple[int, int, int]


@dataclass(frozen=True)
class Program:
    """A model to take the place of `gpt`: steps on vectors of n_embd and of 4 * n_embd numbers."""

    steps: tuple[Step, ...]
    tied: bool

    def __call__(
        self,
        ops: Any,
        config: ModelConfig,
        weights: Mapping[str, Any],
        token: Any,
        position: Any,
        caches: Sequence[Any],
    ) -> Any:
        narrow = [ops.add(ops.embed(weights["wte"], token), ops.embed(weights["wpe"], position))]
        wide: list[Any] = [ops.linear(narrow[0], weights["layer0.mlp_fc1"])]
        unused = list(caches)
        for step in self.steps:
            known = wide if step.wide else narrow
            vectors = [known[-1 - choice % len(known)] for choice in step.choices]
            layer = f"layer{step.choices[1] % config.n_layer}"
            if step.op in (*SINGLE, *DOUBLE):
                known.append(_pointwise(ops, step, *vectors[:2]))
            elif step.op in ("attention", "rotate", "repeat"):
                known += _on_heads(ops, config.n_head, step, vectors, position, unused)
            elif step.op == "row":
                table = f"{layer}.mlp_fc2" if step.wide else "wpe"
                rows = config.n_embd if step.wide else config.block_size
                known.append(ops.row(weights[table], step.choices[0] % rows))
            elif step.op == "embed":
                narrow.append(ops.embed(weights["wte"], token))
            elif step.wide:
                narrow.append(ops.linear(vectors[0], weights[f"{layer}.mlp_fc2"]))
            elif step.choices[2] % 3:
                letter = "qkvo"[step.choices[2] % 4]
                narrow.append(ops.linear(vectors[0], weights[f"{layer}.attn_w{letter}"]))
            else:
                wide.append(ops.linear(vectors[0], weights[f"{layer}.mlp_fc1"]))
        last = ops.add(narrow[-1], ops.linear(wide[-1], weights["layer0.mlp_fc2"]))
        return ops.linear(ops.rmsnorm(last), weights["wte" if self.tied else "lm_head"])


def _pointwise(ops: Any, step: Step, a: Any, b: Any) -> Any:
    if step.op == "add":
        return ops.add(a, b)
    if step.op == "multiply":
        return ops.rmsnorm(ops.multiply(a, b))  # or numbers might grow and grow
    return getattr(ops, step.op)(a)


def _on_heads(
    ops: Any, n_head: int, step: Step, vectors: list[Any], position: Any, unused: list[Any]
) -> list[Any]:
    """The result; none of an attention without a cache, and none of heads that are odd."""
    if step.op == "attention":
        options = {"window": step.choices[1] % 5, "alibi": step.choices[2] % 2 == 0}
        return [ops.attention(*vectors, n_head, unused.pop(), **options)] if unused else []
    if step.op == "repeat":
        return [ops.repeat(vectors[0], n_head, 1)]
    return [ops.rotate(vectors[0], position, n_head)] if step.wide else []


choices = st.tuples(*[st.integers(0, 11)] * 3)
steps = st.builds(Step, st.sampled_from(OPERATIONS), st.booleans(), choices)
programs = st.builds(Program, st.lists(steps, max_size=12).map(tuple), st.booleans())


@contextmanager
def in_place_of_gpt(program: Program) -> Iterator[None]:
    """Let the compiler and the scalar reference compute `program` for a while."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("microgpt.model.gpt", program)
        patch.setattr(models, "gpt", program)
        compile_model.cache_clear()
        yield
    compile_model.cache_clear()
