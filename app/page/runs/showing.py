"""A past run is shown again: its settings, its curves, and its model at the text."""

from pyscript import window

from app.page.data_source import DataSource, preset_source
from app.page.keeping.kept_run import restored_run
from app.page.past_run import PastRun
from app.page.workplace import Workplace
from app.shared.experiment import OWN, Experiment
from app.shared.places import PLAYGROUND
from app.shared.presets import find
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

NO_MODEL_KEPT = "Its settings are back; it has ended before there was a model to keep."
NO_DATA = "Its data are not here any more: it writes, but it cannot be trained longer."


async def show_again(work: Workplace, past: PastRun) -> str:
    """Show a past run in place of the current one, which becomes a past one.

    Returns:
        A sentence on what is amiss, "" where nothing is.
    """
    if not past.has_model:
        work.setup.open_experiment(experiment_of(past, work.experiment, work.own.revision))
        return NO_MODEL_KEPT
    keeping = await window.microgpt.loadPastRuns()
    parts = await keeping.partsOf(past.content, past.about["weights"])
    fresh = experiment_of(past, work.experiment, work.own.revision)
    is_here = past.unit[0][0] == fresh.data
    run = restored_run(
        as_over(past), source_of(past, work, is_here), parts.model, parts.raw, parts.smooth, None
    )
    run.past_key = past.key
    work.make_room(fresh)
    await work.bring_in(run)
    return "" if is_here else NO_DATA


def as_over(past: PastRun) -> "dict[str, Any]":
    """What is kept of the run, as if it had ended where its model is from; that goes on alone."""
    step = past.kept["checkpoint_step"]
    kept, series = dict(past.kept), dict(past.kept["series"])
    series["num_steps"] = step
    kept["series"], kept["step"], kept["unit"] = series, step, past.unit
    kept["only_model"], kept["paused"], kept["at_base"] = True, False, False
    return kept


def experiment_of(past: PastRun, current: Experiment, revision: int) -> Experiment:
    """What the page is set to where it shows the run.

    Args:
        past: the run.
        current: what it shows now, for all that runs do not tell.
        revision: which of the user's own texts is here.
    """
    fresh = Experiment()
    fresh.values.update(current.values)
    for name, value in past.settings.items():
        if name in fresh.values and name != "num_steps":
            fresh.values[name] = value
    fresh.values["num_steps"] = past.kept["settings"]["num_steps"]
    (data, own_revision, leave_out), _ = past.unit
    is_here = own_revision == revision if data == OWN else find(data) is not None
    there = (data, leave_out) if is_here else (current.data, current.leave_out)
    fresh.data, fresh.leave_out = there
    fresh.open, fresh.code_open = current.open, current.code_open
    fresh.code, fresh.place = str(past.kept["code"]), PLAYGROUND
    return fresh


def source_of(past: PastRun, work: Workplace, is_here: bool) -> DataSource | None:
    """The data of the run, None where they are not here."""
    if not is_here:
        return None
    name, _, leave_out = past.unit[0]
    if not past.is_own:
        return preset_source(name, leave_out)
    source: DataSource | None = work.own.source
    return source.leaving_out(leave_out) if source is not None else None
