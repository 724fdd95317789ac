"""A setting as a row of the table in `settings.py`, and what it takes for a value.

It is plain Python without imports, because the page reads it in MicroPython. It knows none of the
settings.
"""


class SettingError(ValueError):
    """A setting has a value that it cannot have; the message says what would be right."""


class Setting:
    """One row of the table.

    Args:
        name: the field's own name (`n_embd`), also its key in the URL.
        label: what people call it; the accessible name of its widget.
        default: the value where nothing else is said; its type is the setting's type.
        low, high: the smallest and largest value that is understood anywhere (numbers only).
        meaning: one sentence for a beginner, kept as `help`.
        stops: the values that the page's slider stops at, where these are few.
        span: (first, last, step) of the page's slider, where its stops are regular.
        page_default: the page's default where it differs from the command line's.
        choices: (value, words) pairs of a setting that is one of a few words.
        even_stops: whether the slider's stops lie evenly, as on a log scale, whatever their values.
        percent: whether people read the value as a percentage.
    """

    def __init__(
        self,
        name: str,
        label: str,
        default: int | float | str,
        meaning: str,
        low: float | None = None,
        high: float | None = None,
        stops: tuple[float, ...] = (),
        span: tuple[float, float, float] | None = None,
        page_default: float | None = None,
        choices: tuple[tuple[str, str], ...] = (),
        even_stops: bool = False,
        percent: bool = False,
    ) -> None:
        self.name = name
        self.label = label
        self.default = default
        self.help = meaning
        self.low = low
        self.high = high
        self.stops = stops
        self.span = span
        self.page_default = default if page_default is None else page_default
        self.choices = choices
        self.even_stops = even_stops
        self.percent = percent

    def words(self, value: int | float | str) -> str:
        """`value` as people read it: 10,000 or 10%."""
        if isinstance(value, str):
            return value
        if self.percent:
            return f"{round(value * 100)}%"
        if isinstance(value, float):
            return f"{value:g}"
        return str(value) if self.name == "seed" else f"{value:,}"

    def parse(self, text: str) -> int | float | str:
        """The value that `text` (from a URL, a widget or a command line) stands for.

        Raises `SettingError` with one clear sentence if it is no such value.
        """
        try:
            value = type(self.default)(text)
        except (ValueError, OverflowError):
            raise self._wrong_type(f"'{text}'") from None
        return self.check(value)

    def check(self, value: int | float | str) -> int | float | str:
        """`value` itself, if it is of the right type and within the limits, else `SettingError`."""
        widened = type(value) is int and isinstance(self.default, float)
        if type(value) is not type(self.default) and not widened:
            raise self._wrong_type(repr(value))
        if isinstance(value, str):
            words = [choice for choice, _ in self.choices]
            if words and value not in words:
                raise SettingError(
                    f"{self.label} must be one of {', '.join(words)}, not '{value}'."
                )
        elif self.low is not None and self.high is not None and not self.low <= value <= self.high:
            raise SettingError(
                f"{self.label} must lie between {self.low} and {self.high}, but is {value}."
            )
        return float(value) if widened else value

    def _wrong_type(self, given: str) -> SettingError:
        noun = {int: "a whole number", float: "a number", str: "text"}[type(self.default)]
        return SettingError(f"{self.label} must be {noun}, not {given}.")
