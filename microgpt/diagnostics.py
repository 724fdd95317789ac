"""What can be seen of a model in training: gradients, their norms, histograms of weights.

The module knows engines only by their protocol.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from math import fsum, sqrt

from microgpt.config import TrainConfig
from microgpt.engine import Engine, create_engine
from microgpt.model import Weights

HISTOGRAM_BINS = 41  # an odd number, so that one bin lies around 0


class GradientProbe:
    """Computes gradients of a model, which neither trains it nor changes anything of it.

    Args:
        engine: the model; each gradient is that of its current weights.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._twin = create_engine(engine.name, engine.config, engine.weights(), engine.precision)

    def gradient(
        self, documents: Sequence[Sequence[int]], counted_from: Sequence[int] = ()
    ) -> Generator[None, None, Weights]:
        """The gradient of the mean loss of documents, in the shapes of the weights.

        Args:
            documents, counted_from: as of `Engine.prepare`, at most as many as a batch has.

        Yields are yield points.

        Raises:
            FloatingPointError: it is not finite.
        """
        # After one step of Adam with beta1 = 0 its first moment is the gradient itself.
        training = TrainConfig(num_steps=1, batch_size=len(documents), beta1=0.0)
        self._twin.prepare(documents, training, counted_from)
        self._twin.restore(self._engine.weights(), None)
        for _ in self._twin.steps(0, 1):
            yield
        numbers = iter(self._twin.optimizer_state()[0])
        return {
            name: [[next(numbers) for _ in range(columns)] for _ in range(rows)]
            for name, (rows, columns) in self._engine.config.shapes
        }


@dataclass(frozen=True, slots=True)
class GradientNorms:
    """The lengths of a gradient: the square root of the sum of its squares."""

    whole: float
    matrices: Mapping[str, float]  # of the part that belongs to each weight matrix, by name


def gradient_norms(gradient: Weights) -> GradientNorms:
    """The norms of a gradient.

    >>> gradient_norms({"a": [[3.0], [0.0]], "b": [[4.0, 0.0]]})
    GradientNorms(whole=5.0, matrices={'a': 3.0, 'b': 4.0})
    """
    squares = {
        name: fsum([number * number for row in matrix for number in row])
        for name, matrix in gradient.items()
    }
    whole = sqrt(fsum(squares.values()))
    return GradientNorms(whole, {name: sqrt(square) for name, square in squares.items()})


@dataclass(frozen=True, slots=True)
class WeightHistogram:
    """How the weights of a matrix are spread."""

    limit: float  # the bins divide the range from -limit to limit evenly
    counts: Sequence[int]  # of the weights in each bin, (HISTOGRAM_BINS,)
    mean: float
    deviation: float  # the standard deviation


def weight_histogram(matrix: Sequence[Sequence[float]]) -> WeightHistogram:
    """The histogram of a matrix's weights, whose bins reach to the largest magnitude of them.

    Args:
        matrix: its rows.

    >>> weight_histogram([[-1.0, 0.0], [0.0, 1.0]]).counts[20]
    2
    """
    weights = [weight for row in matrix for weight in row]
    limit = max(map(abs, weights)) or 1.0
    counts, scale = [0] * HISTOGRAM_BINS, HISTOGRAM_BINS / (2 * limit)
    for weight in weights:
        counts[min(max(int((weight + limit) * scale), 0), HISTOGRAM_BINS - 1)] += 1
    mean = fsum(weights) / len(weights)
    variance = fsum([(weight - mean) ** 2 for weight in weights]) / len(weights)
    return WeightHistogram(limit, counts, mean, sqrt(variance))
