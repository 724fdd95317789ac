"""Where data come from, and how they are to be loaded; texts as JavaScript's blobs.

A text stays in JavaScript's hands: MicroPython would take seconds to look through a long one.
"""

from pyscript import document, window

from app.page.aliases import JsProxy
from app.shared.events import DataLoadedEvent
from app.shared.experiment import LEAVE_OUT, OWN, Experiment
from app.shared.presets import DEFAULT_PRESET
from app.shared.presets import find as find_preset
from app.shared.statistics import LengthStatistics
from app.shared.typed import SettingValues
from microgpt.settings import DATA, SettingError

# These depend on what a text is like, so each begins with their defaults: pieces of one length make
# no sense of a list, nor the limit for rare characters in a book of a short text.
PER_TEXT_OPTIONS = ("format", "encoding", "column", "cut", "rare", "rare_below", "rare_with")

# How the user's own text is loaded. What is left out is of any data, and of the experiment.
OWN_OPTIONS = [row for row in DATA if row.name != LEAVE_OUT]

# The settings that the pieces of one long text depend on.
SIZING_SETTINGS = ("block_size", "tokenizer")

FIRST_MEAN_LENGTH = 7.0  # before any data are loaded: about that of the default data
NOUNS = {"paragraphs": "paragraph", "sentences": "sentence", "windows": "piece"}


async def fetch_bytes(path: str) -> JsProxy:
    """One of the site's own files as a JavaScript array; raises `OSError` if there is none."""
    # Not PyScript's own fetch(), which would copy the bytes into MicroPython one by one.
    response = await window.fetch(f"{document.body.dataset.release}/{path}")
    if not response.ok:
        raise OSError(path)
    return window.Uint8Array.new(await response.arrayBuffer())


class LoadOptions:
    """How the user's own text is loaded: the values of `OWN_OPTIONS` by name."""

    def __init__(self) -> None:
        self.values: SettingValues = {row.name: row.default for row in OWN_OPTIONS}

    def set(self, name: str, text: str) -> None:
        """Set one from a widget's text; raises `SettingError` for an invalid one."""
        for row in OWN_OPTIONS:
            if row.name == name:
                value = row.parse(text)
                if name == "rare_with" and len(text) != 1:
                    raise SettingError(f"{row.label} must be one character.")
                self.values[name] = value

    def check(self, name: str) -> None:
        """Each is valid whatever the others are."""

    def copy(self) -> SettingValues:
        """The values as they are now."""
        return dict(self.values)

    def restore(self, values: SettingValues) -> None:
        """Take over earlier values, but for invalid ones."""
        for name, value in values.items():
            try:
                self.set(name, str(value))
            except SettingError:
                continue

    def reset_per_text(self) -> None:
        """Go back to the defaults where a value was for one text only."""
        for row in OWN_OPTIONS:
            if row.name in PER_TEXT_OPTIONS:
                self.values[row.name] = row.default


class DataSource:
    """Data to train on: a preset, or the user's own text or files.

    Args:
        name: of the preset, or `experiment.OWN`.
        blob: the user's own files, one after the other; None for a preset.
        files: (name, size in bytes) of each; the name of pasted text is empty.
        options: how they are loaded, as in `LoadOptions`.
        leave_out: the patterns of documents that are left out, as `microgpt.patterns.plain`.
    """

    def __init__(
        self,
        name: str,
        blob: JsProxy,
        files: list[tuple[str, int]],
        options: SettingValues,
        leave_out: str = "",
    ) -> None:
        self.name = name
        self.blob = blob
        self.files = files
        self.options = options
        self.leave_out = leave_out

    @property
    def all_options(self) -> SettingValues:
        """The options, and what is left out: the values of the table's group DATA by name."""
        options = dict(self.options)
        options[LEAVE_OUT] = self.leave_out
        return options

    @property
    def is_empty(self) -> bool:
        """Whether it is the user's own data, and there are none yet."""
        return self.name == OWN and not self.files

    @property
    def has_files(self) -> bool:
        """Whether it is the user's own files, rather than a pasted text."""
        return self.name == OWN and bool(self.files) and bool(self.files[0][0])

    @property
    def is_pasted(self) -> bool:
        """Whether it is the user's own text in the text area."""
        return self.name == OWN and bool(self.files) and not self.files[0][0]

    @property
    def is_one_text(self) -> bool:
        """Whether it is one long text, split into pieces that fit the context length."""
        return self.options["cut"] == "windows"

    @property
    def noun(self) -> str:
        """What one document is called; an "s" makes it plural."""
        preset = find_preset(self.name)
        return preset.noun if preset is not None else NOUNS.get(str(self.options["cut"]), "line")

    @property
    def missing(self) -> str:
        """What to say where it cannot be loaded."""
        preset = find_preset(self.name)
        if preset is not None:
            return f"'{preset.title}' could not be loaded: pick it once more."
        names = ", ".join([f"'{name}'" for name, _ in self.files])
        return f"{names or 'The text'} could not be read: choose it once more."

    async def fetch(self) -> JsProxy:
        """The bytes, for the worker to own; raises whatever goes wrong."""
        preset = find_preset(self.name)
        if preset is None:
            return window.Uint8Array.new(await self.blob.arrayBuffer())
        content = await fetch_bytes(f"datasets/{preset.file}")
        self.files = [(preset.file, content.length)]
        return content

    @property
    def first_resort(self) -> "DataSource":
        """What to load where these cannot be, and nothing else is there."""
        return self.leaving_out("") if self.leave_out else preset_source(DEFAULT_PRESET)

    def depends_on(self, name: str) -> bool:
        """Whether its documents depend on the setting `name` of the experiment."""
        return self.is_one_text and name in SIZING_SETTINGS

    def sized_options(self, experiment: Experiment) -> SettingValues:
        """All options, and the settings that the pieces of one long text depend on."""
        options = self.all_options
        for name in SIZING_SETTINGS:
            options[name] = experiment.values[name]
        return options

    def with_options(self, options: SettingValues) -> "DataSource":
        """The same files, loaded with other options."""
        return DataSource(self.name, self.blob, self.files, options, self.leave_out)

    def leaving_out(self, patterns: str) -> "DataSource":
        """The same data without the documents that match these patterns."""
        return DataSource(self.name, self.blob, self.files, self.options, patterns)

    def differs_in_patterns(self, other: "DataSource") -> bool:
        """Whether it is the same as the other but for what is left out."""
        same = self.name == other.name and self.blob is other.blob
        return same and self.options == other.options and self.leave_out != other.leave_out


class DataSummary:
    """What the rest of the page needs to know of loaded data; `message` is None without any."""

    def __init__(self, message: DataLoadedEvent | None) -> None:
        self.preview: list[str] = []  # the first documents, perhaps shortened
        self.num_docs = 0
        self.mean_length = FIRST_MEAN_LENGTH  # of a document, in predictions
        self.characters = 0
        self.lengths: LengthStatistics | None = None  # of its documents, in characters
        self.recommendation: SettingValues = {}  # recommended settings
        if message is not None:
            statistics = message["statistics"]
            self.preview, self.num_docs = message["preview"], statistics["documents"]
            self.characters, self.lengths = statistics["characters"], statistics
            self.mean_length = statistics["characters"] / self.num_docs + statistics["end"]
            self.recommendation = message["info"]["recommendation"]

    @property
    def first_document(self) -> str:
        """The first document, "" if there is none."""
        return self.preview[0] if self.preview else ""


def preset_source(name: str, leave_out: str = "") -> DataSource:
    """The preset of that name, without what matches these patterns."""
    return DataSource(name, None, [], LoadOptions().values, leave_out)


def pasted_source(blob: JsProxy, options: SettingValues) -> DataSource:
    """A pasted text; a blob of no bytes where there is none."""
    return DataSource(OWN, blob, [("", blob.size)] if blob.size else [], options)
