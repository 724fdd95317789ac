"""One setting as a row of the table in `settings.py`, and which values it accepts.

Plain Python without imports, because the page reads it in MicroPython. It knows none of the
settings.
"""

# Of what is not a number or has no end too ("nan", "inf"): that is out of range.
NUMBER_CHARACTERS = "0123456789+-.eEinfatyINFATY"


class SettingError(ValueError):
    """A setting has a value that it cannot have; the message says which values are valid."""


class Setting:
    """One row of the table.

    Args:
        name: the field's name (`n_embd`), also its key in the URL.
        label: its name on the page; the accessible name of its widget.
        default: the default value; its type is the setting's type.
        meaning: one sentence for a beginner, kept as `help`.
        low, high: the smallest and largest valid value (numbers only).
        stops: the values of the page's slider, where these are few.
        span: (first, last, step) of the page's slider, where its stops are regular.
        beyond: further stops behind `span`, ever farther apart.
        page_default: the page's default where it differs from the command line's.
        choices: (value, label) pairs of a setting with a fixed list of values.
        aliases: old names of choices and the values that replaced them; read, never written.
        even_stops: whether the slider's stops are evenly spaced whatever their values, as on a
            log scale.
        percent: whether the value is shown as a percentage.
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
        beyond: tuple[float, ...] = (),
        page_default: float | None = None,
        choices: tuple[tuple[str, str], ...] = (),
        aliases: tuple[tuple[str, str], ...] = (),
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
        self.beyond = beyond
        self.page_default = default if page_default is None else page_default
        self.choices = choices
        self.aliases = dict(aliases)
        self.even_stops = even_stops
        self.percent = percent

    def words(self, value: int | float | str) -> str:
        """`value` as text for the page: 10,000 or 10%."""
        if isinstance(value, str):
            return value
        if self.percent:
            return f"{round(value * 100)}%"
        if isinstance(value, float):
            return f"{value:g}"
        return str(value) if self.name == "seed" else f"{value:,}"

    def and_choices(self, *more: tuple[str, str]) -> "Setting":
        """The same setting with more choices."""
        choices = self.choices + more
        return Setting(self.name, self.label, self.default, self.help, choices=choices)

    def parse(self, text: str, high: float | None = None) -> int | float | str:
        """The value written as `text` in a URL, a widget or a command line; `high` as of `check`.

        Raises `SettingError` if it is not a valid value.
        """
        wrong = self._wrong_type(f"'{text}'" if text else "empty")
        try:
            value = type(self.default)(text)
        except (ValueError, OverflowError):
            raise wrong from None
        if not isinstance(value, str):
            # Python also reads 1_000, numbers between spaces, and the digits of other scripts.
            plain = all(character in NUMBER_CHARACTERS for character in text)
            if not plain or (value == 0 and text[0] == "-"):
                raise wrong
        return self.check(value, high)

    def check(self, value: int | float | str, high: float | None = None) -> int | float | str:
        """The valid value for `value`: itself, or the current name of an old choice.

        `high` is the largest valid value, where that is another than the table's.

        Raises `SettingError` if it has the wrong type or is out of range.
        """
        widened = type(value) is int and isinstance(self.default, float)
        if type(value) is not type(self.default) and not widened:
            raise self._wrong_type(repr(value))
        if isinstance(value, str):
            value = self.aliases.get(value, value)
            valid = [choice for choice, _ in self.choices]
            if valid and value not in valid:
                raise SettingError(
                    f"{self.label} must be one of {', '.join(valid)}, not '{value}'."
                )
        elif self.low is not None and self.high is not None:
            high = self.high if high is None else high
            if not self.low <= value <= high:
                raise SettingError(
                    f"{self.label} must lie between {self.low} and {high}, but is {value}."
                )
        return float(value) if widened else value

    def _wrong_type(self, given: str) -> SettingError:
        noun = {int: "a whole number", float: "a number", str: "text"}[type(self.default)]
        return SettingError(f"{self.label} must be {noun}, not {given}.")
