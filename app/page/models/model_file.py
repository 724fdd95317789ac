"""The run's model as a file: its checkpoint, with all that the page knows of its training.

The same entries as `microgpt.training_record` writes. The bytes of the numbers stay JavaScript's.
"""

import json

from pyscript import window
from pyscript.ffi import to_js

from app.page.aliases import JsProxy
from app.page.data_source import DataSource
from app.page.run import RunRecord
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

LENGTH_BYTES = 8
PASTED = "pasted text"
MAX_DATA_CHARS = 300  # of all files together


async def model_file(run: RunRecord, source: DataSource | None) -> JsProxy:
    """The file as a blob; that of a model that was opened is the one that it came from.

    Args:
        run: with a checkpoint.
        source: its data.
    """
    checkpoint = run.checkpoint
    if run.only_model:
        return checkpoint
    head = window.DataView.new(await checkpoint.slice(0, LENGTH_BYTES).arrayBuffer())
    begins = LENGTH_BYTES + head.getUint32(0, True)
    header = window.JSON.parse(await checkpoint.slice(LENGTH_BYTES, begins).text())
    metadata = window.Reflect.get(header, "__metadata__")
    for name, text in told(run, source).items():
        window.Reflect.set(metadata, name, text)
    # Arrays of many losses would fill MicroPython's memory.
    losses = run.curves.raw.values.slice(1, run.checkpoint_step + 1)
    window.Reflect.set(metadata, "losses", window.JSON.stringify(losses))
    text = window.TextEncoder.new().encode(window.JSON.stringify(header))
    length = int(text.length)
    padding = " " * (-length % LENGTH_BYTES)
    size = window.DataView.new(window.ArrayBuffer.new(LENGTH_BYTES))
    size.setUint32(0, length + len(padding), True)
    return window.Blob.new(to_js([size, text, padding, checkpoint.slice(begins)]))


def told(run: RunRecord, source: DataSource | None) -> dict[str, str]:
    """What the metadata tell of the run, but for its losses."""
    step, series = run.checkpoint_step, run.series
    files = source.files if source is not None else []
    options = source.all_options if source is not None else {}
    evaluations = {}
    for name in ("held_out", "accuracy", "train_accuracy"):
        evaluations[name] = flat([point for point in getattr(series, name) if point[0] <= step])
    evaluations["all_held_out"] = list(series.all_held_out or ()) if run.complete else []
    return {
        "data": data_name(run, files),
        "steps": str(step),
        "seed": str(run.settings["seed"]),
        "settings": json.dumps(run.settings),
        "data_description": escaped(
            {"documents": run.num_docs, "files": flat(files), "options": options}
        ),
        "run": json.dumps(
            {
                "num_steps": series.num_steps,
                "seconds": run.seconds,
                "base_step": run.base_step,
                "base_seconds": run.base_seconds,
                "chars_per_token": series.chars_per_token,
            }
        ),
        "evaluations": json.dumps(evaluations),
    }


def data_name(run: RunRecord, files: list[tuple[str, int]]) -> str:
    """What the data are called: a preset's name, or the names of the user's own files."""
    if not files or run.unit[0][1] == 0:
        return run.data_name
    return " ".join([name for name, _ in files])[:MAX_DATA_CHARS] or PASTED


def flat(pairs: "list[tuple[Any, Any]]") -> "list[Any]":
    """One list of all that is in the pairs."""
    return [each for pair in pairs for each in pair]


def escaped(value: "dict[str, Any]") -> str:
    """JSON without the brackets of any name in it: `MAX_HEADER_BRACKETS` counts them."""
    files = [json.dumps(each) for each in value["files"]]
    words = [each.replace("[", "\\u005b").replace("{", "\\u007b") for each in files]
    rest = json.dumps({"documents": value["documents"], "options": value["options"]})
    return '{"files": [' + ", ".join(words) + "], " + rest[1:]
