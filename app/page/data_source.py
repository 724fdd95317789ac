"""Where data come from, and how they are to be read; texts as JavaScript's blobs.

A text stays in JavaScript's hands: MicroPython would take seconds to look through a long one. The
module knows nothing of what is in the data.
"""

from pyscript import document, window

from app.page.types import JsProxy
from app.page.views.dom import find
from app.shared.experiment import OWN
from app.shared.presets import find as find_preset
from microgpt.settings import DATA, SettingError

# These are chosen for every file anew: what suits one makes no sense of another.
OF_A_FILE = ("format", "encoding", "column")


NOUNS = {"paragraphs": "paragraph", "sentences": "sentence", "windows": "piece"}


async def site_bytes(path: str) -> JsProxy:
    """One of the site's own files as a JavaScript array; raises `OSError` if there is none."""
    # Not PyScript's own fetch(), which would copy the bytes into MicroPython one by one.
    response = await window.fetch(f"{document.body.dataset.release}/{path}")
    if not response.ok:
        raise OSError(path)
    return window.Uint8Array.new(await response.arrayBuffer())


class ReadSettings:
    """How the person's own text is read: the values of the table's group DATA by name."""

    def __init__(self) -> None:
        self.values: dict[str, int | float | str] = {row.name: row.default for row in DATA}

    def set(self, name: str, text: str) -> None:
        """Set one from a widget's text; `SettingError` if it cannot be so."""
        for row in DATA:
            if row.name == name:
                value = row.parse(text)
                if name == "rare_with" and len(text) != 1:
                    raise SettingError(f"{row.label} must be one character.")
                self.values[name] = value

    def check(self, name: str) -> None:
        """Whatever the others are, each can be as it is."""

    def copy(self) -> dict[str, int | float | str]:
        """The values as they are now."""
        return dict(self.values)

    def restore(self, values: dict[str, int | float | str]) -> None:
        """Have the values of before; what cannot be is left as it is."""
        for name, value in values.items():
            try:
                self.set(name, str(value))
            except SettingError:
                continue

    def forget_file(self) -> None:
        """Have the defaults where a value was for one file only."""
        for row in DATA:
            if row.name in OF_A_FILE:
                self.values[row.name] = row.default


class Source:
    """Data to train on: a data set that comes with the page, or what the person brought.

    Args:
        name: of the data set, or `experiment.OWN`.
        blob: what the person brought, all files one behind the other.
        files: (name, size in bytes) of each; the name of what was pasted is empty.
        settings: how they are read, as in `ReadSettings`.
    """

    def __init__(
        self,
        name: str,
        blob: JsProxy,
        files: list[tuple[str, int]],
        settings: dict[str, int | float | str],
    ) -> None:
        self.name = name
        self.blob = blob
        self.files = files
        self.settings = settings

    @property
    def is_nothing(self) -> bool:
        """Whether the person has brought nothing yet."""
        return self.name == OWN and not self.files

    @property
    def has_files(self) -> bool:
        """Whether it is what the person brought as files."""
        return self.name == OWN and bool(self.files) and bool(self.files[0][0])

    @property
    def in_pieces(self) -> bool:
        """Whether it is cut into pieces that suit the context length."""
        return self.settings["cut"] == "windows"

    @property
    def noun(self) -> str:
        """One document is one of these; an "s" makes it many."""
        preset = find_preset(self.name)
        return preset.noun if preset is not None else NOUNS.get(str(self.settings["cut"]), "line")

    @property
    def missing(self) -> str:
        """What to say where it cannot be loaded."""
        preset = find_preset(self.name)
        if preset is not None:
            return f"'{preset.title}' could not be loaded: pick it once more."
        names = ", ".join([f"'{name}'" for name, _ in self.files])
        return f"{names or 'The text'} could not be read: choose it once more."

    async def load(self) -> JsProxy:
        """The bytes, for the worker to own; raises whatever goes wrong."""
        preset = find_preset(self.name)
        if preset is None:
            return window.Uint8Array.new(await self.blob.arrayBuffer())
        content = await site_bytes(f"datasets/{preset.file}")
        self.files = [(preset.file, content.length)]
        return content

    def otherwise(self, settings: dict[str, int | float | str]) -> "Source":
        """The same files, read with other settings."""
        return Source(self.name, self.blob, self.files, settings)


def preset_source(name: str) -> Source:
    """The data set of that name."""
    return Source(name, None, [], ReadSettings().values)


def pasted(settings: dict[str, int | float | str]) -> Source:
    """What is in the text area now."""
    blob = window.microgpt.textBlob(find("own-text"))
    return Source(OWN, blob, [("", blob.size)] if blob.size else [], settings)
