"""Detection of the encoding of a text that does not say it, with the package charset-normalizer.

The core needs no package: without this one nothing is detected. The package measures how messy a
text looks in an encoding (0 to 1, "chaos"), and how well its letters match a language that is
written in it ("coherence"). What follows from these is decided here. The package itself has no
prior, and takes two in five texts in Western European languages for others. It also cannot tell
short texts in Chinese, Japanese and Korean apart; there, how common their characters are stands in
for coherence.
"""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Container, Sequence
from importlib.util import find_spec

from microgpt.corpus.progress import CHUNK_SIZE, LoadProgress, WithProgress

DETECTION_PACKAGE = "charset-normalizer"  # its name on PyPI
MAX_SAMPLE_BYTES = 1 << 14  # of the lines that the package sees
MAX_CHAOS = 0.5  # a text that looks as messy as that is hardly in an encoding
COHERENCE_WEIGHT = 0.2  # how much coherence makes up for chaos
# The first candidate is more common than the others: how much worse its score may be, and how much
# more divided by the number of bytes beyond ASCII, since a few of these prove little.
SCORE_MARGIN, SCORE_MARGIN_PER_BYTE = 0.05, 2.0


def _span(first: int, last: int) -> frozenset[int]:
    return frozenset(range(first, last + 1))


# By encoding: the codec of its original character set, and the first bytes of the characters in
# daily use there: punctuation, kana, and the ideographs or syllables of its first level.
COMMON_CHARACTERS: dict[str, tuple[str, Container[int]]] = {
    "cp932": ("shift_jis", _span(0x81, 0x83) | _span(0x88, 0x97)),
    "euc-jp": ("euc_jp", {0xA1} | _span(0xA4, 0xA5) | _span(0xB0, 0xCF)),
    "gb18030": ("gb2312", {0xA1, 0xA3} | _span(0xB0, 0xD7)),
    "cp950": ("big5", {0xA1} | _span(0xA4, 0xC6)),
    "cp949": ("euc_kr", {0xA1} | _span(0xB0, 0xC8)),
}


def can_detect() -> bool:
    """Whether the package is installed."""
    return find_spec("charset_normalizer") is not None


def detect_encoding(content: bytes, encodings: Sequence[str]) -> WithProgress[str | None]:
    """Find the encoding of a text.

    Args:
        content: the text, with bytes beyond ASCII.
        encodings: Python's names of the candidates; the first is by far the most common.

    Returns:
        One of `encodings`, or None: the package is missing, or the text looks wrong in all of them.
    """
    if not can_detect():
        return None
    scores: dict[str, float] = {}  # smaller is better
    sample, cut = _sample(content)
    for number, encoding in enumerate(encodings):
        yield LoadProgress(number / len(encodings), "Detecting the encoding")
        score = _score(sample, cut, encoding)
        if score is not None:
            scores[encoding] = score
    best = min(scores.values(), default=MAX_CHAOS)
    if best >= MAX_CHAOS:
        return None
    margin = SCORE_MARGIN + SCORE_MARGIN_PER_BYTE / sum(byte > 127 for byte in sample)
    if encodings[0] in scores and scores[encodings[0]] <= best + margin:
        return encodings[0]
    return min(scores, key=scores.__getitem__)


def _score(sample: bytes, cut: bool, encoding: str) -> float | None:
    """Return how wrong a text looks in an encoding, or None if it cannot be in it."""
    from charset_normalizer import from_bytes

    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        text = decoder.decode(sample, final=not cut)
    except UnicodeDecodeError:
        return None
    incomplete, _ = decoder.getstate()  # the first bytes of a character that the sample cuts
    match = from_bytes(
        sample[: len(sample) - len(incomplete)],
        threshold=MAX_CHAOS,
        cp_isolation=[encoding],
        preemptive_behaviour=False,
        enable_fallback=False,
    ).best()
    if match is None:
        return MAX_CHAOS
    coherence = match.coherence
    if encoding in COMMON_CHARACTERS:
        coherence = _balance(text, *COMMON_CHARACTERS[encoding])
    return match.chaos - COHERENCE_WEIGHT * coherence


def _balance(text: str, codec: str, first_bytes: Container[int]) -> float:
    """Return the share of common characters less that of others, among those beyond ASCII."""
    counts = Counter(character for character in text if not character.isascii())
    codes = {character: character.encode(codec, "ignore") for character in counts}
    common = sum(
        counts[character] for character, code in codes.items() if code and code[0] in first_bytes
    )
    return 2 * common / (counts.total() or 1) - 1


def _sample(content: bytes) -> tuple[bytes, bool]:
    """Return the first lines with bytes beyond ASCII, and whether their end may cut a character."""
    starts = range(0, len(content), CHUNK_SIZE)
    first = next(start for start in starts if not content[start : start + CHUNK_SIZE].isascii())
    lines = content[first : first + CHUNK_SIZE].split(b"\n")
    sample = b"\n".join(line for line in lines if not line.isascii())
    cut = len(content) > first + CHUNK_SIZE or len(sample) > MAX_SAMPLE_BYTES
    return sample[:MAX_SAMPLE_BYTES], cut
