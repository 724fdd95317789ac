"""A sweep: which settings vary, how many seeds, what is measured; and the same as a short text.

Plain Python, because the page reads it in MicroPython.
"""

from microgpt.lab.axis import LAB_SETTINGS, NEXT, SPAN, Axis, parse_axis
from microgpt.lab.measures import measure
from microgpt.quoting import quote, unquote
from microgpt.setting import Setting, SettingError
from microgpt.settings import check_heads
from microgpt.shapes import MYPY

if MYPY:
    from collections.abc import Mapping

    SweepValues = dict[str, int | float | str]  # settings by name

MAX_SWEEP_RUNS = 10_000
MAX_SEEDS = 10_000
PART = ";"  # between the parts of a text
DEFAULT_MEASURE = "held_out_loss"
DEFAULT_DATA_SET = "us-names"


class Sweep:
    """One experiment of many runs.

    Args:
        data: the name of a data set, or of the user's own data.
        base: settings by name that are the same in all runs; the others have the page's defaults.
        axes: what varies; any number of axes, none for seeds alone.
        seeds: the number of runs at each point. They begin with the seed of `base`.
        measured: the name of the measure that is drawn.
        output: the text whose loss `output_loss` is.

    Raises:
        SettingError: it cannot be run: a setting is invalid, or contradicts another.
    """

    def __init__(
        self,
        data: str = DEFAULT_DATA_SET,
        base: "Mapping[str, int | float | str] | None" = None,
        axes: "tuple[Axis, ...] | list[Axis]" = (),
        seeds: int = 1,
        measured: str = DEFAULT_MEASURE,
        output: str = "",
    ) -> None:
        self.data = data
        self.base: SweepValues = {
            name: _row(name).check(value) for name, value in (base or {}).items()
        }
        self.axes = tuple(axes)
        self.seeds = seeds
        self.measured = measure(measured).name
        self.output = output
        self._check()

    def _check(self) -> None:
        names = self.names
        for name in names:
            if names.count(name) > 1:
                raise SettingError(f"{name} varies on two axes: name it once.")
            if name in self.base:
                raise SettingError(f"{name} varies, so it cannot have one value for all runs.")
        if not 1 <= self.seeds <= MAX_SEEDS:
            raise SettingError(f"A sweep has 1 to {MAX_SEEDS:,} seeds, not {self.seeds:,}.")
        if self.measured == "output_loss" and not self.output:
            raise SettingError(
                "The loss of a text needs a text that it is measured of: say which, as output."
            )
        if self.num_runs > MAX_SWEEP_RUNS:
            raise SettingError(
                f"A sweep has {MAX_SWEEP_RUNS:,} runs at most, and this would be "
                f"{self.num_runs:,}: take fewer values or seeds."
            )
        last_seed = int(self.values({})["seed"]) + self.seeds - 1
        _row("seed").check(last_seed)
        for point in self.points():
            values = self.values(point)
            check_heads(int(values["n_embd"]), int(values["n_head"]))

    @property
    def names(self) -> "list[str]":
        """The names of all settings that vary."""
        return [name for axis in self.axes for name in axis.names]

    @property
    def num_points(self) -> int:
        """How many combinations of values there are."""
        count = 1
        for axis in self.axes:
            count *= len(axis.places)
        return count

    @property
    def num_runs(self) -> int:
        """How many runs there are in all."""
        return self.num_points * self.seeds

    def points(self) -> "list[SweepValues]":
        """The combinations of the settings that vary, by name; the last axis varies fastest."""
        points: list[SweepValues] = [{}]
        for axis in self.axes:
            points = [
                dict(list(point.items()) + list(zip(axis.names, place)))
                for point in points
                for place in axis.places
            ]
        return points

    def runs(self) -> "list[SweepValues]":
        """What varies from run to run, in their order: every point with the first seed, and so on.

        So a picture of all points is soon whole, and is then refined.
        """
        first = int(self.values({})["seed"])
        points = self.points()
        return [
            dict(list(point.items()) + [("seed", first + number)])
            for number in range(self.seeds)
            for point in points
        ]

    def values(self, run: "Mapping[str, int | float | str]") -> "SweepValues":
        """All settings of a run by name, those of the lab among them: the page's defaults, `base`,
        and what `run` says."""
        values: SweepValues = {row.name: row.page_default for row in LAB_SETTINGS}
        values.update(self.base)
        values.update(run)
        return values

    def text(self) -> str:
        """The sweep as `parse_sweep` reads it, for an address: what differs from the defaults.

        Settings, `data` and `output` are percent-encoded, so none of `;&#` stands in a value.
        """
        base = self.base
        set_rows = [row for row in LAB_SETTINGS if row.name in base]
        parts = ["data=" + quote(self.data)]
        parts += [row.name + "=" + quote(str(base[row.name])) for row in set_rows]
        for axis in self.axes:
            text = axis.text()
            parts.append(text if len(axis.places) > 1 else text + NEXT)
        if self.seeds != 1:
            parts.append(f"seeds={self.seeds}")
        if self.measured != DEFAULT_MEASURE:
            parts.append("measure=" + self.measured)
        if self.output:
            parts.append("output=" + quote(self.output))
        return PART.join(parts)


def parse_sweep(text: str) -> Sweep:
    """The sweep that a text says: parts with a semicolon between them.

        part  = "data=" name | "seeds=" number | "measure=" name | "output=" text
              | setting "=" value | axis

    An axis has several values, or one with a comma behind it.

    Raises `SettingError` if it is none, or cannot be run.

    >>> sweep = parse_sweep("data=words;num_steps=300;n_embd=8,16;seeds=2")
    >>> sweep.base, sweep.runs()[0]
    ({'num_steps': 300}, {'n_embd': 8, 'seed': 42})
    """
    fields = {"data": DEFAULT_DATA_SET, "seeds": "1", "measure": DEFAULT_MEASURE, "output": ""}
    base: SweepValues = {}
    axes: list[Axis] = []
    for part in text.split(PART):
        name, equals, value = part.partition("=")
        if not equals:
            raise SettingError(f"A part of an experiment is written as name=value, not '{part}'.")
        if name in fields:
            fields[name] = unquote(value)
        elif NEXT in value or SPAN in value:
            single = value.endswith(NEXT)
            axes.append(parse_axis(part[:-1] if single else part))
        elif name in base:
            raise SettingError(f"{name} has two values.")
        else:
            base[name] = _row(name).parse(unquote(value))
    seeds = fields["seeds"]
    if not seeds or len(seeds) > 6 or not all(digit in "0123456789" for digit in seeds):
        raise SettingError(f"The number of seeds must be a whole number, not '{seeds}'.")
    return Sweep(fields["data"], base, axes, int(seeds), fields["measure"], fields["output"])


def _row(name: str) -> Setting:
    for row in LAB_SETTINGS:
        if row.name == name:
            return row
    raise SettingError(f"There is no setting called '{name}'.")
