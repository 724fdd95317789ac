"""Attention's kernels, each by itself, over several documents and over one that grows."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from microgpt.autograd import Value
from microgpt.scalar.operations import LayerCache
from microgpt.wasm.compiler.kernels.attention import attention, attention_gradient
from tests.support.workbench import (
    OPS,
    Setup,
    Workbench,
    data,
    every_setup,
    gradients,
    send_back,
    some,
    values,
)

# Numbers, and heads that they are divided among: as many as lanes, fewer, more, none that fit.
SIZES = [(8, 4), (1, 1), (5, 1), (6, 3), (7, 7), (10, 5), (12, 2), (40, 4), (24, 8)]
every_size = pytest.mark.parametrize("size", SIZES, ids=str)
DOCUMENTS = [[1], [2], [6], [3, 1, 4]]  # as lengths; attention is computed four keys at a time
# A window, and whether scores fall with the distance.
OPTIONS = [(0, False), (1, False), (3, True)]
every_option = pytest.mark.parametrize("options", OPTIONS, ids=str)

Vectors = Sequence[Sequence[Value]]


def by_document(lengths: Sequence[int], rows: Vectors) -> list[Vectors]:
    starts = [sum(lengths[:place]) for place in range(len(lengths))]
    return [rows[start : start + n] for start, n in zip(starts, lengths, strict=True)]


def reference(
    lengths: Sequence[int],
    n_head: int,
    *parts: list[list[Value]],
    window: int = 0,
    alibi: bool = False,
) -> list[Sequence[Value]]:
    """The output of attention for q, k and v, document by document."""
    result: list[Sequence[Value]] = []
    for documents in zip(*(by_document(lengths, part) for part in parts), strict=True):
        cache: LayerCache[Value] = LayerCache()
        for q, k, v in zip(*documents, strict=True):
            vectors = list(q), list(k), list(v)
            result.append(OPS.attention(*vectors, n_head, cache, window=window, alibi=alibi))
    return result


def weights_by_hand(
    lengths: Sequence[int], n_head: int, q: Vectors, k: Vectors, window: int, alibi: bool
) -> list[list[list[float]]]:
    """The attention weights, (row, head, earlier rows of the document and its own)."""
    size = len(q[0]) // n_head
    result = []
    for queries, keys in zip(by_document(lengths, q), by_document(lengths, k), strict=True):
        for place, query in enumerate(queries):
            heads = []
            for head, start in enumerate(range(0, len(query), size)):
                part = slice(start, start + size)
                pairs = [zip(query[part], key[part], strict=True) for key in keys[: place + 1]]
                scores = [sum(a.data * b.data for a, b in pair) / math.sqrt(size) for pair in pairs]
                if alibi:
                    slope = 2 ** (-8 * (head + 1) / n_head)
                    scores = [score - slope * (place - at) for at, score in enumerate(scores)]
                weights = [math.exp(score) for score in scores]
                if window:
                    weights = [w if at > place - window else 0 for at, w in enumerate(weights)]
                heads.append([weight / sum(weights) for weight in weights])
            result.append(heads)
    return result


def weights_count(bench: Workbench) -> int:
    """How many numbers the attention weights of all groups of heads take."""
    return bench.inner.groups * bench.plan.attention_group // bench.setup.tiling.size


def read_weights(bench: Workbench, address: int, row: int, count: int) -> list[list[float]]:
    """What the kernel has left of a row's weights, (head, count)."""
    layout, plan, size = bench.inner, bench.plan, bench.setup.tiling.size
    result = []
    for head in range(layout.n_head):
        group, within = divmod(head, layout.heads_at_once)
        start = address + group * plan.attention_group + row * plan.key_stride
        lane = within * layout.splits
        result.append([bench.numbers(start + 16 * key + lane * size, 1)[0] for key in range(count)])
    return result


def inputs(size: int, rows: int) -> list[list[list[Value]]]:
    """q, k and v; the products of q and k are large enough to prefer some keys."""
    return [values(some(rows, size, seed)) for seed in (1.0, 2.0, 3.0)]


@every_setup
@every_size
@every_option
def test_attention(setup: Setup, size: tuple[int, int], options: tuple[int, bool]) -> None:
    bench = Workbench(setup, *size, rows=8)
    kernel = attention(bench.kit, bench.inner, *options)
    window, alibi = options
    with bench.at_work(kernel):
        for lengths in DOCUMENTS:
            rows = sum(lengths)
            bench.put_documents(lengths)
            parts = inputs(size[0], rows)
            places = [bench.put(bench.inner, data(part)) for part in parts]
            out = bench.put(bench.inner, [[0.0] * size[0]] * rows)  # as a fresh memory is
            weights = bench.put_numbers([math.nan] * weights_count(bench))
            bench.call(kernel, *places, out, weights, 0, rows)
            expected = reference(lengths, size[1], *parts, window=window, alibi=alibi)
            bench.check(bench.vectors(bench.inner, out, rows), data(expected))
            by_hand = weights_by_hand(lengths, size[1], parts[0], parts[1], window, alibi)
            for row, heads in enumerate(by_hand):
                found = read_weights(bench, weights, row, len(heads[0]))
                bench.check(found, heads)


@every_setup
@every_size
@pytest.mark.parametrize("options", [OPTIONS[0], OPTIONS[-1]], ids=str)
def test_attention_row_by_row_over_what_is_known(
    setup: Setup, size: tuple[int, int], options: tuple[int, bool]
) -> None:
    """As a document is written: the keys and values of earlier rows stay where they are."""
    rows = 6
    bench = Workbench(setup, *size, rows=rows)
    kernel = attention(bench.kit, bench.inner, *options)
    parts, (window, alibi) = inputs(size[0], rows), options
    expected = data(reference([rows], size[1], *parts, window=window, alibi=alibi))
    with bench.at_work(kernel):
        bench.put_documents([rows])
        places = [bench.put(bench.inner, data(part)) for part in parts]
        out = bench.put(bench.inner, [[0.0] * size[0]] * rows)
        weights = bench.put_numbers([math.nan] * weights_count(bench))
        for first, count in ((0, 1), (1, 3), (4, 2)):
            bench.call(kernel, *places, out, weights, first, count)
            done = first + count
            bench.check(bench.vectors(bench.inner, out, done), expected[:done])


@every_setup
@every_size
@every_option
@pytest.mark.parametrize("kept", [True, False])
def test_attention_gradient(
    setup: Setup, size: tuple[int, int], options: tuple[int, bool], kept: bool
) -> None:
    """With the weights that the forward pass has kept, or with recomputed weights."""
    bench = Workbench(setup, *size, rows=8, kept=kept)
    forward = attention(bench.kit, bench.inner, *options)
    kernel = attention_gradient(bench.kit, bench.inner, *options)
    window, alibi = options
    with bench.at_work(forward, kernel):
        for lengths in DOCUMENTS:
            rows = sum(lengths)
            bench.put_documents(lengths)
            parts, dout = inputs(size[0], rows), some(rows, size[0], 4.0)
            send_back(reference(lengths, size[1], *parts, window=window, alibi=alibi), dout)
            places = [bench.put(bench.inner, data(part)) for part in parts]
            weights = bench.put_numbers([math.nan] * weights_count(bench))
            if kept:
                bench.call(forward, *places, bench.room(bench.inner), weights, 0, rows)
            derivatives = [bench.room(bench.inner) for _ in range(3)]
            dy = bench.put(bench.inner, dout)
            bench.call(kernel, *places, weights, dy, *derivatives, rows)
            for address, part in zip(derivatives, parts, strict=True):
                found = bench.vectors(bench.inner, address, rows)
                bench.check(found, gradients(part))


@every_setup
def test_scores_of_any_size_make_weights(setup: Setup) -> None:
    """Equal keys share; one that is far ahead takes all, and so does the next one."""
    bench = Workbench(setup, 4, 2, rows=4)
    kernel = attention(bench.kit, bench.inner)
    q = [[100.0, 0.0, -100.0, 0.0]] * 4
    k = [[number, 0.0, -number, 0.0] for number in (0.0, 0.0, 50.0, 100.0)]
    v = [[float(row)] * 4 for row in (1, 2, 3, 4)]
    with bench.at_work(kernel):
        bench.put_documents([4])
        places = [bench.put(bench.inner, part) for part in (q, k, v)]
        out = bench.put(bench.inner, [[0.0] * 4] * 4)
        weights = bench.put_numbers([math.nan] * weights_count(bench))
        bench.call(kernel, *places, out, weights, 0, 4)
        expected = [[1.0] * 4, [1.5] * 4, [3.0] * 4, [4.0] * 4]
        bench.check(bench.vectors(bench.inner, out, 4), expected)
