"""Curves fitted to measurements: power laws with a floor, in one variable and in two.

For given exponents such a law is linear in its coefficients, which are at least 0: these follow
from least squares over the few sets of coefficients that may be above 0 (Lawson and Hanson,
"Solving Least Squares Problems", 1974). The exponents are found on a grid that closes in on the
best of them, so there is nothing that could diverge.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations, product

MIN_EXPONENT, MAX_EXPONENT = 0.05, 2.0
GRID = 14  # exponents at first, evenly spaced on a log scale
FINER = (-1, 0, 1)  # steps around the best, of a grid that gets finer
FINEST = 1e-6  # the last step, as a share of the exponent
MAX_FIT_ROUNDS = 100
NEGLIGIBLE = 1e-9  # share of a column that is left once the others are taken out of it

Columns = Sequence[Sequence[float]]


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a law says of a place."""

    value: float
    error: float  # the standard error of a new measurement there


@dataclass(frozen=True, slots=True)
class Law:
    """floor + the sum of coefficient / x**exponent over the variables x.

    Args:
        floor: what is left however large the variables are.
        coefficients, exponents: one for each variable.
        spread: the standard deviation of the measurements around it.
        covariance: of its parameters in the order floor, coefficients, exponents, for unit spread.
    """

    floor: float
    coefficients: tuple[float, ...]
    exponents: tuple[float, ...]
    spread: float
    covariance: tuple[tuple[float, ...], ...]

    def at(self, *variables: float) -> float:
        """What the law says of these variables."""
        terms = zip(self.coefficients, variables, self.exponents, strict=True)
        return self.floor + math.fsum(c * x**-exponent for c, x, exponent in terms)

    def predict(self, *variables: float) -> Prediction:
        """The same with the standard error of a new measurement.

        The parameters' uncertainty carried over to first order (the delta method), and the spread
        of single measurements.
        """
        slope = _slope(self.coefficients, self.exponents, variables)
        rows = zip(slope, self.covariance, strict=True)
        share = math.fsum(
            one * other * c for one, row in rows for other, c in zip(slope, row, strict=True)
        )
        error = self.spread * math.sqrt(1 + max(0.0, share))
        return Prediction(self.at(*variables), error)


def fit_power_law(xs: Sequence[float], values: Sequence[float]) -> Law:
    """Fit value = E + A / x**a, with E and A at least 0.

    Args:
        xs: above 0, with three different ones or more.
        values: the measurements there.

    Raises:
        ValueError: there are too few measurements.

    >>> law = fit_power_law([1, 2, 4, 8], [3.0, 2.0, 1.5, 1.25])
    >>> round(law.floor, 3), round(law.coefficients[0], 3), round(law.exponents[0], 3)
    (1.0, 2.0, 1.0)
    """
    return _fit([xs], values)


def fit_scaling_law(
    sizes: Sequence[float], documents: Sequence[float], losses: Sequence[float]
) -> Law:
    """Fit L(N, D) = E + A / N**a + B / D**b, with E, A and B at least 0.

    The form is that of Hoffmann et al., "Training compute-optimal large language models" (2022).

    Args:
        sizes: the numbers of weights N, three different ones or more.
        documents: the numbers of training documents D, as well.
        losses: the losses L.

    Raises:
        ValueError: there are too few measurements.
    """
    return _fit([sizes, documents], losses)


def _fit(variables: Columns, values: Sequence[float]) -> Law:
    num_parameters = 1 + 2 * len(variables)
    if len(values) <= num_parameters or any(len(set(xs)) < 3 for xs in variables):
        raise ValueError(
            f"A fit needs more than {num_parameters} measurements, at three different places."
        )
    # Around the variables' geometric means, so that all columns are near 1.
    centres = [math.exp(math.fsum(map(math.log, xs)) / len(xs)) for xs in variables]
    scaled = [[x / centre for x in xs] for xs, centre in zip(variables, centres, strict=True)]
    exponents, solution, error = _search(scaled, values)
    coefficients = tuple(
        share * centre**exponent
        for share, centre, exponent in zip(solution[1:], centres, exponents, strict=True)
    )
    spread = math.sqrt(error / (len(values) - num_parameters))
    slopes = [_slope(coefficients, exponents, place) for place in zip(*variables, strict=True)]
    return Law(solution[0], coefficients, exponents, spread, _inverse_gram(slopes))


def _search(
    variables: Columns, values: Sequence[float]
) -> tuple[tuple[float, ...], list[float], float]:
    """The best exponents, the coefficients (floor first), and the sum of the squared errors."""
    ratio = (MAX_EXPONENT / MIN_EXPONENT) ** (1 / (GRID - 1))
    grids = [[MIN_EXPONENT * ratio**step for step in range(GRID)]] * len(variables)
    best = _best_of(grids, variables, values)
    for _ in range(MAX_FIT_ROUNDS):
        grids = [[_bounded(exponent * ratio**step) for step in FINER] for exponent in best[0]]
        found = _best_of(grids, variables, values)
        if found[2] < best[2]:
            best = found  # and look around it once more
        elif ratio > 1 + FINEST:
            ratio = math.sqrt(ratio)
        else:
            break
    return best


def _bounded(exponent: float) -> float:
    return min(max(exponent, MIN_EXPONENT), MAX_EXPONENT)


def _best_of(
    grids: Columns, variables: Columns, values: Sequence[float]
) -> tuple[tuple[float, ...], list[float], float]:
    """The best of all combinations of exponents, with its coefficients and its error."""
    powers = [
        {exponent: [x**-exponent for x in xs] for exponent in grid}
        for xs, grid in zip(variables, grids, strict=True)
    ]
    constant, best = [1.0] * len(values), None
    for exponents in product(*grids):
        columns = [each[exponent] for each, exponent in zip(powers, exponents, strict=True)]
        solution, error = nonnegative_least_squares([constant, *columns], values)
        if best is None or error < best[2]:
            best = exponents, solution, error
    assert best is not None
    return best


def nonnegative_least_squares(
    columns: Columns, values: Sequence[float]
) -> tuple[list[float], float]:
    """The coefficients, at least 0, whose sum of columns is nearest to the values.

    Args:
        columns: a few, each as long as the values.
        values: what they are to add up to.

    Returns:
        A coefficient for each column, and the sum of the squared errors.

    >>> nonnegative_least_squares([[1.0, 1.0], [1.0, 2.0]], [5.0, 4.0])
    ([4.5, 0.0], 0.5)
    """
    best: tuple[list[float], float] = [0.0] * len(columns), _dot(values, values)
    for count in range(len(columns), 0, -1):
        for active in combinations(range(len(columns)), count):
            chosen = [columns[number] for number in active]
            solved = _least_squares(chosen, values)
            if solved is None or min(solved) < 0:
                continue
            sums = [math.fsum(map(_times, solved, place)) for place in zip(*chosen, strict=True)]
            error = math.fsum((a - b) ** 2 for a, b in zip(sums, values, strict=True))
            if error < best[1]:
                coefficients = [0.0] * len(columns)
                for number, coefficient in zip(active, solved, strict=True):
                    coefficients[number] = coefficient
                best = coefficients, error
            if count == len(columns):  # without a bound there is nothing better
                return best
    return best


def _least_squares(columns: Columns, values: Sequence[float]) -> list[float] | None:
    """The coefficients of any sign; None if a column depends on the others.

    The columns are made orthogonal one after the other (modified Gram-Schmidt), which is far better
    conditioned than their products are (Björck, 1967).
    """
    basis: list[list[float]] = []
    triangle: list[list[float]] = []  # of each column, its shares of the basis before it
    rest, shares = list(values), []
    for column in columns:
        left, row = list(column), []
        for base in basis:
            share = _dot(base, left)
            row.append(share)
            left = [x - share * b for x, b in zip(left, base, strict=True)]
        length = math.sqrt(_dot(left, left))
        if length <= NEGLIGIBLE * math.sqrt(_dot(column, column)):
            return None
        base = [x / length for x in left]
        share = _dot(base, rest)
        rest = [x - share * b for x, b in zip(rest, base, strict=True)]
        basis.append(base)
        shares.append(share)
        triangle.append([*row, length])
    solution = [0.0] * len(columns)
    for number in reversed(range(len(columns))):
        known = math.fsum(
            triangle[later][number] * solution[later] for later in range(number + 1, len(columns))
        )
        solution[number] = (shares[number] - known) / triangle[number][number]
    return solution


def _slope(
    coefficients: Sequence[float], exponents: Sequence[float], variables: Sequence[float]
) -> list[float]:
    """How a law's value at a place depends on its floor, coefficients and exponents."""
    powers = [x**-exponent for x, exponent in zip(variables, exponents, strict=True)]
    terms = zip(coefficients, powers, variables, strict=True)
    return [1.0, *powers, *(-c * power * math.log(x) for c, power, x in terms)]


def _inverse_gram(rows: Sequence[Sequence[float]]) -> tuple[tuple[float, ...], ...]:
    """The inverse of the sum of the rows' outer products: the parameters' covariance.

    A parameter that the measurements say nothing of, such as the exponent of a term that is 0, is
    taken as known.
    """
    size = len(rows[0])
    scales = [math.sqrt(math.fsum(row[number] ** 2 for row in rows)) for number in range(size)]
    known = [number for number, scale in enumerate(scales) if scale > 0]
    columns = [[row[number] / scales[number] for row in rows] for number in known]
    # Only columns that do not depend on those before them.
    kept: list[int] = []
    for number in range(len(columns)):
        chosen = [columns[each] for each in [*kept, number]]
        if _least_squares(chosen, chosen[0]) is not None:
            kept.append(number)
    inverse = [[0.0] * size for _ in range(size)]
    for one in kept:
        dual = _dual([columns[each] for each in kept], kept.index(one))
        for place, other in enumerate(kept):
            at, to = known[one], known[other]
            inverse[at][to] = dual[place] / (scales[at] * scales[to])
    return tuple(map(tuple, inverse))


def _dual(columns: Columns, number: int) -> list[float]:
    """Row `number` of the inverse of the columns' products."""
    others = [column for place, column in enumerate(columns) if place != number]
    explained = _least_squares(others, columns[number]) if others else []
    assert explained is not None
    left = list(columns[number])
    for share, column in zip(explained, others, strict=True):
        left = [x - share * c for x, c in zip(left, column, strict=True)]
    own = 1 / _dot(left, left)
    row = [-share * own for share in explained]
    row.insert(number, own)
    return row


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    return math.fsum(map(_times, one, other))


_times: Callable[[float, float], float] = float.__mul__
