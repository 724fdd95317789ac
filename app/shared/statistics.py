"""What the worker says of data: their statistics, and what was found while loading them."""

from app.shared.typed import SettingValues, TypedDict


class LengthBin(TypedDict):
    """One bar of a histogram: documents with `first` to `last` predictions."""

    first: int
    last: int
    documents: int


class LengthStatistics(TypedDict):
    """How long documents are, in predictions (`microgpt.corpus.lengths`)."""

    documents: int
    histogram: list[LengthBin]
    cut: list[tuple[int, int, float]]  # (context length, documents cut, share of predictions lost)
    end: int  # how many predictions of a document are its end, which is no character


class DataStatistics(LengthStatistics):
    """Statistics of documents (`microgpt.corpus.statistics`), shortened for the page."""

    characters: int
    num_chars: int  # different characters
    duplicates: int
    vocabulary: list[tuple[str, int]]  # some hundred characters with their counts, commonest first
    bigrams: list[tuple[str, int]]  # the commonest, with their counts in the sample
    bigram_sample: int  # how many bigrams were counted
    shortest: str
    longest: str


class ColumnInfo(TypedDict):
    """A column of a table."""

    name: str
    filled: int  # rows with something in this column
    examples: list[str]


class LoadInfo(TypedDict):
    """What was found while loading files."""

    remarks: list[str]  # sentences for the user
    left_out: int  # documents that match a pattern
    advice: list[tuple[str, str, str, str]]  # (sentence, text of a button, load option, its value)
    columns: list[ColumnInfo]
    column: str  # the one that was taken
    encodings: list[tuple[str, str, bool]]  # (file, encoding, whether it was guessed)
    rare: list[tuple[str, int]]  # some hundred rare characters with their counts
    num_rare: int
    recommendation: SettingValues  # recommended settings by name
