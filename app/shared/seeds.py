"""The messages about several runs that differ in their seed alone, beside the current one."""

from app.shared.typed import Blob, Literal, SettingValues, TypedDict


class TrainSeedsCommand(TypedDict):
    """Train the run with this seed and the `count` - 1 that follow; answered by `seeds`.

    It takes the place of those that are under way. With a `count` of 1 there are none any more, and
    no answer comes.
    """

    type: Literal["train_seeds"]
    run: int  # the number of the run on the page that they belong to
    settings: SettingValues  # as of `start`
    code: str
    count: int


class SeedsEvent(TypedDict):
    """What has come of them so far; once more whenever there is more.

    The blob has the band of their smoothed losses as 64-bit floats: steps, and the lower end, the
    median and the upper end at each.
    """

    type: Literal["seeds"]
    run: int  # that of the command
    of: int  # how many there are to be
    done: int
    seeds: list[int]  # of those that are done, but for failures
    losses: list[float]  # of each the last loss
    held_out: list[float]  # of each the held-out loss, where documents are held out
    middle: list[float]  # of these, or of the losses: lower end, median, upper end; or none
    diverged: int  # how many of them have no loss at the end
    failure: str  # why one came to nothing, as a sentence; "" where none did
    blob: Blob


class SpreadEvent(TypedDict):
    """How far they differ in what comes next in the explored text."""

    type: Literal["spread"]
    number: int  # that of the `explore` command
    of: int  # how many models there are
    low: list[float]  # for each token the lower end of its adjusted probability
    high: list[float]
