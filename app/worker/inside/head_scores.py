"""What the heads of a model look for, measured over documents that it has not learned from."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

from app.worker.generation import GeneratingModel
from microgpt.interpret.heads import score_heads

# That leaves an error of about 0.01 in a score, and takes some tenths of a second.
MAX_SCORED_PLACES = 3000
MAX_SCORED_LENGTH = 64  # of a document: what is beyond would make a piece of work too long


@dataclass(frozen=True, slots=True)
class MeasuredHeads:
    """The scores of all heads: [layer][head], by pattern."""

    scores: list[list[dict[str, float]]]
    documents: int  # that they were measured over
    step: int  # how far the model was trained then


def measure_heads(
    model: GeneratingModel, names: Sequence[str]
) -> Generator[None, None, MeasuredHeads]:
    """Measures over held-out documents; yields after each of them.

    names: of the attention weights, one a layer.
    """
    step, documents = model.step(), 0

    def attention_of(tokens: Sequence[int]) -> list[list[list[list[float]]]]:
        nonlocal documents
        documents += 1
        activations = model.engine.activations(tokens)
        places = range(len(tokens))
        return [[activations.attention(name, place) for place in places] for name in names]

    scores = yield from score_heads(held_out_tokens(model), attention_of)
    return MeasuredHeads(scores, documents, step)


def held_out_tokens(model: GeneratingModel) -> Iterator[list[int]]:
    """What the model reads of held-out documents, BOS first, until there are enough places."""
    places = 0
    for tokens in model.documents().held_out_sequences():
        closed = len(tokens) > 1 and tokens[-1] == model.tokenizer.bos
        read = tokens[:-1] if closed else tokens  # nothing is read at the end
        read = read[: min(model.engine.config.block_size, MAX_SCORED_LENGTH)]
        yield read
        places += len(read)
        if places >= MAX_SCORED_PLACES:
            return
