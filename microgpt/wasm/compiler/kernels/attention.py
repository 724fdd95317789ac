"""Causal multi-head attention and its derivative, for as many heads at a time as possible.

Each head has its own lanes (`layout.py`), so products of vectors, softmax and its `exp` work on
several heads at once; if a register has more lanes than heads, each head's sums are spread over
several lanes and then reduced. After Vaswani and others, "Attention Is All You Need" (2017); a
window and ALiBi are explained at `Operations.attention`.
"""

from __future__ import annotations

from collections.abc import Sequence

from microgpt.wasm.assembler.function import Function, Local
from microgpt.wasm.compiler.graph import Gradients, Graph, Node, Operation, Symbol
from microgpt.wasm.compiler.kernels.elementwise import accumulate, gradient_of
from microgpt.wasm.compiler.kernels.heads import Heads, RowRange
from microgpt.wasm.compiler.kernels.kit import VECTOR_BYTES, Kit, Pass
from microgpt.wasm.compiler.layout import Layout


def attention(kit: Kit, layout: Layout, window: int = 0, alibi: bool = False) -> Function:
    """out = softmax(q k / sqrt(head_dim)) v for `rows` rows from row `first` on.

    Reads k and v from the first row of each document on; stores the weights, [group][row][key],
    where those before the window are 0.
    """
    heads, plan = Heads(kit, layout), kit.plan
    next_group = plan.attention_group if plan.keeps_attention else 0

    def body(
        f: Function, q: Local, k: Local, v: Local, out: Local, weights: Local, first: Local,
        rows: Local,
    ) -> None:  # fmt: skip
        at = RowRange(kit, f, layout, window)
        slopes = heads.first_slopes(f) if alibi else None
        with kit.repeat(f, layout.groups):
            with at.each_query(first, rows):
                at.clear_before(weights)
                p = f.let(at.weights(weights), "p")
                heads.scores(f, at.vector(q), at.vectors(k), p, at.count, True, slopes)
                heads.softmax(f, p, at.count)
                heads.weighted_sum(f, p, VECTOR_BYTES, at.vectors(v), at.vector(out), at.count)
            for address in (q, k, v, out):
                address.set(address + layout.steps * VECTOR_BYTES)
            weights.set(weights + next_group)
            heads.next_slopes(slopes)

    name = _name("attention", layout, window, alibi)
    return kit.function(name, ("q", "k", "v", "out", "weights", "first", "rows"), body)


def attention_gradient(kit: Kit, layout: Layout, window: int = 0, alibi: bool = False) -> Function:
    """dq, dk and dv from dout, for `rows` rows from row 0 on.

    With the weights p = softmax(s): dp = dout v, ds = p (dp - sum(p dp)), dq = ds k, dk = ds q and
    dv = p dout. This takes two passes over the rows: one by query, one by key.
    """
    heads, plan = Heads(kit, layout), kit.plan
    next_group = plan.attention_group if plan.keeps_attention else 0

    def body(
        f: Function, q: Local, k: Local, v: Local, weights: Local, dout: Local, dq: Local,
        dk: Local, dv: Local, rows: Local,
    ) -> None:  # fmt: skip
        at = RowRange(kit, f, layout, window)
        slopes = heads.first_slopes(f) if alibi else None
        first = f.local("i32", "first")
        scores = f.let(f.constant("i32", plan.attention_gradient), "scores")
        kit.clear_padding(f, layout, [dq, dk, dv], rows)
        with kit.repeat(f, layout.groups):
            with at.each_query(first, rows):
                p = f.let(at.weights(weights), "p")
                ds = f.let(at.weights(scores), "ds")
                if not plan.keeps_attention:
                    heads.scores(f, at.vector(q), at.vectors(k), p, at.count, True, slopes)
                    heads.softmax(f, p, at.count)
                heads.scores(f, at.vector(dout), at.vectors(v), ds, at.count, False)
                heads.softmax_gradient(f, p, ds, at.count)
                heads.weighted_sum(f, ds, VECTOR_BYTES, at.vectors(k), at.vector(dq), at.count)
            with at.each_key(rows):
                down = plan.key_stride
                heads.weighted_sum(
                    f, at.weights(scores), down, at.vector(q), at.vector(dk), at.count
                )
                heads.weighted_sum(
                    f, at.weights(weights), down, at.vector(dout), at.vector(dv), at.count
                )
            for address in (q, k, v, dout, dq, dk, dv):
                address.set(address + layout.steps * VECTOR_BYTES)
            weights.set(weights + next_group)
            heads.next_slopes(slopes)

    names = ("q", "k", "v", "weights", "dout", "dq", "dk", "dv", "rows")
    return kit.function(_name("attention_gradient", layout, window, alibi), names, body)


def _name(kernel: str, layout: Layout, window: int, alibi: bool) -> str:
    variant = f"_window{window}" * bool(window) + "_alibi" * alibi
    return f"{kernel}_{layout.size}_{layout.n_head}{variant}"


def _options(calls: Pass, node: Node) -> tuple[int, bool]:
    """The window, 0 if it holds every document, and whether there is ALiBi."""
    window = node.parameters.get("window", 0)
    return window if window < calls.plan.rows.block_size else 0, "alibi" in node.parameters


def _emit(calls: Pass, node: Node) -> None:
    kernel = attention(calls.kit, calls.plan.layout(node.inputs[0]), *_options(calls, node))
    matrices = [calls.plan.addresses[symbol] for symbol in (*node.inputs, *node.outputs)]
    calls.call(kernel, *matrices, calls.first(), calls.rows)


def _emit_gradient(calls: Pass, node: Node) -> None:
    layout = calls.plan.layout(node.inputs[0])
    kernel = attention_gradient(calls.kit, layout, *_options(calls, node))
    matrices = [calls.plan.addresses[symbol] for symbol in (*node.inputs, *node.outputs)]
    calls.call(kernel, *matrices, calls.rows)


def _gradient(graph: Graph, node: Node, dy: Symbol, so_far: Gradients) -> Sequence[Symbol]:
    weights = node.outputs[1]
    terms = graph.add(
        ATTENTION_GRADIENT,
        (*node.inputs, weights, dy),
        [gradient_of(symbol) for symbol in node.inputs],
        parameters=node.parameters,
    )
    gradients: dict[Symbol, Symbol | None] = dict(zip(node.inputs, so_far, strict=True))
    for symbol, term in zip(node.inputs, terms, strict=True):  # q, k and v may be one symbol
        gradients[symbol] = accumulate(graph, gradients[symbol], term, symbol)
    return [total for symbol in node.inputs if (total := gradients[symbol]) is not None]


ATTENTION = Operation("attention", _emit, _gradient)
ATTENTION_GRADIENT = Operation("attention_gradient", _emit_gradient)
