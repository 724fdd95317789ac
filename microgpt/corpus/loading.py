"""The entry point: from files to documents, statistics, remarks and recommended settings.

There are four stages: parse files into texts; split these into clean documents; filter the
documents; compute statistics. A `Corpus` keeps the result of each stage, so that after a change of
options only the stages that depend on it are repeated. The module knows nothing of models, or of
how a corpus is displayed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from microgpt.corpus import DataError
from microgpt.corpus.cleaning import MAX_MARKS, Cleaner
from microgpt.corpus.columns import Column, default_column, merge_columns
from microgpt.corpus.filtering import (
    SEPARATOR,
    FilteredDocuments,
    filter_documents,
    rare_characters,
)
from microgpt.corpus.lengths import Lengths
from microgpt.corpus.options import CorpusOptions
from microgpt.corpus.parsing import ParsedFiles, parse_files
from microgpt.corpus.progress import LoadProgress, WithProgress, rescale
from microgpt.corpus.remarks import Advice, advise_on, remarks_on, remarks_on_lengths
from microgpt.corpus.splitting import (
    rechunk_at_lines,
    split_into_lines,
    split_into_paragraphs,
    split_into_sentences,
    split_into_windows,
    strip_documents,
)

if TYPE_CHECKING:
    from microgpt.corpus.statistics import CorpusStatistics

SPLITTERS: dict[str, Callable[[Iterable[str]], Iterator[list[str]]]] = {
    "lines": split_into_lines,
    "paragraphs": split_into_paragraphs,
    "sentences": split_into_sentences,
}
# The part of the time that each stage takes, from which fraction to which: of the time until there
# are documents, and of the total.
PARSING_SPAN, SPLITTING_SPAN, FILTERING_SPAN = (0.0, 0.3), (0.3, 0.9), (0.9, 1.0)
DOCUMENTS_SPAN, STATISTICS_SPAN = (0.0, 0.5), (0.5, 1.0)


@dataclass(frozen=True, slots=True)
class CleanedDocuments:
    """The documents of all files, clean, and remarks on how they were cleaned."""

    documents: list[str]
    remarks: list[str]


@dataclass(frozen=True)
class LoadedDocuments:
    """Documents from files, with what is known about them without statistics."""

    options: CorpusOptions
    parsed: ParsedFiles  # the result of the first stage
    cleaned: CleanedDocuments  # of the second
    filtered: FilteredDocuments  # of the third

    @property
    def documents(self) -> list[str]:
        """The documents to train on: at least one, none of them empty."""
        return self.filtered.documents

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns to choose from; empty if no file is a table."""
        return merge_columns(column for file in self.parsed.files for column in file.columns)

    @property
    def column(self) -> str:
        """The column that is used; "" if no file is a table."""
        return _choose_column(self.parsed, self.options)

    @property
    def encodings(self) -> tuple[tuple[str, str, bool], ...]:
        """The name and the encoding of each file, and whether the encoding is a guess."""
        return tuple((file.name, file.encoding, file.guessed) for file in self.parsed.files)

    @property
    def filter_remarks(self) -> list[str]:
        """A remark on how many documents match a pattern, none where there are no patterns."""
        if not self.options.patterns:
            return []
        count, total = self.filtered.num_left_out, len(self.cleaned.documents)
        were = "was" if count == 1 else "were"
        return [f"{count:,} of {total:,} documents {were} left out by {self.options.leave_out}."]

    @property
    def loading_remarks(self) -> list[str]:
        """Remarks on how the files were read and what was left out."""
        remarks = [*self.parsed.remarks, *self.cleaned.remarks, *self.filter_remarks]
        if self.filtered.num_duplicates:
            remarks.append(_left_out(self.filtered.num_duplicates, "as duplicates"))
        if self.filtered.num_dropped:
            reason = "because of their rare characters"
            remarks.append(_left_out(self.filtered.num_dropped, reason))
        return remarks

    @property
    def lengths(self) -> Lengths:
        """The lengths of the documents, in characters."""
        return Lengths.from_token_counts(Counter(map(len, self.documents)), self.options.windowed)

    @property
    def advice(self) -> list[Advice]:
        """Remarks that name an option of loading that helps."""
        if self.options.windowed:
            return []
        return advise_on(self.lengths, self.options.block_size)


@dataclass(frozen=True)
class Corpus(LoadedDocuments):
    """Documents from files, with everything that is known about them."""

    statistics: CorpusStatistics  # the result of the fourth stage

    @property
    def lengths(self) -> Lengths:
        """The lengths of the documents, in characters."""
        return self.statistics.lengths

    @property
    def rare(self) -> dict[str, int]:
        """The rare characters with their counts, whether they were kept or removed."""
        if self.options.rare != "keep":
            return self.filtered.rare
        return rare_characters(dict(self.statistics.vocabulary), self.options.rare_below)

    @property
    def remarks_without_lengths(self) -> list[str]:
        """The `loading_remarks`, then those on the documents, but none on their lengths."""
        return [*self.loading_remarks, *remarks_on(self.statistics)]

    @property
    def remarks(self) -> list[str]:
        """All remarks: on loading, on the documents, and on their lengths."""
        if self.options.windowed:
            return self.remarks_without_lengths  # the context length cuts no window
        on_lengths = remarks_on_lengths(self.lengths, self.options.block_size)
        return [*self.remarks_without_lengths, *on_lengths]

    @property
    def recommendation(self) -> dict[str, int | float | str]:
        """The recommended settings, by name."""
        from microgpt.corpus.recommendation import recommend

        return recommend(self.statistics, self.options.windowed)

    def as_dict(self) -> dict[str, Any]:
        """Return everything except the documents, for JSON."""
        return {
            "statistics": self.statistics.as_dict(self.options.block_size),
            "remarks": self.remarks,
            "advice": [asdict(advice) for advice in self.advice],
            "left_out": self.filtered.num_left_out,
            "columns": [asdict(column) for column in self.columns],
            "column": self.column,
            "encodings": [list(encoding) for encoding in self.encodings],
            "rare": list(self.rare.items()),
            "recommendation": self.recommendation,
        }


def load_corpus(
    files: Sequence[tuple[str, bytes]],
    options: CorpusOptions,
    previous: Corpus | None = None,
) -> WithProgress[Corpus]:
    """Load files as a corpus to train on.

    Args:
        files: (name, content) of each file; the name of pasted text is empty. The documents are in
            the order of the files.
        options: how to turn the files into documents.
        previous: a corpus of the same files. Its stages are reused up to the first one that depends
            on an option that differs. If the first stage is reused, `files` may be empty.

    Yields:
        The progress, often enough for a caller to stay responsive, or to stop.

    Returns:
        The corpus. Its documents are never empty, in Unicode's normal form NFC, and their lines are
        separated by "\\n".

    Raises:
        DataError: if a file cannot be read, or no document is left.
    """
    loaded = yield from rescale(load_documents(files, options, previous), *DOCUMENTS_SPAN)
    if previous is not None and loaded.filtered is previous.filtered:
        statistics = previous.statistics
    else:
        # Imported here, since `load_documents` needs none.
        from microgpt.corpus.statistics import compute_statistics

        computation = compute_statistics(
            loaded.documents, unique=options.duplicates == "drop", windowed=options.windowed
        )
        statistics = yield from rescale(computation, *STATISTICS_SPAN)
    return Corpus(options, loaded.parsed, loaded.cleaned, loaded.filtered, statistics)


def load_documents(
    files: Sequence[tuple[str, bytes]],
    options: CorpusOptions,
    previous: LoadedDocuments | None = None,
) -> WithProgress[LoadedDocuments]:
    """Do what `load_corpus` does, without statistics."""
    if previous is not None and previous.options.parsing_key == options.parsing_key:
        parsed = previous.parsed
    else:
        previous = None
        parsed = yield from rescale(parse_files(files, options), *PARSING_SPAN)

    if previous is not None and previous.options.splitting_key == options.splitting_key:
        cleaned = previous.cleaned
    else:
        previous = None
        cleaned = yield from rescale(_split_and_clean(parsed, options), *SPLITTING_SPAN)
    if not cleaned.documents:
        if not parsed.named:
            raise DataError("The text is empty: enter at least one line that is not blank.")
        raise DataError(
            f"There is no text in {parsed.label}: choose a file with at least one line that is not "
            "blank."
        )

    if previous is not None and previous.options.filtering_key == options.filtering_key:
        filtered = previous.filtered
    else:
        filtered = yield from rescale(filter_documents(cleaned.documents, options), *FILTERING_SPAN)
        if not filtered.documents and filtered.num_left_out:
            raise DataError(
                f"Nothing is left of {_within(parsed.label)} without {options.leave_out}: leave "
                "fewer documents out."
            )
        if not filtered.documents:
            raise DataError(
                f"Nothing is left of {_within(parsed.label)} without rare characters: lower the "
                "limit below which a character is rare, or keep rare characters."
            )
    return LoadedDocuments(options, parsed, cleaned, filtered)


def _split_and_clean(parsed: ParsedFiles, options: CorpusOptions) -> WithProgress[CleanedDocuments]:
    """Split the texts of all files into documents, and clean these."""
    column = _choose_column(parsed, options)
    # With paragraphs or sentences, a cell may have several lines, so a blank line separates cells.
    separator = "\n" if options.cut in ("lines", "windows") else "\n\n"
    documents: list[str] = []
    remarks: list[str] = []
    for number, file in enumerate(parsed.files):
        cleaner = Cleaner(options)
        expected_batches = 1 + file.num_batches(column)
        chunks = file.chunks(column, separator)
        if options.windowed:
            parts = chain.from_iterable(map(cleaner.clean_in_parts, rechunk_at_lines(chunks)))
            batches = split_into_windows(parts, options.window_chars)
        else:
            batches = _clean_batches(cleaner, SPLITTERS[options.cut](chunks))
        done = 0
        for batch in batches:
            done += bool(batch)
            documents += strip_documents(batch, options.cut)
            fraction = (number + min(1.0, done / expected_batches)) / len(parsed.files)
            yield LoadProgress(fraction, "Splitting into documents")
        if cleaner.separated:
            remarks.append(
                f"{file.label} has letters with more than {MAX_MARKS} accents or other marks in a "
                f"row; an invisible character was put after every {MAX_MARKS} of them."
            )
    return CleanedDocuments(documents, remarks)


def _clean_batches(cleaner: Cleaner, batches: Iterable[list[str]]) -> Iterator[list[str]]:
    """The batches, cleaned; an empty one is a yield point."""
    for batch in batches:
        # Joined, since one long text is cleaned faster than many short ones.
        parts = []
        for part in cleaner.clean_in_parts(SEPARATOR.join(batch)):
            parts.append(part)
            yield []
        yield "".join(parts).split(SEPARATOR)


def _choose_column(parsed: ParsedFiles, options: CorpusOptions) -> str:
    """Return the column to use, "" if no file is a table.

    Raises `DataError` if no table has the column that the options name.
    """
    tables = [file for file in parsed.files if file.columns]
    names = [column.name for file in tables for column in file.columns]
    if not names:
        return ""
    if options.column and options.column not in names:
        known = ", ".join(dict.fromkeys(names))
        label = _within(ParsedFiles(tuple(tables), ()).label)
        raise DataError(
            f"There is no column called '{options.column}' in {label}; there are: {known}."
        )
    return options.column or default_column(tables[0].columns)


def _within(label: str) -> str:
    """What messages call files, within a sentence."""
    return label[0].lower() + label[1:]


def _left_out(count: int, reason: str) -> str:
    return f"{count:,} {'document was' if count == 1 else 'documents were'} left out {reason}."
