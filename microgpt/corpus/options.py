"""The options for loading a corpus, as one checked record.

Fields, defaults and limits are those of `DATA` in the table of settings. The module does not know
what an option does, only which stage of loading depends on it.
"""

from __future__ import annotations

from dataclasses import dataclass

from microgpt.patterns import patterns_of
from microgpt.settings import DATA, LARGE_SIZES, SettingError, setting

OPTION_SETTINGS = {option.name: option for option in DATA}
# Contexts in a window, in characters, where tokens may be longer. BPE tokens have two to four
# characters each, so a window has some five contexts of tokens.
WINDOW_CONTEXTS = 16


@dataclass(frozen=True, slots=True)
class CorpusOptions:
    """How to turn files into documents. Raises `SettingError` for an invalid value."""

    format: str = str(OPTION_SETTINGS["format"].default)
    encoding: str = str(OPTION_SETTINGS["encoding"].default)
    column: str = str(OPTION_SETTINGS["column"].default)
    cut: str = str(OPTION_SETTINGS["cut"].default)
    case: str = str(OPTION_SETTINGS["case"].default)
    accents: str = str(OPTION_SETTINGS["accents"].default)
    digits: str = str(OPTION_SETTINGS["digits"].default)
    rare: str = str(OPTION_SETTINGS["rare"].default)
    rare_below: int = int(OPTION_SETTINGS["rare_below"].default)
    rare_with: str = str(OPTION_SETTINGS["rare_with"].default)
    duplicates: str = str(OPTION_SETTINGS["duplicates"].default)
    leave_out: str = str(OPTION_SETTINGS["leave_out"].default)
    block_size: int = int(setting("block_size").default)  # the context length of the model to train
    tokenizer: str = str(setting("tokenizer").default)  # of the same model

    def __post_init__(self) -> None:
        for row in (*OPTION_SETTINGS.values(), setting("block_size"), setting("tokenizer")):
            value = row.check(getattr(self, row.name), LARGE_SIZES.get(row.name))
            object.__setattr__(self, row.name, value)
        if len(self.rare_with) != 1 or self.rare_with == "\0":
            label = OPTION_SETTINGS["rare_with"].label
            raise SettingError(f"{label} must be one character, not '{self.rare_with[:20]}'.")
        patterns_of(self.leave_out)

    @property
    def patterns(self) -> list[str]:
        """The patterns of documents that are left out."""
        return patterns_of(self.leave_out)

    @property
    def windowed(self) -> bool:
        """Whether the documents are windows of one long text, which have no end."""
        return self.cut == "windows"

    @property
    def window_chars(self) -> int:
        """Characters in a window: one context, or several if tokens are longer than a character.

        How many characters fill a context is not known before the BPE merges are learned. A window
        of several contexts is trained on in as many parts.
        """
        return self.block_size * (WINDOW_CONTEXTS if self.tokenizer == "bpe" else 1)

    @property
    def parsing_key(self) -> tuple[object, ...]:
        """The values that the first stage depends on, from bytes to texts and columns."""
        return self.format, self.encoding

    @property
    def splitting_key(self) -> tuple[object, ...]:
        """The values that the second stage depends on, from texts to clean documents."""
        window_chars = self.window_chars if self.windowed else None
        return self.column, self.cut, window_chars, self.case, self.accents, self.digits

    @property
    def filtering_key(self) -> tuple[object, ...]:
        """The values that the third stage depends on, the filtering of documents."""
        rare = (self.rare, self.rare_below, self.rare_with) if self.rare != "keep" else ()
        return self.duplicates, rare, *self.patterns
