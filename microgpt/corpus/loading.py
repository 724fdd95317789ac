"""Files as data to train on: the one way from bytes to documents and their portrait.

The work has four stages: files to texts (unpacked, decoded, tables taken apart), texts to clean
documents, documents to those that are kept, and these to statistics. A `Corpus` keeps what each
stage has made, so that another option begins again only where it matters. The module knows
nothing of models or of how a reading is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from microgpt.corpus.cleaning import Cleaner
from microgpt.corpus.columns import Column, first_choice, together
from microgpt.corpus.decoding import PIECE
from microgpt.corpus.errors import DataError
from microgpt.corpus.filtering import SEPARATOR, Filtered, filter_documents, rare_characters
from microgpt.corpus.options import CorpusOptions
from microgpt.corpus.parsing import ParsedFiles, parse_files
from microgpt.corpus.progress import Progress, Work, part
from microgpt.corpus.recommendation import recommend
from microgpt.corpus.remarks import remarks_on, remarks_on_lengths
from microgpt.corpus.splitting import (
    cut_lines,
    cut_paragraphs,
    cut_sentences,
    cut_windows,
    tidied,
    whole_lines,
)
from microgpt.corpus.statistics import CorpusStatistics, draw

CUTS: dict[str, Callable[[Iterable[str]], Iterator[list[str]]]] = {
    "lines": cut_lines,
    "paragraphs": cut_paragraphs,
    "sentences": cut_sentences,
}
# How much of the time the stages take, as shares of the whole.
SOURCES, DOCUMENTS, SIFTED, PORTRAIT = (0.0, 0.15), (0.15, 0.45), (0.45, 0.5), (0.5, 1.0)


@dataclass(frozen=True, slots=True)
class Corpus:
    """Documents from files, all that is to be said of them, and what each stage has made."""

    options: CorpusOptions
    sources: ParsedFiles  # of the first stage
    cut: list[str]  # of the second: clean documents
    sifted: Filtered  # of the third
    statistics: CorpusStatistics  # of the fourth

    @property
    def documents(self) -> list[str]:
        """What to train on; at least one, none empty."""
        return self.sifted.documents

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns that there are to take; none where no file is a table."""
        return together(column for source in self.sources.files for column in source.columns)

    @property
    def column(self) -> str:
        """The column that was taken; "" where no file is a table."""
        return _column(self.sources, self.options)

    @property
    def encodings(self) -> tuple[tuple[str, str, bool], ...]:
        """Of each file its name, its encoding, and whether that is a guess."""
        return tuple((file.name, file.encoding, file.guessed) for file in self.sources.files)

    @property
    def rare(self) -> dict[str, int]:
        """The rare characters with their counts: those that were there, or still are."""
        if self.options.rare != "keep":
            return self.sifted.rare
        return rare_characters(dict(self.statistics.vocabulary), self.options.rare_below)

    @property
    def remarks_on_reading(self) -> list[str]:
        """Sentences on how the files were read."""
        remarks = list(self.sources.remarks)
        if self.sifted.duplicates:
            remarks.append(_left_out(self.sifted.duplicates, "for being there already"))
        if self.sifted.dropped:
            remarks.append(_left_out(self.sifted.dropped, "for their rare characters"))
        return remarks

    @property
    def remarks_but_on_lengths(self) -> list[str]:
        """Sentences on how the files were read, then on the data, but for the context length."""
        return [*self.remarks_on_reading, *remarks_on(self.statistics)]

    @property
    def remarks(self) -> list[str]:
        """Sentences on how the files were read, then on the data."""
        if self.options.in_pieces:
            return self.remarks_but_on_lengths  # nothing of them is cut
        lengths = remarks_on_lengths(self.statistics.lengths, self.options.block_size)
        return [*self.remarks_but_on_lengths, *lengths]

    @property
    def recommendation(self) -> dict[str, int | float]:
        """Settings that suit the data, by name."""
        return recommend(self.statistics, self.options.in_pieces)

    def as_dict(self) -> dict[str, Any]:
        """All of it for JSON, but for the documents."""
        return {
            "statistics": self.statistics.as_dict(self.options.block_size),
            "remarks": self.remarks,
            "columns": [asdict(column) for column in self.columns],
            "column": self.column,
            "encodings": [list(encoding) for encoding in self.encodings],
            "rare": list(self.rare.items()),
            "recommendation": self.recommendation,
        }


def load_corpus(
    files: Sequence[tuple[str, bytes]],
    options: CorpusOptions,
    earlier: Corpus | None = None,
) -> Work[Corpus]:
    """Read files as data to train on.

    Args:
        files: (name, content) of each; the name of what was pasted is empty. Their documents
            follow each other in this order.
        options: what to make of them.
        earlier: a reading of the same files, whose stages are taken over up to the first that the
            options change; for changes beyond the first stage `files` may be empty then.

    Yields `Progress`, often enough for whoever reads to look at other things or to stop.

    Returns:
        The reading. Its documents are never empty, in Unicode's normal form NFC, with "\\n" alone
        between their lines.

    Raises:
        DataError: with one sentence, for whatever cannot be read or leaves nothing.
    """
    if earlier is not None and earlier.options.for_decoding == options.for_decoding:
        sources = earlier.sources
    else:
        earlier = None
        sources = yield from part(parse_files(files, options), *SOURCES)

    if earlier is not None and earlier.options.for_cutting == options.for_cutting:
        cut = earlier.cut
    else:
        earlier = None
        cut = yield from part(_documents(sources, options), *DOCUMENTS)
    if not cut:
        raise DataError("The text is empty: give at least one line with something on it.")

    if earlier is not None and earlier.options.for_sifting == options.for_sifting:
        sifted, statistics = earlier.sifted, earlier.statistics
    else:
        sifted = yield from part(filter_documents(cut, options), *SIFTED)
        if not sifted.documents:
            raise DataError(
                "Nothing is left without rare characters: let fewer of them be rare, or keep them."
            )
        drawing = draw(sifted.documents, options.duplicates == "drop", options.in_pieces)
        statistics = yield from part(drawing, *PORTRAIT)
    return Corpus(options, sources, cut, sifted, statistics)


def _documents(sources: ParsedFiles, options: CorpusOptions) -> Work[list[str]]:
    """The clean documents in all sources."""
    cleaner = Cleaner(options)
    column = _column(sources, options)
    # In a text of several lines or sentences the cells of a table must stay apart.
    separator = "\n" if options.cut in ("lines", "windows") else "\n\n"
    documents: list[str] = []
    for number, source in enumerate(sources.files):
        expected = 1 + sum(map(len, source.texts(column))) // PIECE  # batches
        pieces = source.pieces(column, separator)
        if options.in_pieces:
            batches = cut_windows(map(cleaner.clean, whole_lines(pieces)), options.width)
        else:
            batches = (
                cleaner.clean(SEPARATOR.join(batch)).split(SEPARATOR)
                for batch in CUTS[options.cut](pieces)
            )
        for done, batch in enumerate(batches):
            documents += tidied(batch, options.cut)
            share = min(1.0, done / expected)
            yield Progress((number + share) / len(sources.files), "Cutting into documents")
    return documents


def _column(sources: ParsedFiles, options: CorpusOptions) -> str:
    """The column to take, "" where there is no table; `DataError` where there is none such."""
    tables = [source.columns for source in sources.files if source.columns]
    names = [column.name for columns in tables for column in columns]
    if not names:
        return ""
    if options.column and options.column not in names:
        known = ", ".join(dict.fromkeys(names))
        raise DataError(f"There is no column called '{options.column}'; there are: {known}.")
    return options.column or first_choice(tables[0])


def _left_out(count: int, why: str) -> str:
    return f"{count:,} {'document was' if count == 1 else 'documents were'} left out {why}."
