"""Files as texts and columns: unpacked, decoded, and known for what they hold.

The module knows nothing of documents.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from microgpt.corpus.archives import File, unpack
from microgpt.corpus.columns import Column, Table, first_choice
from microgpt.corpus.decoding import PIECE, decode
from microgpt.corpus.errors import DataError
from microgpt.corpus.json_files import is_json_lines, read_json, read_json_lines
from microgpt.corpus.options import CorpusOptions
from microgpt.corpus.progress import Work, part
from microgpt.corpus.tables import read_table

# Of other names and of none, what is in the file tells.
BY_NAME = {
    **dict.fromkeys(("csv", "tsv", "tab"), "csv"),
    **dict.fromkeys(("jsonl", "ndjson"), "jsonl"),
    **dict.fromkeys(("txt", "text", "md"), "text"),
    "json": "json",
}
HEADS = {"csv": None, "table": True, "rows": False}  # whether the first row names the columns
LONGEST_NAME = 200  # characters of a file's name in a message


@dataclass(frozen=True, slots=True)
class Source:
    """What one file holds: a text, or the columns of a table."""

    name: str
    encoding: str
    guessed: bool  # whether the encoding is a guess
    text: tuple[str, ...]  # in pieces; none where there is a table
    table: Table | None
    columns: tuple[Column, ...]  # of the table
    remarks: tuple[str, ...]  # on how it was read

    def texts(self, column: str) -> Sequence[str]:
        """The pieces of the text, or the texts of a column; of another where there is none such."""
        if self.table is None:
            return self.text
        if not self.columns:
            return ()
        known = column in self.table.texts
        return self.table.texts[column if known else first_choice(self.columns)]

    def pieces(self, column: str, separator: str) -> Iterator[str]:
        """What there is to cut into documents, in pieces.

        Args:
            column: its name; where the table has no such column, the likeliest one is taken.
            separator: what to put between the texts of a column.
        """
        texts = self.texts(column)
        if self.table is None:
            yield from texts
            return
        # Joined, because a few long texts are cut and cleaned faster than many short ones.
        each = max(1, PIECE * len(texts) // (sum(map(len, texts)) or 1))
        for start in range(0, len(texts), each):
            yield separator.join(texts[start : start + each]) + separator


@dataclass(frozen=True, slots=True)
class ParsedFiles:
    """What all files hold, and what is to be said of them."""

    files: tuple[Source, ...]
    remarks: tuple[str, ...]


def parse_files(files: Sequence[tuple[str, bytes]], options: CorpusOptions) -> Work[ParsedFiles]:
    """Unpack and decode files, and take those apart that are tables.

    Args:
        files: (name, content) of each; the name of what was pasted is empty.
        options: `format` and `encoding` matter here.

    Raises:
        DataError: for what cannot be read. What is no text within an archive is only remarked on,
            as long as something else is.
    """
    unpacked = yield from part(unpack(files), 0.0, 0.2)
    total = sum(len(file.content) for file in unpacked) or 1
    found: list[Source] = []
    left_out: list[str] = []
    done = 0.2
    for file in unpacked:
        share = 0.8 * len(file.content) / total
        try:
            found.append((yield from part(_read(file, options), done, done + share)))
        except DataError as error:
            if not file.packed:
                raise
            left_out.append(f"Left out: {error}")
        done += share
    if not found:
        raise DataError("The archive holds no text: choose another one, or a text file.")
    said = [remark for source in found for remark in source.remarks]
    return ParsedFiles(tuple(found), (*said, *left_out))


def _read(file: File, options: CorpusOptions) -> Work[Source]:
    what = f"'{file.name[:LONGEST_NAME]}'" if file.name else "The text"
    decoded = yield from part(decode(file.content, options.encoding, what), 0.0, 0.3)
    kind = options.format
    if kind == "auto":
        kind = _kind(file.name, decoded.pieces)
    remarks = decoded.remarks(what)
    table = None
    try:
        if kind in HEADS:
            table = yield from part(read_table(decoded.pieces, HEADS[kind]), 0.3, 1.0)
        elif kind == "jsonl":
            table, wrong = yield from part(read_json_lines(decoded.pieces, what), 0.3, 1.0)
            if wrong:
                were = "line of {} is" if wrong == 1 else "lines of {} are"
                remarks.append(f"{wrong:,} {were.format(what)} not valid JSON and left out.")
        elif kind != "text":
            table = yield from part(read_json(decoded.pieces, what), 0.3, 1.0)
    except DataError:
        if kind != "perhaps-json":
            raise
    text = decoded.pieces if table is None else ()
    columns = table.columns() if table is not None else ()
    return Source(
        *(file.name, decoded.encoding, decoded.guessed, text, table, columns), tuple(remarks)
    )


def _kind(name: str, pieces: Sequence[str]) -> str:
    """What a file holds, by its name or else by how it begins."""
    kind = BY_NAME.get(name.rpartition(".")[2].lower() if "." in name else "", "")
    begins = next(iter(pieces), "").lstrip()[:1]
    if kind in ("", "json") and begins == "{" and is_json_lines(pieces):
        return "jsonl"
    if not kind and begins and begins in "[{":
        return "perhaps-json"
    return kind or "text"
