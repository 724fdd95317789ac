"""An axis of a sweep: a setting, or several that vary together, and the values that they take.

Plain Python, because the page reads it in MicroPython.
"""

from microgpt.setting import Setting, SettingError
from microgpt.settings import MODEL, OPTIMIZATION, RUN, SAMPLING, SETTINGS, TOKENIZER, TRAINING

MAX_AXIS_VALUES = 100
MAX_LISTED_VALUES = 4  # more values that are spaced by a factor are written as a span
SPAN, TIMES, TOGETHER, NEXT = "..", "x", "/", ","

# What only experiments vary. A run of the playground has the defaults.
LAB_ONLY = (
    Setting(
        "num_docs",
        "Training documents",
        0,
        "How many documents to train on, the first ones after the shuffle; 0 takes all.",
        low=0,
        high=10_000_000,
    ),
    Setting(
        "window",
        "Attention window",
        0,
        "How many tokens attention reads, up to the newest one; 0 is all.",
        low=0,
        high=512,
    ),
)
LAB_SETTINGS = SETTINGS + LAB_ONLY

_NOT_VARIED = ("seed", "mask", "prefix", "num_samples", "pace", "engine")
VARIABLE = tuple(
    [
        row
        for row in LAB_ONLY + MODEL + TRAINING + OPTIMIZATION + TOKENIZER + SAMPLING + RUN
        if row.name not in _NOT_VARIED
    ]
)

# What is offered for each setting, in the order of a list to choose from.
OFFERED = (
    "learning_rate=0.001..0.1x8",
    "n_embd=8,16,32,64",
    "n_layer=1,2,3,4",
    "n_head=1,2,4,8",
    "block_size=4,8,16,32",
    "num_docs=100,300,1000,3000,10000",
    "num_steps=100,300,1000,3000",
    "batch_size=1,4,16,64",
    "window=1,2,4,8",
    "tokenizer=characters,bpe",
    "vocab_limit=64,128,256,512",
    "optimizer=adam,adamw,sgd",
    "schedule=linear,cosine,constant,wsd",
    "weight_decay=0.0,0.01,0.1,1.0",
    "beta1=0.0,0.5,0.85,0.95",
    "beta2=0.9,0.99,0.999",
    "momentum=0.0,0.5,0.9,0.98",
    "warmup=0.0,0.05,0.1,0.3",
    "decay=0.1,0.2,0.5,1.0",
    "clip=0.0,0.1,1.0,10.0",
    "init_std=0.01..0.32x6",
    "eval_fraction=0.05,0.1,0.2,0.5",
    "temperature=0.2,0.5,0.8,1.0,1.5",
    "top_k=0,3,10",
    "top_p=0.5,0.9,1.0",
    "precision=f32,f64",
)


class Axis:
    """Settings that vary together (mostly one), and the places on the axis.

    Args:
        names: of the settings, at least one.
        places: for each place on the axis its values, in the order of the names.

    Raises:
        SettingError: a setting cannot be varied or have such a value, or there are no places, too
            many, or the same one twice.
    """

    def __init__(
        self, names: "tuple[str, ...]", places: "list[tuple[int | float | str, ...]]"
    ) -> None:
        rows = [variable(name) for name in names]
        self.names = tuple(names)
        self.places = [
            tuple([row.check(value) for row, value in zip(rows, place)]) for place in places
        ]
        title = TOGETHER.join(names)
        if len(set(names)) < len(names):
            raise SettingError(f"{title} names a setting twice.")
        if not 0 < len(self.places) <= MAX_AXIS_VALUES:
            raise SettingError(
                f"{title} must have 1 to {MAX_AXIS_VALUES} values, but has {len(self.places)}."
            )
        for number, place in enumerate(self.places):
            if place in self.places[:number]:
                raise SettingError(f"{title} has the value {place_text(place)} twice.")

    @property
    def label(self) -> str:
        """What varies, in the words of the page."""
        return " and ".join([variable(name).label for name in self.names])

    def labels(self) -> "list[str]":
        """The places in the words of the page."""
        rows = [variable(name) for name in self.names]
        return [
            " / ".join([short_words(row, value) for row, value in zip(rows, place)])
            for place in self.places
        ]

    def text(self) -> str:
        """The axis as `parse_axis` reads it, as short as it can be."""
        texts = [place_text(place) for place in self.places]
        listed = NEXT.join(texts)
        if len(self.names) == 1 and len(texts) > MAX_LISTED_VALUES:
            first, last = self.places[0][0], self.places[-1][0]
            row = variable(self.names[0])
            try:
                spaced = spaced_values(row, first, last, len(texts))
            except SettingError:
                spaced = []
            if spaced == [place[0] for place in self.places]:
                listed = f"{texts[0]}{SPAN}{texts[-1]}{TIMES}{len(texts)}"
        return TOGETHER.join(self.names) + "=" + listed


def short_words(row: Setting, value: "int | float | str") -> str:
    """A value in the words of the page, of a fraction no more than three digits.

    >>> short_words(variable("learning_rate"), 0.00334716)
    '0.00335'
    """
    fraction = isinstance(value, float) and not row.percent
    return f"{value:.3g}" if fraction else row.words(value)


def variable(name: str) -> Setting:
    """The row of a setting that can be varied. Raises `SettingError` if there is none."""
    for row in VARIABLE:
        if row.name == name:
            return row
    if name == "seed":
        raise SettingError("Seeds are varied by their number: say how many, not which.")
    names = ", ".join([row.name for row in VARIABLE])
    raise SettingError(f"There is no setting called '{name}' to vary; there are {names}.")


def parse_axis(text: str) -> Axis:
    """The axis that a text says.

        axis   = names "=" ( place { "," place } | value ".." value "x" count )
        names  = name { "/" name }
        place  = value { "/" value }

    The second form has `count` values, which are spaced by a constant factor, both ends
    included; whole numbers are rounded.

    Raises `SettingError` if it is none.

    >>> [place[0] for place in parse_axis("n_embd=8..64x4").places]
    [8, 16, 32, 64]
    >>> parse_axis("n_layer/n_embd=1/32,2/24").places
    [(1, 32), (2, 24)]
    """
    named, equals, listed = text.partition("=")
    if not equals:
        raise SettingError(
            f"An axis is written as n_embd=8,16,32 or learning_rate=0.001..0.1x8, not '{text}'."
        )
    names = tuple(named.split(TOGETHER))
    rows = [variable(name) for name in names]
    if len(rows) == 1 and SPAN in listed:
        return Axis(names, [(value,) for value in _parse_span(rows[0], listed)])
    places = []
    for place in listed.split(NEXT):
        values = place.split(TOGETHER)
        if len(values) != len(rows):
            raise SettingError(
                f"{named} needs {len(rows)} values at each place, as in "
                f"{TOGETHER.join([str(row.default) for row in rows])}, not '{place}'."
            )
        places.append(tuple([row.parse(value) for row, value in zip(rows, values)]))
    return Axis(names, places)


def _parse_span(row: Setting, text: str) -> "list[int | float]":
    """The values of the form `a..bxN`."""
    first, _, rest = text.partition(SPAN)
    last, times, count = rest.rpartition(TIMES)
    if not times or not count or not all(digit in "0123456789" for digit in count):
        raise SettingError(
            f"{row.name} needs a number of values behind its span, as in 1{SPAN}100{TIMES}5, "
            f"not '{text}'."
        )
    if len(count) > 4:
        raise SettingError(f"{row.name} must have 1 to {MAX_AXIS_VALUES} values, not {count}.")
    return spaced_values(row, row.parse(first), row.parse(last), int(count))


def spaced_values(
    row: Setting, first: "int | float | str", last: "int | float | str", count: int
) -> "list[int | float]":
    """`count` values of a setting from `first` to `last`, spaced by a constant factor.

    Whole numbers are rounded, so that only their ends are exact.

    Raises `SettingError` where there are none: for texts, for 0, for less than two, for more than
    there are whole numbers.
    """
    if isinstance(first, str) or isinstance(last, str):
        raise SettingError(f"{row.label} is no number, so its values must be listed.")
    if first <= 0 or last <= 0:
        raise SettingError(
            f"{row.label} needs ends above 0, since its values are spaced by a factor: list them "
            "to have 0 among them."
        )
    if not 2 <= count <= MAX_AXIS_VALUES:
        raise SettingError(
            f"{row.label} can be divided into 2 to {MAX_AXIS_VALUES} values, not {count}."
        )
    ratio = last / first
    between = [first * ratio ** (place / (count - 1)) for place in range(1, count - 1)]
    values = [first] + [float(f"{value:.12g}") for value in between] + [last]
    if isinstance(row.default, int):
        values = [round(value) for value in values]
    if len(set(values)) < count:
        raise SettingError(
            f"{row.label} has no {count} different values from {first} to {last} that are spaced "
            "by a factor: ask for fewer, or list them."
        )
    return values


def place_text(place: "tuple[int | float | str, ...]") -> str:
    """The values of a place on an axis, as they are written in its text."""
    return TOGETHER.join([str(value) for value in place])
