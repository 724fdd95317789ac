"""How a model was trained, as the metadata of its file tells it; see `Checkpoint.about`.

Each entry is a string, most of them JSON. The lists are flat, because of `MAX_HEADER_BRACKETS`. A
file need not have any of them, and whoever wrote it is not trusted.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from itertools import chain
from typing import Any

from microgpt.checkpoint import CheckpointError
from microgpt.config import TrainConfig
from microgpt.segments import Segment
from microgpt.settings import LARGE_SIZES, RUN_SETTINGS, SettingError, setting

Point = tuple[int, float]  # step and value
Values = Mapping[str, int | float | str]  # settings by name

MAX_STEPS = 10_000_000  # of a run with all those that it continues
MAX_NAME_CHARS = 300
TRAINING_NAMES = tuple(each.name for each in fields(TrainConfig))
SEGMENT_NUMBERS = tuple(each.name for each in fields(Segment) if each.name != "training")


@dataclass(frozen=True, slots=True)
class DataDescription:
    """What is told of the data that a model was trained on."""

    name: str = ""  # of a data set, or of files
    documents: int = 0
    files: Sequence[tuple[str, int]] = ()  # (name, size in bytes); the name of pasted text is empty
    options: Values = field(default_factory=dict)  # the table's group DATA


@dataclass(frozen=True, slots=True)
class TrainingRecord:
    """How a model was trained; what is not told has its default."""

    step: int = 0  # steps done, with those of runs that this one continued
    num_steps: int = 0  # steps that were meant to be done
    seconds: float = 0.0  # of computing
    base_step: int = 0  # the steps of the runs that this one continued
    base_seconds: float = 0.0
    chars_per_token: float = 1.0
    settings: Values = field(default_factory=dict)
    data: DataDescription = field(default_factory=DataDescription)
    losses: Sequence[float] = ()  # of each step
    held_out: Sequence[Point] = ()
    accuracy: Sequence[Point] = ()  # of a task, 0 to 1
    train_accuracy: Sequence[Point] = ()  # the same on lines of the training data
    all_held_out: tuple[float, int] | None = None  # the loss of all at the end, and their number
    segments: Sequence[Segment] = ()  # all that the steps depend on, besides settings and data


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run goes on that is continued from a checkpoint."""

    step: int = 0  # of the run itself
    seconds: float = 0.0  # of computing
    smoothed: float | None = None  # the smoothed loss
    next_document: int = 0  # the number of the next one to train on


def record_to_about(record: TrainingRecord) -> dict[str, str]:
    """The entries of `Checkpoint.about` that tell this."""
    data = record.data
    description = {"documents": data.documents, "options": dict(data.options)}
    run = {
        name: getattr(record, name)
        for name in ("num_steps", "seconds", "base_step", "base_seconds", "chars_per_token")
    }
    evaluations = {
        "held_out": list(chain.from_iterable(record.held_out)),
        "accuracy": list(chain.from_iterable(record.accuracy)),
        "train_accuracy": list(chain.from_iterable(record.train_accuracy)),
        "all_held_out": list(record.all_held_out or ()),
    }
    about = {"data": data.name[:MAX_NAME_CHARS], "steps": str(record.step)}
    if "seed" in record.settings:
        about["seed"] = str(record.settings["seed"])
    for name, value in (
        ("run", run),
        ("losses", list(record.losses)),
        ("evaluations", evaluations),
    ):
        about[name] = json.dumps(value)
    values = ", ".join(f'"{name}": {_list([value])}' for name, value in record.settings.items())
    about["settings"] = f"{{{values}}}"
    about |= segments_to_about(record.segments)
    files = _list(chain.from_iterable(data.files))
    about["data_description"] = f'{{"files": [{files}], {json.dumps(description)[1:]}'
    return about


def record_from_about(about: Mapping[str, str]) -> TrainingRecord:
    """What these entries tell. Raises `CheckpointError` where that is impossible."""
    segments = segments_from_about(about)
    try:
        run, data = _object(about, "run"), _object(about, "data_description")
        evaluations = _object(about, "evaluations")
        step = _count(json.loads(about.get("steps", "0")), MAX_STEPS)
        losses = _numbers(json.loads(about.get("losses", "[]")))
        base = _count(run.get("base_step", 0), step)
        if len(losses) not in (0, step):
            raise ValueError("losses")
        total = _numbers(evaluations.get("all_held_out", []))
        return TrainingRecord(
            step,
            max(step, _count(run.get("num_steps", step), MAX_STEPS)),
            _number(run.get("seconds", 0.0)),
            base,
            _number(run.get("base_seconds", 0.0)),
            max(1.0, _number(run.get("chars_per_token", 1.0))),
            _settings(_object(about, "settings")),
            _data(about.get("data", ""), data),
            losses,
            _points(evaluations.get("held_out", []), step),
            _points(evaluations.get("accuracy", []), step),
            _points(evaluations.get("train_accuracy", []), step),
            (total[0], _count(int(total[1]), MAX_STEPS)) if total else None,
            segments,
        )
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError) as error:
        raise CheckpointError(
            f"What the model file tells of its training is damaged ({error})."
        ) from error


def segments_to_about(segments: Sequence[Segment]) -> dict[str, str]:
    """The entry of `Checkpoint.about` that tells these, from which a run can be repeated.

    It is a table, each column a flat list.
    """
    columns: dict[str, list[int | float | str]] = {
        name: [getattr(segment, name) for segment in segments] for name in SEGMENT_NUMBERS
    }
    for name in TRAINING_NAMES:
        columns[name] = [getattr(segment.training, name) for segment in segments]
    return {"segments": _columns(columns)} if segments else {}


def segments_from_about(about: Mapping[str, str]) -> list[Segment]:
    """The segments that this tells, none if it tells of none. Raises `CheckpointError`."""
    try:
        columns = _object(about, "segments")
        rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        segments = [_segment(row) for row in rows]
        steps = [segment.first_step for segment in segments]
        if steps and (steps[0] != 0 or steps != sorted(set(steps))):
            raise ValueError("the segments are out of order")
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise CheckpointError(
            f"What the model file tells of its segments is damaged ({error})."
        ) from error
    return segments


def _segment(told: Mapping[str, Any]) -> Segment:
    first_step, begin, end, optimizer_begin = (
        _count(told[name], MAX_STEPS)
        for name in ("first_step", "schedule_begin", "schedule_end", "optimizer_begin")
    )
    if not (begin < end and first_step <= end and optimizer_begin <= first_step):
        raise ValueError("a segment's steps are out of order")
    training = TrainConfig.of(told)
    if not 0 <= _number(training.eps) <= 1:
        raise ValueError("eps")
    document = _count(told["first_document"], 2**53)
    return Segment(first_step, document, begin, end, training, optimizer_begin)


def _columns(columns: Mapping[str, Sequence[int | float | str]]) -> str:
    """Flat lists by name, as JSON; the brackets in their texts are escaped."""
    return "{" + ", ".join(f'"{name}": [{_list(column)}]' for name, column in columns.items()) + "}"


def progress_to_about(progress: Progress) -> dict[str, str]:
    """The entry of `Checkpoint.about` that tells this."""
    fields = {name: getattr(progress, name) for name in Progress.__slots__}
    return {"progress": json.dumps(fields)}


def progress_from_about(about: Mapping[str, str]) -> Progress:
    """Where to go on; from the beginning if that is not told. Raises `CheckpointError`."""
    try:
        told = _object(about, "progress")
        smoothed = told.get("smoothed")
        return Progress(
            _count(told.get("step", 0), MAX_STEPS),
            _number(told.get("seconds", 0.0)),
            None if smoothed is None else _number(smoothed),
            _count(told.get("next_document", 0), 2**53),
        )
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise CheckpointError(
            f"What the model file tells of its progress is damaged ({error})."
        ) from error


def _list(values: Iterable[int | float | str]) -> str:
    """Values as the inside of a JSON list, the brackets in their texts escaped."""
    texts = map(json.dumps, values)
    return ", ".join(text.replace("[", "\\u005b").replace("{", "\\u007b") for text in texts)


def _object(about: Mapping[str, str], name: str) -> dict[str, Any]:
    told = json.loads(about.get(name, "{}"))
    if not isinstance(told, dict):
        raise TypeError(name)
    return told


def _settings(told: Mapping[str, Any]) -> dict[str, int | float | str]:
    """Those that there are; a later version may have others."""
    values = {}
    for name in RUN_SETTINGS:
        if name in told:
            try:
                values[name] = setting(name).check(told[name], LARGE_SIZES.get(name))
            except SettingError as error:
                raise ValueError(str(error).rstrip(".")) from error
    return values


def _data(name: object, told: Mapping[str, Any]) -> DataDescription:
    files = told.get("files", [])
    pairs = [
        (_text(each), _count(size, 2**53))
        for each, size in zip(files[::2], files[1::2], strict=True)
    ]
    options = told.get("options", {})
    if not all(isinstance(value, (int, float, str)) for value in options.values()):
        raise ValueError("options")
    return DataDescription(
        _text(name), _count(told.get("documents", 0), 2**53), pairs, dict(options)
    )


def _text(told: object) -> str:
    if not isinstance(told, str):
        raise TypeError("a name is no text")
    return told[:MAX_NAME_CHARS]


def _count(told: object, most: int) -> int:
    if type(told) is not int or not 0 <= told <= most:
        raise ValueError(f"{str(told)[:20]} where a count is expected")
    return told


def _number(told: object) -> float:
    if type(told) not in (int, float) or not math.isfinite(told):  # type: ignore[arg-type]
        raise ValueError(f"{str(told)[:20]} where a number is expected")
    return float(told)  # type: ignore[arg-type]


def _numbers(told: Iterable[object]) -> list[float]:
    return [_number(each) for each in told]


def _points(told: Sequence[Any], step: int) -> list[Point]:
    pairs = zip(told[::2], told[1::2], strict=True)
    return [(_count(each, step), _number(value)) for each, value in pairs]
