"""All documents as tokens, made once: a run takes them in an order of its own."""

from __future__ import annotations

from array import array
from collections.abc import Generator, Iterable, Iterator, Sequence
from itertools import accumulate, islice
from operator import sub

from microgpt.loss_mask import LossMask
from microgpt.sequences import MAX_FINAL_DOCUMENTS, encode_document, num_final
from microgpt.tokenizer import Tokenizer

TABLED_PER_YIELD = 1000  # documents between two yield points
NOTHING_COUNTS = 0xFFFF_FFFF  # in place of the position from which on a sequence's tokens count


class DocumentTable:
    """The sequences of documents, one after the other.

    Args:
        tokens: of all, 16 bits each.
        starts: where each sequence begins among them, and where the last one ends.
        counted_from: the position in each from which on its predictions count.
        first_sequences: the number of each document's first sequence, and of all sequences.
    """

    def __init__(
        self,
        tokens: array[int],
        starts: array[int],
        counted_from: array[int],
        first_sequences: array[int],
    ) -> None:
        self.tokens, self.starts, self.counted_from = tokens, starts, counted_from
        self._first_sequences = first_sequences
        self._lengths = array("I", map(sub, starts[1:], starts))
        # Whether each document is one sequence, and all of them count.
        one_each = len(first_sequences) == len(starts) == first_sequences[-1] + 1
        self._plain = one_each and NOTHING_COUNTS not in counted_from

    @classmethod
    def of(
        cls,
        documents: Sequence[str],
        tokenizer: Tokenizer,
        mask: LossMask,
        block_size: int,
        windowed: bool,
    ) -> Generator[None, None, DocumentTable]:
        """The table of these documents; yields are yield points.

        Args:
            documents, tokenizer, block_size, windowed: as of `encode_document`.
            mask: says what counts.
        """
        tokens, counted = array("H"), array("I")
        lengths, sequences = array("I"), array("I")
        for begin in range(0, len(documents), TABLED_PER_YIELD):
            for document in documents[begin : begin + TABLED_PER_YIELD]:
                encoded = encode_document(document, tokenizer, block_size, windowed)
                sequences.append(len(encoded))
                for sequence in encoded:
                    tokens.extend(sequence)
                    lengths.append(len(sequence))
                    first = mask.first(sequence)
                    counted.append(NOTHING_COUNTS if first is None else first)
            yield
        starts, firsts = (array("I", accumulate(each, initial=0)) for each in (lengths, sequences))
        return cls(tokens, starts, counted, firsts)

    def content(self) -> bytes:
        """All of it in one piece: starts, positions, tokens."""
        return b"".join(each.tobytes() for each in (self.starts, self.counted_from, self.tokens))

    def first(self, documents: Iterable[int], count: int) -> array[int]:
        """The first sequences of these documents that count, at least `count` where there are."""
        if self._plain:
            return array("I", islice(documents, count))
        found = array("I")
        for document in documents:
            found.extend(self._counted(self._sequences(document)))
            if len(found) >= count:
                break
        return found

    def final(self, documents: Iterable[int], most: int, num_params: int) -> array[int]:
        """What a run evaluates at its end of its held-out documents, see `Run`.

        Args:
            documents: the held-out ones, by their numbers.
            most: of its evaluations before.
            num_params: of its model.
        """
        found = self.first(documents, MAX_FINAL_DOCUMENTS)[:MAX_FINAL_DOCUMENTS]
        lengths = map(self._lengths.__getitem__, found)
        return found[: max(most, num_final(lengths, num_params))]

    def _counted(self, sequences: Iterable[int]) -> Iterator[int]:
        return (each for each in sequences if self.counted_from[each] != NOTHING_COUNTS)

    def _sequences(self, document: int) -> range:
        return range(self._first_sequences[document], self._first_sequences[document + 1])
