"""Embeddings as a map: their two principal components, steady from frame to frame.

The axes are the two directions in which the rows of a table vary most: the eigenvectors of their
covariance with the largest eigenvalues (Pearson, 1901; Hotelling, 1933). Orthogonal iteration finds
them (Golub and Van Loan, "Matrix Computations", 8.2): multiply two vectors by the covariance, make
them orthonormal, repeat; in the end rotate them within their plane onto the axes (Rayleigh-Ritz).
The axes of the frame before are a good start, so while a model trains a few rounds are enough.

Axes have no sign, and where both vary alike they have no direction either: left alone, a map would
flip and spin. So the points are turned onto those of the frame before, as well as a rotation and a
reflection can (the orthogonal Procrustes problem; Schönemann, 1966), and of this turn a part is
taken back in every frame, so that the map comes to rest on its axes.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from math import atan2, cos, fsum, hypot, pi, sin, sqrt
from operator import mul
from typing import NamedTuple

Plane = tuple[list[float], list[float]]  # two orthonormal vectors, (n_embd,) each
Point = tuple[float, float]

MAX_ROUNDS = 1000  # of the iteration, when it starts from nothing
MAX_WARM_ROUNDS = 24  # when it starts from the frame before: a millisecond or two
TOLERANCE = 1e-15  # of what a round still moves the plane: the squared sine of the angle
STRAIGHTENING = 0.15  # the part of its turn that a frame takes back


class EmbeddingMap(NamedTuple):
    """The rows of a table as points in two dimensions."""

    points: list[Point]  # of each row, around the mean of all
    shares: Point  # the shares of the variance that the two axes have, 0 to 1
    axes: Plane  # the principal axes
    turn: float  # radians by which the points are turned against the axes


def embedding_map(
    rows: Sequence[Sequence[float]],
    previous: EmbeddingMap | None = None,
    straightening: float = STRAIGHTENING,
) -> EmbeddingMap:
    """Map the rows of a table by principal components.

    Args:
        rows: the embeddings, (rows, n_embd); at least one.
        previous: the frame before, of a table of this shape, to start from and to stay close to.
        straightening: the part of its turn that this frame takes back; with 1 the points lie
            exactly along the axes, and only their signs are those of the frame before.
    """
    columns = [_centred(column) for column in zip(*rows, strict=True)]
    if previous and (len(previous.points), len(previous.axes[0])) != (len(rows), len(columns)):
        previous = None
    axes, variances = principal_axes(covariance(columns), previous.axes if previous else None)
    total = fsum([sum(map(mul, column, column)) for column in columns]) or 1.0
    shares = (variances[0] / total, variances[1] / total)
    centred = list(zip(*columns, strict=True))
    points = [(_dot(row, axes[0]), _dot(row, axes[1])) for row in centred]
    if previous is None:
        return EmbeddingMap(points, shares, axes, 0.0)
    signs, turn = procrustes(points, previous.points)
    turn *= 1 - straightening
    axes = (_scaled(axes[0], signs[0]), _scaled(axes[1], signs[1]))
    points = [_turned((signs[0] * x, signs[1] * y), turn) for x, y in points]
    return EmbeddingMap(points, shares, axes, turn)


def covariance(columns: Sequence[Sequence[float]]) -> list[list[float]]:
    """The products of all pairs of centred columns, (n_embd, n_embd): the covariance times rows."""
    size = len(columns)
    result = [[0.0] * size for _ in range(size)]
    for i, column in enumerate(columns):
        for j in range(i + 1):
            result[i][j] = result[j][i] = sum(map(mul, column, columns[j]))
    return result


def principal_axes(
    matrix: Sequence[Sequence[float]], start: Plane | None = None
) -> tuple[Plane, Point]:
    """The two eigenvectors of a covariance with the largest eigenvalues, and these.

    Args:
        matrix: symmetric, without negative eigenvalues, (n_embd, n_embd).
        start: an approximation; a few rounds improve it. Without one there are as many as it takes.
    """
    size = len(matrix)
    rounds = MAX_WARM_ROUNDS if start else MAX_ROUNDS
    if start is None:
        rng = random.Random(size)
        start = _orthonormal(*([rng.gauss(0, 1) for _ in range(size)] for _ in range(2)))
    a, b = start
    for _ in range(rounds):
        before = a, b
        a, b = _orthonormal(_product(matrix, a), _product(matrix, b))
        # |P x|^2 summed over both new vectors x, P onto the old plane, is 2 - the squared sines.
        kept = fsum([_dot(old, new) ** 2 for old in before for new in (a, b)])
        if kept > 2 - TOLERANCE:
            break
    image_a, image_b = _product(matrix, a), _product(matrix, b)
    aa, ab, bb = _dot(a, image_a), _dot(a, image_b), _dot(b, image_b)
    angle = atan2(2 * ab, aa - bb) / 2  # diagonalizes [[aa, ab], [ab, bb]], the larger one first
    c, s = cos(angle), sin(angle)
    first = [c * x + s * y for x, y in zip(a, b, strict=True)]
    second = [c * y - s * x for x, y in zip(a, b, strict=True)]
    mean, radius = (aa + bb) / 2, hypot((aa - bb) / 2, ab)
    return (first, second), (mean + radius, mean - radius)


def procrustes(points: Sequence[Point], onto: Sequence[Point]) -> tuple[Point, float]:
    """What brings points closest to others: signs of their axes, then a turn of at most 90 degrees.

    Of all rotations R it is the one with the largest sum of onto . R(points): with C and S the sums
    of the dot and the cross products, the angle atan2(S, C), and the sum is sqrt(C^2 + S^2). The
    same with the second axis mirrored; the larger sum wins.

    Returns:
        The factors 1 or -1 of both axes, and the angle in radians.
    """
    xx, xy, yx, yy = (
        fsum([point[i] * other[j] for point, other in zip(points, onto, strict=True)])
        for i in range(2)
        for j in range(2)
    )
    mirror = -1.0 if hypot(xx - yy, xy + yx) > hypot(xx + yy, xy - yx) else 1.0
    angle = atan2(xy - mirror * yx, xx + mirror * yy)
    if abs(angle) <= pi / 2:
        return (1.0, mirror), angle
    return (-1.0, -mirror), angle - pi if angle > 0 else angle + pi


def nearest_neighbours(
    rows: Sequence[Sequence[float]], index: int, count: int
) -> list[tuple[int, float]]:
    """The rows closest to row `index` by cosine similarity, (row, cosine), the closest first.

    cosine(x, y) = x . y / (|x| |y|), from -1 to 1; with a row of zeros it is 0.

    >>> nearest_neighbours([[1.0, 0.0], [0.0, 3.0], [2.0, 0.0]], 0, 1)
    [(2, 1.0)]
    """
    row, norm = rows[index], sqrt(_dot(rows[index], rows[index]))
    cosines = {
        other: _dot(row, vector) / ((norm * sqrt(_dot(vector, vector))) or 1.0)
        for other, vector in enumerate(rows)
        if other != index
    }
    order = sorted(cosines, key=cosines.__getitem__, reverse=True)
    return [(other, cosines[other]) for other in order[:count]]


def _orthonormal(a: Sequence[float], b: Sequence[float]) -> Plane:
    """Two vectors made orthonormal, the first keeps its direction (Gram-Schmidt)."""
    first = _unit(a)
    along = _dot(first, b)
    rest = [y - along * x for x, y in zip(first, b, strict=True)]
    along = _dot(first, rest)  # again, since what is left may be small and mostly rounding
    return first, _unit([y - along * x for x, y in zip(first, rest, strict=True)])


def _unit(vector: Sequence[float]) -> list[float]:
    """A vector of length 1; zeros stay zeros."""
    return _scaled(vector, 1 / (sqrt(_dot(vector, vector)) or 1.0))


def _scaled(vector: Sequence[float], factor: float) -> list[float]:
    return [factor * x for x in vector]


def _turned(point: Point, angle: float) -> Point:
    c, s = cos(angle), sin(angle)
    return c * point[0] - s * point[1], s * point[0] + c * point[1]


def _product(matrix: Sequence[Sequence[float]], vector: Sequence[float]) -> list[float]:
    return [sum(map(mul, row, vector)) for row in matrix]


def _dot(a: Sequence[float], b: Sequence[float]) -> float:
    return float(sum(map(mul, a, b)))


def _centred(column: Sequence[float]) -> list[float]:
    mean = fsum(column) / len(column)
    return [x - mean for x in column]
