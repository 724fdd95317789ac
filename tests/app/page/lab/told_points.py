"""What a worker may tell of experiments."""

from __future__ import annotations

from app.page.lab.experiments import LabExperiment
from app.page.lab.told import Told
from app.shared.lab import SweptEvent, SweptPoint


def point(
    sweep: int, place: int, middle: list[float], done: int = 3, num_params: int = 1000
) -> SweptPoint:
    """A point that has been measured."""
    return SweptPoint(
        sweep=sweep,
        place=place,
        done=done,
        diverged=0 if middle else done,
        middle=middle,
        runs=[],
        num_params=num_params,
        sample="mara",
    )


def swept(experiment: LabExperiment, points: list[SweptPoint]) -> SweptEvent:
    """The event that tells of these points."""
    return SweptEvent(
        type="swept",
        number=1,
        done=sum(each["done"] for each in points),
        of=experiment.num_runs,
        seconds_left=1.0,
        seconds=2.0,
        over=False,
        points=points,
        curves=[],
        predicted=[],
        finding=None,
        failure="",
    )


def told_of(experiment: LabExperiment, points: list[SweptPoint]) -> Told:
    """What is known after that event."""
    told = Told()
    told.take(swept(experiment, points))
    return told
