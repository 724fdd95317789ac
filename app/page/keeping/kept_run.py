"""A run as it is kept, and back."""

import json

from app.page.aliases import JsProxy
from app.page.data_key import kept_unit
from app.page.data_source import DataSource
from app.page.run import RunRecord
from app.shared.typed import TYPE_CHECKING
from microgpt.settings import OPTIMIZATION

if TYPE_CHECKING:
    from typing import Any

# What is kept of a run as it stands, beside its series, its data, its losses and its checkpoint.
FIELDS = ["code", "positions", "num_docs", "paused", "step", "seconds", "checkpoint_step", "live"]
FIELDS += ["base_step", "base_seconds", "at_base", "opened", "only_model"]
LATER_FIELDS = ["steered", "marks"]  # which runs that were kept earlier have not
FIRST_FIELDS = ["settings", "signature", "num_params", "engine", "precision"]


def kept_run(run: RunRecord) -> "dict[str, Any]":
    """All that is to be known of a run on the next visit, but for its arrays and bytes."""
    kept: dict[str, Any] = {
        name: getattr(run, name) for name in FIELDS + LATER_FIELDS + FIRST_FIELDS
    }
    kept["is_task"], kept["unit"] = run.frame[2], run.unit
    kept["series"], kept["past_key"] = run.series.kept(), run.past_key
    return kept


def restored_run(
    kept: "dict[str, Any]",
    source: DataSource | None,
    checkpoint: JsProxy,
    raw: JsProxy,
    smooth: JsProxy,
    checkpoints: JsProxy,
) -> RunRecord:
    """The run as it was at its newest checkpoint; one that was not over is paused.

    Args:
        kept: what `kept_run` returned.
        source: its data.
        checkpoint: a blob, None where there was none yet.
        raw, smooth: JavaScript arrays with the losses of its steps, and the same smoothed.
        checkpoints: those to go back to, as {about, blob}; None where there are none.
    """
    series = kept["series"]
    frame = (series["num_steps"], series["guessing"], kept["is_task"], kept_unit(kept))
    fields = [kept[name] for name in FIRST_FIELDS]
    settings, signature, num_params, engine, precision = fields
    settings = dict({row.name: row.default for row in OPTIMIZATION}, **settings)
    run = RunRecord(settings, source, frame, signature, 1, num_params, engine, precision)
    for name in FIELDS:
        setattr(run, name, kept[name])
    run.past_key = kept.get("past_key", "")  # an older version of the page has kept none
    run.steered = kept.get("steered", run.steered)
    run.marks = [(step, words) for step, words in kept.get("marks", [])]
    run.series.restore(series)
    shares = series["accuracy"], run.series.train_accuracy
    run.curves.add(raw, smooth, series["held_out"], *shares)
    run.curves.num_kept = run.curves.last_step
    run.checkpoint = checkpoint
    if checkpoints is not None:
        run.kept.restore(json.loads(checkpoints.about), checkpoints.blob)
    if checkpoint is None:
        run.checkpoint_step = 0
    run.truncate(run.checkpoint_step)
    count = run.curves.last_step
    if count:
        run.series.add(raw[0], raw[count - 1], smooth[count - 1])
    run.is_back, run.paused = True, not run.complete
    return run
