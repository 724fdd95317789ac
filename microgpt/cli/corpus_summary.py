"""A summary of a corpus as lines of text, with a histogram, for the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from microgpt.cli.terminal import one_line
from microgpt.corpus.lengths import Lengths
from microgpt.corpus.remarks import remarks_on_lengths
from microgpt.settings import TOKENIZER

if TYPE_CHECKING:
    from microgpt.corpus.loading import Corpus, LoadedDocuments

MAX_LISTED = 30  # characters, bigrams or tokens in one line
MAX_BAR_CHARS = 40
MAX_QUOTED_CHARS = 60  # of a document or a cell


@dataclass(frozen=True, slots=True)
class TokenSummary:
    """The tokens and the lengths of documents that a BPE tokenizer encodes."""

    vocab_size: int
    merged: tuple[str, ...]  # tokens of several characters, in the order in which they were learned
    lengths: Lengths  # of the documents, in tokens

    def as_dict(self) -> dict[str, Any]:
        """Return the fields, the lengths and the recommended context length, for JSON."""
        from microgpt.corpus.recommendation import recommend_context

        fields = {"vocab_size": self.vocab_size, "made": list(self.merged)}
        return fields | self.lengths.as_dict() | {"block_size": recommend_context(self.lengths)}


def summarize(corpus: Corpus, num_held_out: int = 0, tokens: TokenSummary | None = None) -> str:
    """Return everything that `Corpus.as_dict` contains, as lines of text.

    Args:
        corpus: what to summarize.
        num_held_out: the number of its documents that a run would hold out.
        tokens: the tokens, unless these are characters.
    """
    statistics = corpus.statistics
    lines = [
        *(f"file: {name}, {encoding}" for name, encoding in _files(corpus)),
        *_columns(corpus),
        f"documents: {statistics.documents:,}, {statistics.duplicates:,} of them duplicates, "
        f"{num_held_out:,} held out",
        f"shortest: {_quoted(statistics.shortest)}",
        f"longest: {_quoted(statistics.longest)}",
        f"characters: {statistics.characters:,}, {len(statistics.vocabulary):,} distinct",
        f"most common: {_counted(statistics.vocabulary)}",
        f"most common pairs: {_counted(statistics.bigrams)}",
    ]
    if corpus.rare:
        below = corpus.options.rare_below
        lines.append(f"fewer than {below:,} times: {_counted(corpus.rare.items())}")
    block_size = corpus.options.block_size
    recommendation, remarks = corpus.recommendation, corpus.remarks
    if tokens is None:
        for row in TOKENIZER:
            recommendation.pop(row.name, None)
        lines += _histogram(statistics.lengths, "characters", block_size)
    else:
        from microgpt.corpus.recommendation import recommend_context

        lines.append(f"tokens: {tokens.vocab_size:,}, {_merged(tokens.merged)}")
        lines += _histogram(tokens.lengths, "tokens", block_size)
        if not corpus.options.windowed:
            recommendation["block_size"] = recommend_context(tokens.lengths)
        on_lengths = remarks_on_lengths(tokens.lengths, block_size)
        remarks = [*corpus.remarks_without_lengths, *on_lengths]
    lines += [f"note: {remark}" for remark in remarks]
    lines += [f"note: {sentence}" for sentence in advice_sentences(corpus)]
    names = {name: name.replace("_", "-") for name in recommendation} | {"num_steps": "steps"}
    options = (f"--{names[name]} {value}" for name, value in recommendation.items())
    lines.append("recommended: " + " ".join(options))
    return "\n".join(map(one_line, lines))


def advice_sentences(corpus: LoadedDocuments) -> list[str]:
    """Return the advice on a corpus, with the options of the command line that it is about."""
    return [
        f"{advice.text} {advice.action} with --{advice.option} {advice.value}."
        for advice in corpus.advice
    ]


def _files(corpus: Corpus) -> Iterator[tuple[str, str]]:
    for name, encoding, guessed in corpus.encodings:
        yield name, f"probably {encoding}" if guessed else encoding


def _columns(corpus: Corpus) -> Iterator[str]:
    for column in corpus.columns:
        selected = " (selected)" if column.name == corpus.column else ""
        examples = ", ".join(map(_quoted, column.examples))
        yield (
            f"column: {column.name}{selected}, {column.filled:,} of {column.rows:,} "
            f"{'row' if column.rows == 1 else 'rows'}, such as {examples}"
        )


def _histogram(lengths: Lengths, unit: str, block_size: int) -> Iterator[str]:
    """Yield the lines of the histogram, and what the context length cuts off."""
    yield f"lengths, in {unit}{' plus one for the end' if lengths.end else ''}:"
    bins = lengths.histogram()
    highest = max(each.documents for each in bins)
    for each in bins:
        sign = "#" if each.last <= block_size else "-"  # "-": longer than the context
        bar = sign * -(-MAX_BAR_CHARS * each.documents // highest)
        span = f"{each.first:,}" if each.first == each.last else f"{each.first:,} to {each.last:,}"
        yield f"{span:>16} | {bar:{MAX_BAR_CHARS}} {each.documents:,}"
    documents, lost = lengths.truncation(block_size)
    are_cut = "document is cut" if documents == 1 else "documents are cut"
    yield (
        f"with a context length of {block_size}, {documents:,} {are_cut}, and "
        f"{lost:.1%} of the text is lost"
    )


def _merged(tokens: tuple[str, ...]) -> str:
    """Return the number of merged tokens and the first ones."""
    if not tokens:
        return "none of more than one character"
    listed = ", ".join(map(repr, tokens[:MAX_LISTED])) + (", …" if len(tokens) > MAX_LISTED else "")
    return f"{len(tokens):,} of more than one character: {listed}"


def _counted(counts: Iterable[tuple[str, int]]) -> str:
    """Return the first texts with their counts."""
    items = [f"{text if _is_plain(text) else repr(text)} {count:,}" for text, count in counts]
    return ", ".join(items[:MAX_LISTED]) + (", …" if len(items) > MAX_LISTED else "")


def _is_plain(text: str) -> bool:
    """Whether a text can be listed without quotation marks."""
    return text.isprintable() and text == text.strip() and "," not in text


def _quoted(text: str) -> str:
    """Return a text in quotation marks on one line, shortened if it is long."""
    return repr(text if len(text) <= MAX_QUOTED_CHARS else text[:MAX_QUOTED_CHARS] + "…")
