"""The commands about a run; `commands.py` has all others."""

from app.shared.run_events import KeptCheckpointFacts
from app.shared.typed import Blob, Literal, NotRequired, SettingValues, TypedDict


class WarmUpCommand(TypedDict):
    """Get ready for a run with these settings, those of `start`, without starting it.

    There is no answer, and invalid settings are ignored: the user is still choosing.
    """

    type: Literal["warm_up"]
    settings: SettingValues
    code: str  # the model code; "" for the model of the repository


class StartCommand(TypedDict):
    """Start a run on the data, in place of the current one.

    With a checkpoint of the same run it goes on from there. A run that is `continued` takes over
    the model of the checkpoint, which another run has trained on the same data, and trains it from
    step 0, with a fresh optimizer, on the documents that follow.
    """

    type: Literal["start"]
    settings: SettingValues  # every setting of tokenizer, model, training and run
    code: str  # the model code; "" for the model of the repository
    paused: bool  # whether it waits for `resume` or `step` at once
    run: int  # the run's number; every event about the run bears it
    data: str  # the name of the data; on a task the model is evaluated while it trains
    continued: bool  # whether the checkpoint is that of another run
    stops: list[str]  # as of `set_stops`
    live: NotRequired[bool]  # whether another may follow in a moment: what it means can wait
    kept: NotRequired[KeptCheckpointFacts]  # those of an earlier worker that it can go back to
    blob: NotRequired[Blob]  # the checkpoint, and behind it the contents of those


class PauseCommand(TypedDict):
    """Pause the run after its current step."""

    type: Literal["pause"]


class ResumeCommand(TypedDict):
    """Continue a paused run."""

    type: Literal["resume"]


class StepCommand(TypedDict):
    """Do one step of a paused run."""

    type: Literal["step"]


class StopCommand(TypedDict):
    """End the run for good; its model stays for generating."""

    type: Literal["stop"]


class ChangeTrainingCommand(TypedDict):
    """Go on with these settings; answered by `segment` once they hold.

    A run that is over is trained for `num_steps` more; else it will have that number of steps since
    its schedule began.
    """

    type: Literal["change_training"]
    settings: SettingValues  # those of `experiment.STEERED_SETTINGS`


class RewindCommand(TypedDict):
    """Go back to a kept checkpoint, or forward to a later one; answered by `rewound`.

    The run waits there. What lies behind is lost once it goes on.
    """

    type: Literal["rewind"]
    step: int


class SetStopsCommand(TypedDict):
    """Stop the run by these rules, as `microgpt.stopping` writes them; they begin anew."""

    type: Literal["set_stops"]
    rules: list[str]


class SetPaceCommand(TypedDict):
    """Change the pace of the run: `watch` or `full`."""

    type: Literal["set_pace"]
    pace: str
