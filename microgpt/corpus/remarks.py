"""What a beginner would want to know of data before training: sentences on statistics.

The module knows nothing of how the data were read.
"""

from __future__ import annotations

import unicodedata

from microgpt.config import ModelConfig
from microgpt.corpus.lengths import Lengths
from microgpt.corpus.statistics import CorpusStatistics
from microgpt.settings import SettingError

FEW = 20  # documents; from fewer a model learns little but these
ONE_DOCUMENT = "There is only one document, so the model will learn it by heart."
ONE_CHARACTER = "There is only one character, so there is little to learn."
MANY_DUPLICATES = 0.2  # of the documents
JOINER = "\u200d"
RIGHT_TO_LEFT = ("R", "AL")  # Unicode's classes of letters that are written so


def remarks_on(statistics: CorpusStatistics) -> list[str]:
    """Sentences on data, the weightiest first; none on ordinary ones, nor on lengths."""
    characters = [character for character, _ in statistics.vocabulary]
    remarks = [*_too_many(len(characters) + 1), *_on_documents(statistics)]
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
    if JOINER in characters:
        remarks.append(
            "Some emoji are several characters joined into one picture; the model writes them one "
            "by one, and may join others."
        )
    return remarks


def remarks_on_lengths(lengths: Lengths, block_size: int) -> list[str]:
    """A sentence where documents are longer than the context length of the model to be."""
    documents, lost = lengths.cut(block_size)
    if not documents:
        return []
    words = how_many_cut(documents, lengths.documents, block_size)
    return [f"{words}, which loses {lost:.0%} of the text."]


def how_many_cut(cut: int, documents: int, block_size: int) -> str:
    """The beginning of a sentence: that so many of the documents are too long for the context."""
    share = cut / documents
    which = f"{share:.0%}" if share >= 0.01 else f"{cut:,}"
    are = "is" if cut == 1 and share < 0.01 else "are"
    return (
        f"{which} of the documents {are} longer than the context length of {block_size} and {are} "
        "cut"
    )


def _too_many(vocab_size: int) -> list[str]:
    """The model's own sentence where its vocabulary cannot be so large."""
    try:
        ModelConfig(max(2, vocab_size))
    except SettingError as error:
        return [str(error)]
    return []


def _on_documents(statistics: CorpusStatistics) -> list[str]:
    remarks = []
    if statistics.documents == 1:
        remarks.append(ONE_DOCUMENT)
    elif statistics.documents < FEW:
        remarks.append(
            f"There are only {statistics.documents} documents, "
            "so the model may learn them by heart."
        )
    if len(statistics.vocabulary) == 1:
        remarks.append(ONE_CHARACTER)
    share = statistics.duplicates / statistics.documents
    if share >= MANY_DUPLICATES:
        remarks.append(f"{share:.0%} of the documents are there more than once.")
    return remarks
