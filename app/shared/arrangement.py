"""What of the page a link hides, locks or opens: everything that has a name there, in one table.

The HTML marks each of them: `data-item="NAME"` is hidden with it, `data-lock="NAME"` locked. They
are so from the first picture on, see `static/arrangement.js`. Plain Python that MicroPython
understands.
"""

from app.shared.typed import TYPE_CHECKING
from app.shared.views import CODE_VIEW, VIEW_NAMES, VIEWS
from microgpt.settings import (
    MODEL,
    OPTIMIZATION,
    RUN,
    SAMPLING,
    TOKENIZER,
    TRAINING,
    SettingError,
    setting,
)

if TYPE_CHECKING:
    PageItem = tuple[str, str, tuple[str, ...]]  # name, words and verbs

HIDE, LOCK, OPEN = "hide", "lock", "open"
LOCKED = "The link that opened this page keeps this as it is."
VERBS = (HIDE, LOCK, OPEN)  # what a link can do with an item; their names in the address
OPEN_VIEWS = [CODE_VIEW] + VIEW_NAMES  # what the user opens and closes besides

# (name, words): what a page in a frame is made of, in its order; see `static/arrangement.js`.
PANELS = (
    ("training", "Train, Step and the run's figures"),
    ("chart", "Loss chart"),
    ("live", "Lines written while it trains"),
    ("verdict", "What came of the run"),
    ("text", "Text, one token at a time"),
    ("samples", "Many at once"),
    ("picture", "From text to bars"),
    ("views", "Row of views"),
    ("data", "Data"),
    ("model", "Model"),
    ("settings", "How it learns"),
)
LOCKED_PANELS = ("training", "text", "samples", "views", "data", "model", "settings")
ADVANCED = ["batch_size", "eval_fraction", "seed", "engine", "precision", "reset-settings"]
MORE_WAYS = [row.name for row in OPTIMIZATION]
# The names that lie within others, and are locked with them.
WITHIN = {
    "training": [
        "train",
        "step",
        "train-longer",
        "start-over",
        "pace",
        "num_runs",
        "live-training",
    ],
    "text": ["next", "back", "auto", "play_speed", "undo", "reset"],
    "samples": ["generate", "num_samples", "prefix"],
    "views": VIEW_NAMES,
    "data": ["own", "recommended", "leave_out"],
    "model": [row.name for row in TOKENIZER + MODEL] + [CODE_VIEW],
    "settings": ["learning_rate", "num_steps"] + MORE_WAYS + ADVANCED,
    "more-ways": MORE_WAYS,
    "advanced": ADVANCED,
}


def groups() -> "list[tuple[str, list[PageItem]]]":
    """The table: a title for each group, and its items.

    An item is its name, what it is called on the page, and the verbs that there are for it.
    """
    panels: list[PageItem] = [
        (name, words, (HIDE, LOCK) if name in LOCKED_PANELS else (HIDE,)) for name, words in PANELS
    ]
    views: list[PageItem] = [(CODE_VIEW, "Model code", VERBS)]
    views += [(row[0], row[1], VERBS) for row in VIEWS]
    return [
        ("Panels", panels),
        (
            "Training",
            _buttons(
                ("train", "Train"),
                ("step", "Step"),
                ("train-longer", "Train longer"),
                ("start-over", "Start over"),
                ("runs", "Runs side by side"),
            )
            + [_setting("pace"), _setting("num_runs")]
            + _buttons(("live-training", "Live")),
        ),
        (
            "Writing",
            [_setting(row.name) for row in SAMPLING if row.name not in ("num_samples", "prefix")]
            + _buttons(
                ("next", "Next token"),
                ("back", "Back"),
                ("auto", "Auto-play"),
            )
            + [_setting("play_speed")]
            + _buttons(
                ("undo", "Undo and Redo"),
                ("reset", "Reset"),
                ("generate", "Generate"),
            )
            + [_setting("num_samples")]
            + _buttons(("prefix", "Begin each with the text")),
        ),
        ("Views", views),
        (
            "Data",
            _buttons(
                ("own", "Bring your own"),
                ("recommended", "Recommended settings"),
                ("leave_out", "Leave out"),
            )
            + [("more-data", "More about this data", VERBS)],
        ),
        (
            "Model",
            [_setting(row.name) for row in MODEL + TOKENIZER]
            + [("merges", "Vocabulary", VERBS), ("parameters", "Weights, matrix by matrix", VERBS)],
        ),
        (
            "How it learns",
            [_setting(row.name) for row in TRAINING + OPTIMIZATION]
            + [_setting(row.name) for row in RUN if row.name != "pace"]
            + _buttons(("reset-settings", "Reset settings"))
            + [("more-ways", "More ways to learn", VERBS), ("stops", "Stop by itself", VERBS)]
            + [("advanced", "Advanced", VERBS)],
        ),
        (
            "Around it",
            [("header", "Header", (HIDE,))]
            + _buttons(("lab", "Lab"), ("learn", "Learn"), ("models", "Models"), ("share", "Share"))
            + [("footer", "Footer", (HIDE,))],
        ),
    ]


def _setting(name: str) -> "PageItem":
    return (name, setting(name).label, (HIDE, LOCK))


def _buttons(*rows: tuple[str, str]) -> "list[PageItem]":
    return [(name, words, (HIDE, LOCK)) for name, words in rows]


class Arrangement:
    """The names of what is hidden, locked and opened, each list in the table's order.

    Of what a link opens, views and editor are in the experiment: the user opens and closes them.
    """

    def __init__(self) -> None:
        self.names: dict[str, list[str]] = {HIDE: [], LOCK: [], OPEN: []}

    def set(self, verb: str, named: list[str]) -> None:
        """Do this with all that is named, and with nothing else.

        Raises `SettingError`, when it is done, where there is nothing of one of these names, or
        where it cannot be done with it.
        """
        able = [name for _, items in groups() for name, _, verbs in items if verb in verbs]
        kept = [name for name in able if name in named]
        self.names[verb] = [name for name in kept if verb != OPEN or name not in OPEN_VIEWS]
        for name in named:
            if name not in able:
                raise SettingError(f"There is nothing called '{name}' to {verb} on this page.")

    def locks(self, name: str) -> bool:
        """Whether this is locked, by itself or with what it lies within."""
        locked = self.names[LOCK]
        within = [outer for outer, names in WITHIN.items() if name in names]
        return name in locked or any(outer in locked for outer in within)

    def address(self, opened: list[str]) -> list[str]:
        """The parts of an address; `opened`: the views that are open now."""
        parts = []
        for verb in VERBS:
            named = opened + self.names[verb] if verb == OPEN else self.names[verb]
            if named:
                parts.append(verb + "=" + ",".join(named))
        return parts
