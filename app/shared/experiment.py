"""What the person has set up: the data set and every setting, and both as the page's address.

The address is the experiment: whoever opens it gets the same run. Plain Python that MicroPython
understands; it knows nothing of widgets or of the worker.
"""

from app.shared.presets import DEFAULT_PRESET, find
from microgpt.settings import (
    MODEL,
    RUN,
    SAMPLING,
    SETTINGS,
    TOKENIZER,
    TRAINING,
    Setting,
    SettingError,
    check_heads,
    setting,
)

OWN = "own"  # the data set that the person brought

RUN_SETTINGS = [row.name for row in TOKENIZER + MODEL + TRAINING + RUN]
# Changing these makes the run that is under way another one.
DEFINING = [row.name for row in TOKENIZER + MODEL + TRAINING] + ["engine", "precision"]
SAMPLE_SETTINGS = [row.name for row in SAMPLING if row.name != "num_samples"]


class Experiment:
    """The values of all settings by name, and the name of the data set."""

    def __init__(self) -> None:
        self.data = DEFAULT_PRESET
        self.values: dict[str, int | float | str] = {row.name: row.page_default for row in SETTINGS}

    def set(self, name: str, text: str) -> None:
        """Set a setting from a widget's or an address's text; `SettingError` if it cannot be."""
        if name == "data":
            if text != OWN and find(text) is None:
                raise SettingError(f"There is no data set called '{text}'.")
            self.data = text
            return
        row = setting(name)
        value = row.parse(text)
        if not isinstance(value, str):
            check_slider(row, value)
        self.values[name] = value

    def check(self, name: str) -> None:
        """Raise `SettingError` where the setting `name` does not go with the others."""
        if name in ("n_embd", "n_head"):
            check_heads(int(self.values["n_embd"]), int(self.values["n_head"]))

    def read_address(self, fragment: str) -> list[str]:
        """Take over what the address says; return a sentence for each part that makes no sense."""
        complaints = []
        for part in fragment.lstrip("#").split("&"):
            name, _, text = part.partition("=")
            if not name:
                continue
            try:
                self.set(name, unquote(text))
            except SettingError as error:
                complaints.append(str(error))
            except KeyError:
                complaints.append(f"The address holds '{name}', which is no setting.")
        return complaints

    def address(self) -> str:
        """The address's fragment: everything that is not as it is by default."""
        parts = []
        if self.data != DEFAULT_PRESET:
            parts.append("data=" + self.data)
        for row in SETTINGS:
            value = self.values[row.name]
            if value != row.page_default:
                parts.append(row.name + "=" + quote(str(value)))
        return "&".join(parts)

    def differing(self, suggested: dict[str, float]) -> list[str]:
        """The settings, by name and in the table's order, that are not as `suggested` has them."""
        names = [row.name for row in SETTINGS if row.name in suggested]
        return [name for name in names if self.values[name] != suggested[name]]

    def shape(self) -> dict[str, int]:
        """The model's settings by name."""
        return {row.name: int(self.values[row.name]) for row in MODEL}

    def run(self) -> dict[str, int | float | str]:
        """What `commands.start` wants."""
        return {name: self.values[name] for name in RUN_SETTINGS}

    def sampling(self) -> dict[str, int | float | str]:
        """What `commands.sampling` wants."""
        return {name: self.values[name] for name in SAMPLE_SETTINGS}

    def signature(self) -> list[int | float | str]:
        """What makes a run this run and no other; compare two of them for equality."""
        return [self.data] + [self.values[name] for name in DEFINING]


def recommendation(experiment: Experiment, suggested: dict[str, float]) -> str:
    """What would change with the settings that are suggested, in words; "" if nothing would."""
    rows = [setting(name) for name in experiment.differing(suggested)]
    return ", ".join([f"{row.label} {row.words(suggested[row.name])}" for row in rows])


def check_slider(row: Setting, value: float) -> None:
    """Raise `SettingError` unless the slider of `row` can be at `value`."""
    if row.span and not row.span[0] <= value <= row.span[1]:
        first, last = row.words(row.span[0]), row.words(row.span[1])
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
    """The stop that a slider at `value` is meant to be at, coming from the stop `before`.

    A slider can rest between two stops; it goes on in the direction that it was moved in.

        >>> nearest_stop((8, 16, 32, 64), 24, 16)
        32
    """
    if value < before:
        return max([stop for stop in stops if stop <= value])
    return min([stop for stop in stops if stop >= value])


HEX = "0123456789abcdefABCDEF"
SAFE = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"


def quote(text: str) -> str:
    """`text` with everything but letters, digits and `-._~` percent-encoded as UTF-8."""
    result = ""
    for byte in text.encode("utf-8"):
        result += chr(byte) if chr(byte) in SAFE else f"%{byte:02X}"
    return result


def unquote(text: str) -> str:
    """The text that `quote` made this of; what is not properly encoded stays as it is."""
    result = bytearray()
    i = 0
    while i < len(text):
        digits = text[i + 1 : i + 3]
        if text[i] == "%" and len(digits) == 2 and all(digit in HEX for digit in digits):
            result.append(int(digits, 16))
            i += 3
            continue
        result.extend(text[i].encode("utf-8"))
        i += 1
    try:
        return bytes(result).decode("utf-8")
    except UnicodeError:
        return text
