"""What the parts of a model are called."""

from __future__ import annotations

import pytest

from app.page.part_words import button_words, part_words, parts_words


@pytest.mark.parametrize(
    ("name", "words", "button"),
    [
        ("token", "the token embedding", "token"),
        ("position", "the positions", "position"),
        ("layer0.head2", "head 3 of layer 1", "head 3"),
        ("layer1.mlp", "the MLP of layer 2", "MLP"),
        ("layer0.mlp.neuron5", "neuron 6 of layer 1", "neuron 6"),
        ("layer0.mlp#2", "the MLP (use 2) of layer 1", "MLP (use 2)"),
        ("layer0", "layer 1", "whole layer"),
        ("gate", "“gate”", "gate"),
    ],
)
def test_the_words_of_a_part(name: str, words: str, button: str) -> None:
    assert (part_words(name), button_words(name)) == (words, button)


def test_the_words_of_several_parts() -> None:
    heads = [f"layer0.head{head}" for head in range(6)]
    assert parts_words(heads[:2]) == "head 1 of layer 1 and head 2 of layer 1"
    assert parts_words(heads).endswith("head 4 of layer 1 and 2 more")
