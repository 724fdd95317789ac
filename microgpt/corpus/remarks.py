"""Remarks on a corpus: sentences that a beginner should read before training on it.

The module knows nothing of how the corpus was loaded.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from microgpt.config import ModelConfig
from microgpt.corpus.lengths import Lengths
from microgpt.settings import SettingError, setting

if TYPE_CHECKING:
    from microgpt.corpus.statistics import CorpusStatistics

FEW_DOCUMENTS = 20  # from fewer, a model learns little but these
ONE_DOCUMENT = "There is only one document, so the model will learn it by heart."
ONE_CHARACTER = "There is only one character, so there is little to learn."
HIGH_DUPLICATE_FRACTION = 0.2
MAX_LOST_FRACTION = 0.5  # of the text that the longest context may cut off without advice
ZERO_WIDTH_JOINER = "\u200d"
RIGHT_TO_LEFT = ("R", "AL")  # Unicode's bidirectional classes of letters


@dataclass(frozen=True, slots=True)
class Advice:
    """A remark, and the option of loading that helps."""

    text: str  # a sentence
    action: str  # what the option does, for a button: "Cut it into pieces"
    option: str  # its name in the table of settings
    value: str


def advise_on(lengths: Lengths, block_size: int) -> list[Advice]:
    """Return advice if neither `block_size` nor the page's longest context holds most of a text."""
    longest = max(block_size, int(setting("block_size").stops[-1]))
    _, lost = lengths.truncation(longest)
    if lost <= MAX_LOST_FRACTION:
        return []
    seen = f"only {1 - lost:.0%}" if lost < 0.99 else "less than 1%"
    text = f"Even with a context length of {longest}, the model would see {seen} of the text."
    return [Advice(text, "Cut it into pieces", "cut", "windows")]


def remarks_on(statistics: CorpusStatistics) -> list[str]:
    """Return remarks on all but the lengths, most important first; none on ordinary data."""
    characters = [character for character, _ in statistics.vocabulary]
    remarks = [*_on_vocab_size(len(characters) + 1), *_on_documents(statistics)]
    if any(unicodedata.bidirectional(character) in RIGHT_TO_LEFT for character in characters):
        remarks.append(
            "Some letters are written from right to left; the model reads and writes them in the "
            "order in which they are spoken."
        )
    if any(unicodedata.category(character).startswith("M") for character in characters):
        remarks.append(
            "Some letters carry marks that are characters of their own; each mark counts as one "
            "more character."
        )
    if ZERO_WIDTH_JOINER in characters:
        remarks.append(
            "Some emoji are several characters joined into one picture; the model writes them one "
            "by one, and may join others."
        )
    return remarks


def remarks_on_lengths(lengths: Lengths, block_size: int) -> list[str]:
    """Return a remark if documents are longer than the context length, which is `block_size`."""
    documents, lost = lengths.truncation(block_size)
    if not documents:
        return []
    are_cut = describe_cut(documents, lengths.documents, block_size)
    return [f"{are_cut}, which loses {lost:.0%} of the text."]


def describe_cut(cut: int, documents: int, block_size: int) -> str:
    """Return the beginning of a sentence: how many documents are longer than the context length.

    Args:
        cut: the number of documents that are longer.
        documents: the number of all documents.
        block_size: the context length.
    """
    fraction = cut / documents
    which = f"{fraction:.0%}" if fraction >= 0.01 else f"{cut:,}"
    who, are = f"{which} of the documents", "are"
    if documents == 1:
        who, are = "The document", "is"
    elif which == "1":
        are = "is"
    return f"{who} {are} longer than the context length of {block_size} and {are} cut"


def _on_vocab_size(vocab_size: int) -> list[str]:
    """Return the model's own error message if the vocabulary is too large for it."""
    try:
        ModelConfig(max(2, vocab_size))
    except SettingError as error:
        return [str(error)]
    return []


def _on_documents(statistics: CorpusStatistics) -> list[str]:
    remarks = []
    if statistics.documents == 1:
        remarks.append(ONE_DOCUMENT)
    elif statistics.documents < FEW_DOCUMENTS:
        remarks.append(
            f"There are only {statistics.documents} documents, "
            "so the model may learn them by heart."
        )
    if len(statistics.vocabulary) == 1:
        remarks.append(ONE_CHARACTER)
    fraction = statistics.duplicates / statistics.documents
    if fraction >= HIGH_DUPLICATE_FRACTION:
        remarks.append(f"{fraction:.0%} of the documents are duplicates of others.")
    return remarks
