"""The results of an experiment as a picture, in the words of `static/lab.mjs`.

Plain Python that MicroPython understands.
"""

from app.page.lab.experiments import LabExperiment, is_number
from app.page.lab.told import Told
from app.shared.typed import TYPE_CHECKING
from microgpt.lab.measures import NEITHER, Measure
from microgpt.lab.ready import BY_STEP, DOTS, MAP

if TYPE_CHECKING:
    from typing import Any

    Picture = dict[str, Any]  # see `static/lab.mjs`
    Points = list[dict[str, Any]]

COLOURS = ("run-1", "run-2", "run-3", "run-4", "run-5", "run-6")
LOG_FACTOR = 8  # between the ends of an axis from which on it is logarithmic
DIGITS = {"accuracy": 2, "diversity": 2, "steps_to_solve": 0}  # of a measure, where not 3
CURVE_TITLES = {
    "accuracy": "Right, held out",
    "train_accuracy": "right in training",
    "held_out_loss": "Held-out loss",
}


def picture_of(experiment: LabExperiment, told: Told, kind: str) -> "Picture":
    """What is drawn of what has been told; `kind`: as of `microgpt.lab.ready`."""
    if kind == MAP:
        return _map(experiment, told)
    picture: Picture = {
        "kind": "lines",
        "label": f"{experiment.title}: {experiment.measure.title}",
        "x": {"title": "", "log": False, "ticks": None, "range": None},
        "y": _y_axis(experiment, kind),
        "series": [],
        "laws": [],
        "predicted": [],
    }
    if kind == BY_STEP:
        _add_curves(experiment, told, picture)
    elif kind == DOTS:
        _add_dots(experiment, told, picture)
    else:
        _add_lines(experiment, told, picture)
    return picture


def point_id(sweep: int, place: int, more: int = 0) -> str:
    """What a point of the picture is called; `more`: a seed, or a step."""
    return f"{sweep}:{place}:{more}"


def parts_of(name: str) -> tuple[int, int, int]:
    """Sweep, place, and seed or step, of a point's name."""
    sweep, place, more = [int(part) for part in name.split(":")]
    return sweep, place, more


def figure(measured: Measure, value: float) -> str:
    """A measured value in words."""
    if measured.name == "accuracy":
        return f"{100 * value:.0f}%"
    digits = DIGITS.get(measured.name, 3)
    return f"{round(value):,}" if digits == 0 else f"{value:.{digits}f}"


# ---- lines ---------------------------------------------------------------------------------------


def _y_axis(experiment: LabExperiment, kind: str) -> "dict[str, Any]":
    measured, ready = experiment.measure, experiment.ready
    percent = measured.name == "accuracy" or kind == BY_STEP
    return {
        "title": "Right" if kind == BY_STEP else measured.title,
        "log": ready is not None and ready.logarithmic,
        "percent": percent,
        "range": [0, 1] if percent else None,
    }


def _add_lines(experiment: LabExperiment, told: Told, picture: "Picture") -> None:
    axes = experiment.sweeps[0].axes
    across = bool(experiment.ready is not None and experiment.ready.across)
    numbers = is_number(axes[0])
    values = [float(place[0]) for place in axes[0].places] if numbers else []
    picture["x"] = {
        "title": "Weights" if across else axes[0].label,
        "log": across or (numbers and _is_spaced(values)),
        "ticks": None if across or numbers else axes[0].labels(),
        "range": [min(values), max(values)] if numbers and len(values) > 1 else None,
    }
    names = axes[1].labels() if len(axes) > 1 else [""]
    lines = [_Line(name, number) for number, name in enumerate(names)]
    for sweep in range(len(experiment.sweeps)):
        for place in range(experiment.num_points(sweep)):
            # A later sweep has the second axis alone: it is one more place on the first.
            row, number = divmod(place, len(names)) if sweep == 0 else (0, place)
            x = values[row] if numbers else float(row)
            point = told.points.get((sweep, place))
            if across:
                x = float(point["num_params"]) if point is not None else 0.0
            if x or not across:
                lines[number].add(told, sweep, place, x)
    for line in lines:
        picture["series"].append(_series(line.name, line.colour, line.points))
        picture["predicted"] += line.predicted
        if line.law:
            picture["laws"].append({"colour": line.colour, "points": sorted(line.law)})


class _Line:
    """One line of the picture.

    Args:
        name: beside it.
        number: among all.
    """

    def __init__(self, name: str, number: int) -> None:
        self.name, self.colour = name, _colour(number)
        self.points: Points = []
        self.predicted: Points = []  # what a law says that will be measured
        self.law: list[list[float]] = []

    def add(self, told: Told, sweep: int, place: int, x: float) -> None:
        """Add what is known of a point."""
        name = point_id(sweep, place)
        point, predicted = told.points.get((sweep, place)), told.predicted.get((sweep, place))
        if point is not None and point["middle"]:
            low, median, high = point["middle"]
            self.points.append(_point(name, x, low, median, high))
        if predicted is not None:
            value, error = predicted
            self.law.append([x, value])
            if error > 0:
                mark = {"id": name, "x": x, "y": value, "error": error, "colour": self.colour}
                self.predicted.append(mark)


def _add_dots(experiment: LabExperiment, told: Told, picture: "Picture") -> None:
    first, last = experiment.first_seed(0), experiment.first_seed(0) + experiment.seeds - 1
    picture["x"] = {"title": "Seed", "log": False, "ticks": None, "range": None}
    if last > first:
        picture["x"]["range"] = [first, last]
    point = told.points.get((0, 0))
    if point is None or not point["middle"]:
        return
    runs = sorted(point["runs"])
    low, median, high = point["middle"]
    ends = [runs[0][0], runs[-1][0]]
    band = [_point("", float(x), low, median, high) for x in ends]
    picture["series"].append(_series("median", "ink", band, dots=False))
    dots = [_point(point_id(0, 0, seed), float(seed), value, value, value) for seed, value in runs]
    picture["series"].append(_series("", COLOURS[0], dots, joined=False))


def _add_curves(experiment: LabExperiment, told: Told, picture: "Picture") -> None:
    last_step = int(experiment.values(0, 0)["num_steps"])
    picture["x"] = {"title": "Step", "log": False, "ticks": None, "range": [0, last_step]}
    axis = experiment.sweeps[0].axes[0]
    labels = axis.labels()
    for place in range(len(labels)):
        for name in ("train_accuracy", "accuracy"):
            curve = told.curves.get((0, place, name))
            if curve is None:
                continue
            points = [
                _point(
                    point_id(0, place, step),
                    float(step),
                    curve["low"][i],
                    curve["median"][i],
                    curve["high"][i],
                )
                for i, step in enumerate(curve["steps"])
            ]
            tested = name == "accuracy"
            title = f"{axis.label} {labels[place]}" if tested else ""
            series = _series(title, _colour(place), points, dots=tested)
            series["dashed"] = not tested
            picture["series"].append(series)


def _series(
    name: str, colour: str, points: "Points", dots: bool = True, joined: bool = True
) -> "dict[str, Any]":
    return {
        "name": name,
        "colour": colour,
        "dashed": False,
        "dots": dots,
        "joined": joined,
        "points": sorted(points, key=lambda point: point["x"]),
    }


def _point(name: str, x: float, low: float, median: float, high: float) -> "dict[str, Any]":
    return {"id": name, "x": x, "low": low, "median": median, "high": high}


def _colour(number: int) -> str:
    return COLOURS[number % len(COLOURS)]


def _is_spaced(values: list[float]) -> bool:
    return min(values) > 0 and max(values) >= LOG_FACTOR * min(values)


# ---- map -----------------------------------------------------------------------------------------


def _map(experiment: LabExperiment, told: Told) -> "Picture":
    down, across = experiment.sweeps[0].axes
    columns, measured = len(across.places), experiment.measure
    cells = []
    for place in range(experiment.num_points(0)):
        point = told.points.get((0, place))
        if point is None or not point["done"]:
            continue
        middle = point["middle"]
        if not middle and not point["diverged"]:
            continue
        cells.append(
            {
                "id": point_id(0, place),
                "x": place % columns,
                "y": place // columns,
                "value": middle[1] if middle else None,
            }
        )
    better = NEITHER if measured.name == "gap" else measured.better
    return {
        "kind": "map",
        "label": f"{experiment.title}: {measured.title}",
        "x": {"title": across.label, "ticks": across.labels()},
        "y": {"title": down.label, "ticks": down.labels()},
        "value": {
            "title": measured.title,
            "digits": DIGITS.get(measured.name, 3),
            "better": better,
        },
        "cells": cells,
    }
