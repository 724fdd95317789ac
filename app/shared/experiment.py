"""The experiment: data set, settings, open views and the place of the page, as its address.

Whoever opens the address gets the same run. Plain Python that MicroPython understands.
"""

from app.shared.arrangement import HIDE, LOCK, OPEN, Arrangement
from app.shared.brought import BROUGHT, LINK_CODE, MAX_LINK_CHARACTERS
from app.shared.places import LAB, LEARN, PLACES, PLAYGROUND, PROGRAMS
from app.shared.presets import DEFAULT_PRESET, find
from app.shared.typed import TYPE_CHECKING, SettingValues
from app.shared.views import CODE_VIEW, VIEW_NAMES
from microgpt.patterns import plain
from microgpt.quoting import quote, unquote
from microgpt.settings import (
    MODEL,
    OPTIMIZATION,
    SAMPLING,
    SETTINGS,
    TOKENIZER,
    TRAINING,
    Setting,
    SettingError,
    check_heads,
    setting,
)
from microgpt.settings import RUN_SETTINGS as RUN_SETTINGS

if TYPE_CHECKING:
    from collections.abc import Mapping

# They change the direction of writing (Unicode's Bidi_Control).
BIDIRECTIONAL_MARKS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
OWN = "own"  # the name of the user's own data
LEAVE_OUT = "leave_out"  # the name of the patterns of what is left out of the data

# A run with another value of one of these is another run.
DEFINING_SETTINGS = [row.name for row in TOKENIZER + MODEL + TRAINING + OPTIMIZATION]
DEFINING_SETTINGS += ["engine", "precision"]
# What a run must have in common with the one that it continues: tokens, architecture, documents.
MODEL_SETTINGS = [row.name for row in TOKENIZER + MODEL]
CONTINUED_SETTINGS = MODEL_SETTINGS + ["seed", "eval_fraction"]
# What a run can go on with in mid-run.
STEERED_SETTINGS = ["learning_rate", "num_steps", "batch_size"]
STEERED_SETTINGS += [row.name for row in OPTIMIZATION if row.name not in ("init_std", "mask")]
SAMPLING_SETTINGS = [row.name for row in SAMPLING if row.name != "num_samples"]

NAMED = {"place": PLACES, "program": PROGRAMS}  # what is one of a few names


class Experiment:
    """The values of all settings by name, the name of the data set, what is open, and where."""

    def __init__(self) -> None:
        self.data = DEFAULT_PRESET
        self.leave_out = ""  # the patterns of documents that are left out, see `microgpt.patterns`
        self.place = PLAYGROUND
        self.program = PROGRAMS[0]  # of Learn
        self.lab = ""  # the experiment of the Lab: a ready one's name, or its text; not looked at
        self.open: list[str] = []  # the names of the views of the inside, in their own order
        self.arrangement = Arrangement()  # what else of the page is open, what is hidden or locked
        self.code = ""  # the model code; "" for the repository's model
        self.names_code = False  # whether the address says that there is any, and has it not
        self.code_open = False  # whether its editor is
        self.brought: dict[str, str] = {}  # by the names of `BROUGHT`, packed, as a link had it
        self.stops: list[str] = []  # the rules that stop runs, see `commands.SetStopsCommand`
        self.values: SettingValues = {row.name: row.page_default for row in SETTINGS}

    def set(self, name: str, text: str) -> None:
        """Set one from a widget's or an address's text; raises `SettingError` if it is invalid."""
        if name == "data":
            if text != OWN and find(text) is None:
                raise SettingError(f"There is no data set called '{text}'.")
            self.data = text
            return
        if name == LEAVE_OUT:
            self.leave_out = plain(text)
            return
        if name in (HIDE, LOCK, OPEN):
            self._arrange(name, text.split(",") if text else [])
            return
        if name == "code":
            self.names_code = True
            return
        if name == LAB:
            self.lab = text
            return
        if name in NAMED:
            if text not in NAMED[name]:
                raise SettingError(f"There is no {name} called '{text}' here.")
            setattr(self, name, text)
            return
        row = setting(name)
        value = row.parse(text)
        if not isinstance(value, str):
            check_slider(row, value)
        self.values[name] = value

    def take(self, values: "Mapping[str, int | float | str]") -> list[str]:
        """Set these by name, as far as the widgets can show them; returns the others in words."""
        left_out = []
        for name, value in values.items():
            try:
                self.set(name, str(value))
            except SettingError:
                left_out.append(f"{setting(name).label} {setting(name).words(value)}")
        return left_out

    def _arrange(self, verb: str, named: list[str]) -> None:
        if verb == OPEN:
            self.open = [view for view in VIEW_NAMES if view in named]
            self.code_open = CODE_VIEW in named
        self.arrangement.set(verb, named)

    def check(self, name: str) -> None:
        """Raise `SettingError` where the setting `name` contradicts another."""
        if name in ("n_embd", "n_head"):
            check_heads(int(self.values["n_embd"]), int(self.values["n_head"]))

    def read_address(self, fragment: str) -> list[str]:
        """Take over what the address says; returns a sentence for each invalid part."""
        problems = []
        for part in fragment.lstrip("#").split("&"):
            name, _, text = part.partition("=")
            if not name:
                continue
            if name in BROUGHT and text != OWN:
                if len(text) > MAX_LINK_CHARACTERS:
                    problems.append(f"The {name} in this link is too long to be opened.")
                elif text:
                    self.brought[name] = text  # not looked at: that would take long
                continue
            try:
                text = unquote(text)
                check_visible(name + text)
                self.set(name, text)
            except SettingError as error:
                problems.append(str(error))
            except KeyError:
                problems.append(f"The address holds '{name}', which is no setting.")
        return problems

    def address(self, with_brought: bool = True, arranged: list[str] | None = None) -> str:
        """The address's fragment: everything that differs from its default.

        Args:
            with_brought: whether with what a link has brought, and a word on code of one's own.
            arranged: the parts for what is hidden, locked and opened, where it is not as here.
        """
        parts = []
        if self.data != DEFAULT_PRESET:
            parts.append("data=" + self.data)
        if self.leave_out:
            parts.append(f"{LEAVE_OUT}={quote(self.leave_out)}")
        if self.code and with_brought and LINK_CODE not in self.brought:
            parts.append("code=" + OWN)
        for row in SETTINGS:
            value = self.values[row.name]
            if value != row.page_default:
                parts.append(row.name + "=" + quote(str(value)))
        parts += self.arrangement.address(self.opened()) if arranged is None else arranged
        if self.place != PLAYGROUND:
            parts.append("place=" + self.place)
        if self.place == LEARN and self.program != PROGRAMS[0]:
            parts.append("program=" + self.program)
        if self.place == LAB and self.lab:
            parts.append(LAB + "=" + self.lab.replace("%", "%25"))  # it has no other signs to quote
        if with_brought:
            parts += [f"{name}={self.brought[name]}" for name in BROUGHT if name in self.brought]
        return "&".join(parts)

    def opened(self) -> list[str]:
        """The views that are open, and the editor."""
        return [CODE_VIEW] + self.open if self.code_open else self.open

    def shape(self) -> dict[str, int]:
        """The model's settings by name."""
        return {row.name: int(self.values[row.name]) for row in MODEL}

    def run(self) -> SettingValues:
        """The settings of a run, as `StartCommand` has them."""
        return {name: self.values[name] for name in RUN_SETTINGS}

    def sampling(self) -> SettingValues:
        """The sampling settings, as `SetSamplingCommand` has them."""
        return {name: self.values[name] for name in SAMPLING_SETTINGS}

    def signature(self) -> list[int | float | str]:
        """Equal for two experiments whose runs give the same results."""
        values = [self.values[name] for name in DEFINING_SETTINGS]
        return [self.data, self.leave_out, self.code] + values


def check_visible(text: str) -> None:
    """Raise `SettingError` for a text with controls other than line breaks and tabs in it."""
    for character in text:
        control = character < " " and character not in "\n\t"
        if control or "\x7f" <= character <= "\x9f" or character in BIDIRECTIONAL_MARKS:
            raise SettingError(
                f"The address holds a character that cannot be seen, U+{ord(character):04X}."
            )


def differences(experiment: Experiment, values: "Mapping[str, int | float | str]") -> str:
    """In words what would change with these values, in the table's order; "" if nothing would."""
    rows = [row for row in SETTINGS if row.name in values]
    changed = [row for row in rows if experiment.values[row.name] != values[row.name]]
    return ", ".join([f"{row.label} {row.words(values[row.name])}" for row in changed])


def check_slider(row: Setting, value: float) -> None:
    """Raise `SettingError` unless the slider of `row` can stand at `value`, or near it.

    Of a fraction, such as a learning rate, an address may name any value: the slider then stands at
    the nearest stop.
    """
    if value in row.beyond or (row.stops and isinstance(row.default, float)):
        return
    if row.span and not row.span[0] <= value <= row.span[1]:
        first, last = row.words(row.span[0]), row.words((row.span[1:2] + row.beyond)[-1])
        raise SettingError(
            f"{row.label} must lie between {first} and {last} here, but is {row.words(value)}."
        )
    if row.span and abs((value - row.span[0]) / row.span[2] % 1 - 0.5) < 0.49:
        raise SettingError(
            f"{row.label} goes in steps of {row.words(row.span[2])} here, so it cannot be "
            f"{row.words(value)}."
        )
    if row.stops and value not in row.stops:
        stops = ", ".join([row.words(stop) for stop in row.stops])
        raise SettingError(f"{row.label} can be {stops} here, not {row.words(value)}.")


def nearest_stop(stops: tuple[float, ...], value: float, before: float) -> float:
    """The stop that a slider at `value` snaps to, coming from the stop `before`.

    Between two stops it goes on in the direction that it was moved in.

        >>> nearest_stop((8, 16, 32, 64), 24, 16)
        32
    """
    if value < before:
        return max([stop for stop in stops if stop <= value])
    return min([stop for stop in stops if stop >= value])


def nearest_place(stops: tuple[float, ...], value: float) -> int:
    """The place of the stop that is nearest to `value`.

    >>> nearest_place((0.001, 0.002, 0.005), 0.0024)
    1
    """
    distances = [abs(stop - value) for stop in stops]
    return distances.index(min(distances))


def slider_position(row: Setting, value: float) -> float:
    """Where a slider with a `span` stands at this value."""
    assert row.span is not None
    if value not in row.beyond:
        return value
    return row.span[1] + (row.beyond.index(value) + 1) * BEYOND_POSITIONS * row.span[2]


def slider_value(row: Setting, position: float, before: float) -> float:
    """The value of a slider with a `span` at this position, coming from the value `before`."""
    assert row.span is not None
    if position <= row.span[1]:
        return position
    stops = (row.span[1],) + row.beyond
    positions = tuple([slider_position(row, stop) for stop in stops])
    return stops[positions.index(nearest_stop(positions, position, slider_position(row, before)))]


BEYOND_POSITIONS = 5  # of a slider, for each stop behind its span
