"""The map of embeddings: its axes are the principal ones, and it neither flips nor spins."""

from __future__ import annotations

import random
from math import cos, dist, hypot, pi, sin
from operator import mul

import pytest

from microgpt.interpret.embedding_map import (
    EmbeddingMap,
    Point,
    covariance,
    embedding_map,
    nearest_neighbours,
    principal_axes,
    procrustes,
)

Rows = list[list[float]]


def table(rows: int, columns: int, seed: int = 1, falling: float = 0.9) -> Rows:
    """A table of embeddings that varies less from direction to direction."""
    rng = random.Random(seed)
    mix = [[rng.gauss(0, 1) for _ in range(columns)] for _ in range(columns)]
    result = []
    for _ in range(rows):
        source = [rng.gauss(0, 1) * falling**i for i in range(columns)]
        result.append([1 + sum(map(mul, source, column)) for column in mix])
    return result


def moved(rows: Rows, seed: int, size: float) -> Rows:
    rng = random.Random(seed)
    return [[x + rng.gauss(0, size) for x in row] for row in rows]


def furthest(one: EmbeddingMap, other: EmbeddingMap) -> float:
    """How far the point that moved most has moved."""
    return max(map(dist, one.points, other.points))


@pytest.mark.parametrize("shape", [(27, 16), (200, 64), (5, 16), (40, 2)])
@pytest.mark.parametrize("seed", [1, 2])
def test_axes_and_shares_are_those_of_a_singular_value_decomposition(
    shape: tuple[int, int], seed: int
) -> None:
    np = pytest.importorskip("numpy", reason="a decomposition to compare with")
    rows = table(*shape, seed)
    found = embedding_map(rows)
    centred = np.array(rows) - np.mean(rows, axis=0)
    _, values, vectors = np.linalg.svd(centred)
    for i in range(2):
        assert abs(float(np.dot(vectors[i], found.axes[i]))) == pytest.approx(1, abs=1e-9)
        share = float(values[i] ** 2 / np.sum(values**2))
        assert found.shares[i] == pytest.approx(share, rel=1e-9)
        coordinates = np.array([point[i] for point in found.points])
        expected = centred @ vectors[i]
        sign = np.sign(np.dot(coordinates, expected))
        assert np.allclose(sign * coordinates, expected, atol=1e-6 * float(values[0]))


def test_axes_are_eigenvectors_with_the_largest_eigenvalues() -> None:
    matrix = covariance(list(zip(*table(30, 12), strict=True)))
    axes, values = principal_axes(matrix)
    trace = sum(matrix[i][i] for i in range(12))
    assert trace > values[0] + values[1]
    assert values[0] > values[1] > (trace - values[0] - values[1]) / 10, "larger than the mean"
    for axis, value in zip(axes, values, strict=True):
        image = [sum(map(mul, row, axis)) for row in matrix]
        assert image == pytest.approx([value * x for x in axis], abs=1e-5 * value)


def test_frames_that_start_from_the_one_before_end_at_the_same_axes() -> None:
    rows = table(27, 16)
    frame = embedding_map(rows)
    for seed in range(5):
        rows = moved(rows, seed, 0.05)
        frame = embedding_map(rows, frame)
    fresh = embedding_map(rows)
    for axis, other in zip(frame.axes, fresh.axes, strict=True):
        assert abs(sum(map(mul, axis, other))) == pytest.approx(1, abs=1e-6)
    assert frame.shares == pytest.approx(fresh.shares, abs=1e-6)


def test_a_map_does_not_flip() -> None:
    """An axis has no sign: whatever the iteration starts from, the one before decides."""
    rows = table(27, 16)
    frame = embedding_map(rows)
    flips = [(1, 1), (-1, 1), (1, -1), (-1, -1)]
    for first, second in flips:
        before = frame._replace(points=[(first * x, second * y) for x, y in frame.points])
        after = embedding_map(rows, before)
        assert furthest(before, after) < 1e-5
        assert after.turn == pytest.approx(0, abs=1e-6)


def ellipse(width: float, height: float) -> Rows:
    """Points around an ellipse."""
    angles = [2 * pi * i / 24 for i in range(24)]
    return [[width * cos(angle), height * sin(angle)] for angle in angles]


def test_a_map_does_not_spin_when_the_axes_change_places() -> None:
    """The second direction becomes the first: points turn slowly, and come to rest on the axes."""
    frame = embedding_map(ellipse(1.01, 1.0))
    largest = 0.0
    for i in range(200):
        after = embedding_map(ellipse(1.01, 1.0 + min(i, 20) / 100), frame)
        largest = max(largest, furthest(frame, after))
        frame = after
    assert largest < 0.3, "a map that follows its axes at once jumps by more than 1"
    assert frame.turn == pytest.approx(0, abs=1e-6)
    straight = embedding_map(ellipse(1.01, 1.2), frame, straightening=1)
    assert furthest(frame, straight) < 1e-5
    assert max(abs(x) for x, _ in frame.points) == pytest.approx(1.2, abs=0.01)


@pytest.mark.parametrize("mirror", [1, -1])
@pytest.mark.parametrize("angle", [0.0, 0.3, 1.5, 2.0, -0.7, -3.0, pi])
def test_procrustes_finds_a_turn_and_a_reflection(angle: float, mirror: int) -> None:
    rng = random.Random(3)
    points = [(rng.gauss(0, 2), rng.gauss(0, 1)) for _ in range(20)]
    c, s = cos(angle), sin(angle)
    onto = [(c * x - s * mirror * y, s * x + c * mirror * y) for x, y in points]
    signs, turn = procrustes(points, onto)
    assert abs(turn) <= pi / 2
    c, s = cos(turn), sin(turn)

    def brought(point: Point) -> Point:
        x, y = signs[0] * point[0], signs[1] * point[1]
        return c * x - s * y, s * x + c * y

    assert max(map(dist, map(brought, points), onto)) < 1e-9


@pytest.mark.parametrize("rows", [[[1.0, 2.0, 3.0]], [[1.0, 2.0]] * 3, [[1.0], [2.0], [4.0]]])
def test_tables_without_two_directions_are_mapped_too(rows: Rows) -> None:
    found = embedding_map(rows, embedding_map(rows))
    assert len(found.points) == len(rows)
    assert all(hypot(*point) < 10 and point[1] == pytest.approx(0) for point in found.points)
    assert found.shares[1] == pytest.approx(0)


def test_a_table_of_another_shape_starts_anew() -> None:
    rows = table(10, 4)
    assert embedding_map(rows, embedding_map(table(9, 4))) == embedding_map(rows)
    assert embedding_map(rows, embedding_map(table(10, 5))) == embedding_map(rows)


def test_neighbours_are_the_closest_by_angle() -> None:
    rows = [[1.0, 0.0], [5.0, 0.1], [0.0, 1.0], [-1.0, 0.0], [0.0, 0.0], [1.0, 1.0]]
    found = nearest_neighbours(rows, 0, 10)
    assert [row for row, _ in found] == [1, 5, 2, 4, 3]
    assert dict(found)[5] == pytest.approx(0.5**0.5)
    assert dict(found)[3] == pytest.approx(-1)
    assert dict(found)[4] == 0
    assert nearest_neighbours(rows, 0, 2) == found[:2]
