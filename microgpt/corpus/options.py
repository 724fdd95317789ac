"""How files are to be read, as one checked record.

Its fields, defaults and limits are the rows of `DATA` in the table of settings. The module knows
nothing of what the options do; only which of them each stage of the reading hangs on.
"""

from __future__ import annotations

from dataclasses import dataclass

from microgpt.settings import DATA, SettingError, setting

ROWS = {row.name: row for row in DATA}
CONTEXTS = 16  # in characters; byte pairs have two to four each, so some five contexts of tokens


@dataclass(frozen=True, slots=True)
class CorpusOptions:
    """What to make of files. Raises `SettingError` for a value that cannot be."""

    format: str = str(ROWS["format"].default)
    encoding: str = str(ROWS["encoding"].default)
    column: str = str(ROWS["column"].default)
    cut: str = str(ROWS["cut"].default)
    case: str = str(ROWS["case"].default)
    accents: str = str(ROWS["accents"].default)
    digits: str = str(ROWS["digits"].default)
    rare: str = str(ROWS["rare"].default)
    rare_below: int = int(ROWS["rare_below"].default)
    rare_with: str = str(ROWS["rare_with"].default)
    duplicates: str = str(ROWS["duplicates"].default)
    block_size: int = int(setting("block_size").default)  # the context length of the model to be
    tokenizer: str = str(setting("tokenizer").default)  # what its tokens are

    def __post_init__(self) -> None:
        for row in (*DATA, setting("block_size"), setting("tokenizer")):
            object.__setattr__(self, row.name, row.check(getattr(self, row.name)))
        if len(self.rare_with) != 1 or self.rare_with == "\0":
            label = ROWS["rare_with"].label
            raise SettingError(f"{label} must be one character, not '{self.rare_with[:20]}'.")

    @property
    def in_pieces(self) -> bool:
        """Whether the documents are pieces of one long text, which end nowhere."""
        return self.cut == "windows"

    @property
    def width(self) -> int:
        """Characters in a piece of one long text: a context's, or several where tokens are longer.

        How many characters fill a context is not known before the byte pairs are learnt. A piece
        of several contexts is trained on in as many parts.
        """
        return self.block_size * (CONTEXTS if self.tokenizer == "bpe" else 1)

    @property
    def for_decoding(self) -> tuple[object, ...]:
        """What the first stage hangs on, from bytes to texts and columns."""
        return self.format, self.encoding

    @property
    def for_cutting(self) -> tuple[object, ...]:
        """What the second stage hangs on, from texts to clean documents."""
        width = self.width if self.in_pieces else None
        return self.column, self.cut, width, self.case, self.accents, self.digits

    @property
    def for_sifting(self) -> tuple[object, ...]:
        """What the third stage hangs on, rare characters and duplicates."""
        rare = (self.rare, self.rare_below, self.rare_with) if self.rare != "keep" else ()
        return self.duplicates, rare
