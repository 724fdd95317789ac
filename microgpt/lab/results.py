"""What runs came to, as records that are kept and sent as plain data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from microgpt.settings import SettingError

Value = int | float | str
Curve = list[tuple[int, float]]  # (step, what was measured after it)


@dataclass(frozen=True, slots=True)
class RunResult:
    """What one run of a sweep came to.

    Args:
        run: the settings that vary and the seed, by name, as of `Sweep.runs`.
        measures: by the names of the table of measures; what could not be measured is missing, and
            of a run that diverged all but its time.
        curves: the evaluations during training, by the names of what they measure.
        num_params: the model's number of weights.
        samples: some texts that the model wrote.
        diverged: at which step training diverged, 0 if it did not.
    """

    run: Mapping[str, Value]
    measures: Mapping[str, float] = field(default_factory=dict)
    curves: Mapping[str, Curve] = field(default_factory=dict)
    num_params: int = 0
    samples: Sequence[str] = ()
    diverged: int = 0

    def as_dict(self) -> dict[str, Any]:
        """The same as plain data, for JSON."""
        return asdict(self)


def from_dict(data: Mapping[str, Any]) -> RunResult:
    """The record that `as_dict` made this of, though JSON has turned tuples into lists.

    Raises `SettingError` if it is none.
    """
    try:
        curves = {
            str(name): [(int(step), float(value)) for step, value in curve]
            for name, curve in data["curves"].items()
        }
        measures = {str(name): float(value) for name, value in data["measures"].items()}
        samples = [str(sample) for sample in data["samples"]]
        return RunResult(
            dict(data["run"]),
            measures,
            curves,
            int(data["num_params"]),
            samples,
            int(data["diverged"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise SettingError("This is no result of a run of the Lab.") from None


def by_point(
    results: Iterable[RunResult], names: Sequence[str], measured: str
) -> dict[tuple[Value, ...], list[float]]:
    """What was measured at each point, over its seeds.

    Args:
        results: in any order.
        names: of the settings that tell points apart; others that vary are taken together.
        measured: the name of the measure. Runs without it are left out.

    >>> results = [RunResult({"n_embd": 8, "seed": seed}, {"loss": seed / 10}) for seed in (1, 2)]
    >>> by_point(results, ["n_embd"], "loss")
    {(8,): [0.1, 0.2]}
    """
    found: dict[tuple[Value, ...], list[float]] = {}
    for result in results:
        if measured in result.measures:
            point = tuple(result.run[name] for name in names)
            found.setdefault(point, []).append(result.measures[measured])
    return found
