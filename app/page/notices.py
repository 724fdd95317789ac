"""Sentences about the run there is, and about the one that would come next.

Plain Python that MicroPython understands.
"""

from app.page.series import duration
from app.shared.experiment import OWN
from app.shared.models import PackedFacts
from app.shared.presets import find

LONG_SECONDS = 30.0  # of computing, from which on a run is announced


def data_title(name: str) -> str:
    """What the data called `name` are called inside a sentence."""
    preset = find(name)
    if preset is not None:
        return preset.title
    return "your own text" if name == OWN else f"‘{name}’"


def linked_model(facts: PackedFacts) -> str:
    """Which model a link has brought; what the link tells is shown only as far as it is known."""
    words = f"A model that came with this link: {facts['num_params']:,} parameters"
    preset = find(facts["data"])
    if preset is not None:
        words += f", trained on {preset.title}"
        if facts["steps"]:
            words += f" for {facts['steps']:,} steps"
    return words + "."


def changed_settings(seconds: float, steered: bool) -> str:
    """While a run is under way: the settings were changed; the next run takes `seconds`.

    steered: whether the run itself goes on with them.
    """
    if steered:
        return (
            "This run goes on with your changes. One that has them from its beginning computes in "
            f"about {duration(seconds)}."
        )
    return f"Your changes apply to the next run, which computes in about {duration(seconds)}."


def changed_data(run: str, chosen: str, seconds: float) -> str:
    """While a run is going on: other data were chosen.

    Args:
        run: the title of its data.
        chosen: that of the others.
        seconds: how long the next run takes.
    """
    return (
        f"This run trains on {run}. The next one trains on {chosen} and computes in about "
        f"{duration(seconds)}."
    )


def paused_on_other_data(run: str, chosen: str) -> str:
    """While a run is paused: other data were chosen; titles as of `changed_data`."""
    return f"This run is paused on {run}. You have chosen {chosen}."


def finished_on_other_data(run: str, chosen: str, complete: bool) -> str:
    """After a run: other data were chosen; titles as of `changed_data`.

    complete: whether its model could be trained longer.
    """
    words = f"What writes below was trained on {run}; the next run trains on {chosen}."
    return words + (f" To train that model longer, choose {run} again." if complete else "")


def finished_with_other_settings(settings: str, other_model: bool, complete: bool) -> str:
    """After a run: its model could not be trained longer with the settings as they are now.

    Args:
        settings: those of the run that are others now, in words; "" if none are.
        other_model: whether they make the next model another one.
        complete: whether it could be trained longer with the settings of the run.
    """
    longer = f" To train it longer, set this again: {settings}."
    if not settings:
        return ""
    if other_model:
        words = "The picture shows the next model; what writes below is the one that you trained."
        return words + (longer if complete else "")
    return f"The next run shuffles the documents anew.{longer}" if complete else ""


def training_on(num_docs: int, num_held_out: int) -> str:
    """A run has begun."""
    trained_on = num_docs - num_held_out
    words = f"Training on {trained_on:,} document{'' if trained_on == 1 else 's'}"
    if num_held_out:
        words += f", {num_held_out:,} held out"
    return f"{words}."


def training_goes_on(step: int, num_steps: int, learning_rate: str) -> str:
    """A run has begun that continues another, which ended at `step`, for `num_steps` steps."""
    return (
        f"Training goes on from step {step:,} for another {num_steps:,} steps; the learning rate "
        f"starts again at {learning_rate}."
    )


def gone_back(step: int, newest: int) -> str:
    """The model that is shown is that of an earlier step; the run has come to step `newest`."""
    return (
        f"You have gone back to step {step:,} of {newest:,}. Resume trains on from here, and what "
        "came later is lost; drag to the end to keep it."
    )


def back(step: int, is_opened: bool = False) -> str:
    """A run of an earlier visit, or of a file, is there, which is at `step` and not over."""
    if is_opened:
        return "It was stopped there: press Resume to go on with it."
    return f"Your run is back as you left it, at step {step:,}: press Resume to go on with it."


def opened(title: str, step: int, data: str) -> str:
    """A model was opened.

    Args:
        title: what it was opened from.
        step: how many steps it was trained, 0 where that is not told.
        data: the name of its data, "" where that is not told.
    """
    words = f"This is the model from {title}"
    if step:
        words += f", trained for {step:,} step{'' if step == 1 else 's'}"
        words += f" on {data_title(data)}" if data else ""
    return f"{words}."


def long_run(seconds: float, engine: str, compiles: bool) -> str:
    """What to know at the start of a run that takes long; "" for any other.

    Args:
        seconds: how long it will take.
        engine: what computes it, `wasm` or `scalar`.
        compiles: whether the compiled engine runs here.
    """
    if seconds <= LONG_SECONDS:
        return ""
    words = f"It will compute for about {duration(seconds)}"
    if engine == "scalar" and compiles:
        return f"{words}: with the compiled engine, under Advanced, it would take a moment."
    return f"{words}: with fewer steps, a smaller batch or a smaller model it would be done sooner."
