"""Influence of documents, where it is known what each one does."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from microgpt.dataset import make_dataset
from microgpt.lab.influence import influences, training_documents


@given(
    st.integers(2, 40), st.integers(0, 1000), st.sampled_from([0.0, 0.2, 0.5]), st.integers(0, 9)
)
def test_the_documents_of_a_run_are_those_of_its_data_set(
    count: int, seed: int, share: float, num_docs: int
) -> None:
    names = [f"name{number}" for number in range(count)]
    train = make_dataset(names, share, random.Random(seed)).train
    numbers = training_documents(count, seed, share, num_docs)
    assert [names[number] for number in numbers] == list(train[: num_docs or None])


def test_what_a_document_does_is_found_among_noise() -> None:
    """Document 3 lowers what is measured by 2, document 5 raises it by 1, the others do nothing."""
    rng, effects = random.Random(1), {3: -2.0, 5: 1.0}
    trained_on = [training_documents(10, seed, 0.0, 5) for seed in range(400)]
    measured = [
        10 + sum(effects.get(number, 0.0) for number in numbers) + rng.gauss(0, 1)
        for numbers in trained_on
    ]
    ranks = influences(10, trained_on, measured)
    assert ranks[0].document == 3
    assert ranks[-1].document == 5
    by_document = {each.document: each for each in ranks}
    # Halves of ten: with one document, each other one is there less often, by 1 / 9.
    for number, effect in effects.items():
        other = sum(effects.values()) - effect
        found = by_document[number]
        assert abs(found.difference - (effect - other / 9)) < 4 * found.error
        assert found.is_clear
    assert sum(each.is_clear for each in ranks) <= 4
    assert all(0.05 < each.error < 0.3 for each in ranks)


def test_a_document_that_all_models_have_seen_cannot_be_judged() -> None:
    assert influences(2, [[0, 1], [0], [0, 1], [0]], [1.0, 2.0, 3.0, 4.0])[0][:2] == (1, -1.0)
    assert len(influences(2, [[0, 1], [0], [0, 1], [0]], [1.0, 2.0, 3.0, 4.0])) == 1
