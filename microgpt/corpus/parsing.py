"""Parsing of files into texts and tables: unpacked, decoded, and read in the format they have.

The module knows nothing of documents.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from microgpt.corpus import DataError, FormatError
from microgpt.corpus.archives import InputFile, label_of, unpack
from microgpt.corpus.columns import Column, Table, default_column
from microgpt.corpus.decoding import decode
from microgpt.corpus.filtering import MAX_BATCH_DOCUMENTS, iter_batches
from microgpt.corpus.options import CorpusOptions
from microgpt.corpus.progress import WithProgress, rescale

# With any other extension, or none, the content decides.
FORMAT_BY_EXTENSION = {
    **dict.fromkeys(("csv", "tsv", "tab"), "csv"),
    **dict.fromkeys(("jsonl", "ndjson"), "jsonl"),
    **dict.fromkeys(("txt", "text", "md"), "text"),
    "json": "json",
}
# By format: whether the first row of a table is a header; None detects it.
TABLE_HEADERS = {"csv": None, "table": True, "rows": False}


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """What one file contains: a text, or a table."""

    name: str
    encoding: str
    guessed: bool  # whether the encoding is a guess
    text: tuple[str, ...]  # in chunks; empty if there is a table
    table: Table | None
    columns: tuple[Column, ...]  # of the table
    remarks: tuple[str, ...]  # on how it was parsed

    @property
    def label(self) -> str:
        """What messages call the file."""
        return label_of([self.name])

    def texts(self, column: str) -> Sequence[str]:
        """Return the chunks of the text, or the cells of a column.

        Args:
            column: its name; if the table has no such column, the default one is used.
        """
        if self.table is None:
            return self.text
        if not self.columns:
            return ()
        known = column in self.table.texts
        return self.table.texts[column if known else default_column(self.columns)]

    def num_batches(self, column: str) -> int:
        """Return about how many chunks `chunks` yields, without measuring each of many cells."""
        texts = self.texts(column)
        return len(texts) if self.table is None else len(texts) // MAX_BATCH_DOCUMENTS

    def chunks(self, column: str, separator: str) -> Iterator[str]:
        """Yield the text to split into documents, in chunks.

        Args:
            column: as in `texts`.
            separator: what to put between the cells of the column.
        """
        texts = self.texts(column)
        if self.table is None:
            yield from texts
            return
        # Joined, since a few long texts are split and cleaned faster than many short ones.
        for _, batch in iter_batches(texts):
            yield separator.join(batch) + separator


@dataclass(frozen=True, slots=True)
class ParsedFiles:
    """What all files contain, with the remarks on all of them."""

    files: tuple[ParsedFile, ...]
    remarks: tuple[str, ...]

    @property
    def label(self) -> str:
        """What messages call all of them together."""
        return label_of([file.name for file in self.files])

    @property
    def named(self) -> bool:
        """Whether they are files, and not a text that was pasted."""
        return any(file.name for file in self.files)


def parse_files(
    files: Sequence[tuple[str, bytes]], options: CorpusOptions
) -> WithProgress[ParsedFiles]:
    """Unpack, decode and parse files.

    Args:
        files: (name, content) of each file; the name of pasted text is empty.
        options: only `format` and `encoding` are used.

    Raises:
        DataError: if a file cannot be read. A file in a zip that is not text only causes a remark,
            as long as another file is usable.
    """
    unpacked = yield from rescale(unpack(files), 0.0, 0.2)
    total = sum(len(file.content) for file in unpacked) or 1
    parsed: list[ParsedFile] = []
    left_out: list[str] = []
    done = 0.2
    for file in unpacked:
        share = 0.8 * len(file.content) / total
        try:
            parsed.append((yield from rescale(_parse_file(file, options), done, done + share)))
        except DataError as error:
            if not file.from_zip:
                raise
            left_out.append(f"Left out: {error}")
        done += share
    if not parsed:
        label = label_of([name for name, _ in files])
        raise DataError(f"{label} contains no text: choose another archive, or a text file.")
    remarks = [remark for file in parsed for remark in file.remarks]
    return ParsedFiles(tuple(parsed), (*remarks, *left_out))


def _parse_file(file: InputFile, options: CorpusOptions) -> WithProgress[ParsedFile]:
    label = label_of([file.name])
    decoded = yield from rescale(decode(file.content, options.encoding, label), 0.0, 0.3)
    chunks = decoded.chunks
    file_format = options.format
    if file_format == "auto":
        file_format = _detect_format(file.name, chunks)
    remarks = decoded.remarks(label)
    table = None
    try:
        # Each reader is imported here, since most data are plain text.
        if file_format in TABLE_HEADERS:
            from microgpt.corpus.tables import read_table

            table = yield from rescale(read_table(chunks, TABLE_HEADERS[file_format]), 0.3, 1.0)
        elif file_format == "jsonl":
            from microgpt.corpus.json_files import read_json_lines

            table, num_invalid = yield from rescale(read_json_lines(chunks, label), 0.3, 1.0)
            if num_invalid == 1:
                remarks.append(f"1 line of {label} is not valid JSON and was left out.")
            elif num_invalid:
                remarks.append(
                    f"{num_invalid:,} lines of {label} are not valid JSON and were left out."
                )
        elif file_format != "text":
            from microgpt.corpus.json_files import read_json

            table = yield from rescale(read_json(chunks, label), 0.3, 1.0)
    except FormatError:
        if file_format != "maybe-json":
            raise
    return ParsedFile(
        name=file.name,
        encoding=decoded.encoding,
        guessed=decoded.guessed,
        text=chunks if table is None else (),
        table=table,
        columns=() if table is None else table.columns(),
        remarks=tuple(remarks),
    )


def _detect_format(name: str, chunks: Sequence[str]) -> str:
    """Detect the format of a file by its extension or its first characters."""
    known = FORMAT_BY_EXTENSION.get(name.rpartition(".")[2].lower() if "." in name else "", "")
    first = next(iter(chunks), "").lstrip()[:1]
    if known in ("", "json") and first == "{":
        from microgpt.corpus.json_files import is_json_lines

        if is_json_lines(chunks):
            return "jsonl"
    if not known and first and first in "[{":
        return "maybe-json"  # plain text if it is not valid JSON
    return known or "text"
