"""A model as the bytes of a .safetensors file: exact, readable by others, never trusted."""

from __future__ import annotations

import json
import math
import struct
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microgpt.bpe import BpeTokenizer
from microgpt.checkpoint import Checkpoint, CheckpointError, from_bytes, to_bytes
from microgpt.config import ModelConfig
from microgpt.engine import create_engine
from microgpt.tokenizer import CharTokenizer, UnknownCharacterError
from tests.support.models import architectures, weights_of


def checkpoint_of(config: ModelConfig, seed: int = 1, moments: bool = False) -> Checkpoint:
    """A model of this architecture with characters in ASCII and beyond."""
    flat = [w for matrix in weights_of(config, seed + 1).values() for row in matrix for w in row]
    return Checkpoint(
        config,
        tuple("abcxyzé日👩"[: config.vocab_size - 1]),
        weights_of(config, seed),
        {"data": "us-names", "steps": "1000"},
        (flat, [w * w for w in flat]) if moments else None,
    )


TINY = checkpoint_of(ModelConfig(vocab_size=3, n_embd=2, n_head=1, block_size=2))
BYTES = to_bytes(TINY, "F32")
BPE_MODEL = replace(
    checkpoint_of(ModelConfig(vocab_size=7, n_embd=2, n_head=1, block_size=2)),
    characters=("a", "b", "日"),
    merges=((0, 1), (3, 3), (3, 0)),
)


def parsed(data: bytes) -> tuple[dict[str, Any], bytes]:
    """The header and the numbers of a safetensors file, read as the format specifies."""
    (length,) = struct.unpack("<Q", data[:8])
    return json.loads(data[8 : 8 + length].decode()), data[8 + length :]


def joined(header: object, body: bytes) -> bytes:
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


def changed(data: bytes = BYTES, **entries: Any) -> bytes:
    """The bytes of a model with these entries of its metadata changed."""
    header, body = parsed(data)
    header["__metadata__"] |= entries
    return joined(header, body)


@settings(max_examples=20)
@given(architectures(), st.integers(0, 99), st.booleans())
def test_f64_is_exact(config: ModelConfig, seed: int, moments: bool) -> None:
    checkpoint = checkpoint_of(config, seed, moments)
    assert from_bytes(to_bytes(checkpoint)) == checkpoint


@settings(max_examples=20)
@given(architectures(), st.integers(0, 99), st.booleans())
def test_f32_is_close_and_half_the_size(config: ModelConfig, seed: int, moments: bool) -> None:
    checkpoint = checkpoint_of(config, seed, moments)
    data = to_bytes(checkpoint, "F32")
    again = from_bytes(data)
    assert (again.config, again.characters, again.about) == (
        config,
        checkpoint.characters,
        checkpoint.about,
    )
    for name, matrix in checkpoint.weights.items():
        for row, exact in zip(again.weights[name], matrix, strict=True):
            assert row == pytest.approx(exact, rel=1e-6)
    assert (again.optimizer_state is not None) == moments
    states = again.optimizer_state or (), checkpoint.optimizer_state or ()
    for moment, expected in zip(*states, strict=True):
        assert moment == pytest.approx(expected, rel=1e-6)
    numbers = config.num_params * (3 if moments else 1)
    assert len(parsed(data)[1]) == 4 * numbers
    assert len(parsed(to_bytes(checkpoint))[1]) == 8 * numbers


@pytest.mark.parametrize(("dtype", "code"), [("F32", "f"), ("F64", "d")])
def test_the_format_is_that_of_safetensors(dtype: str, code: str) -> None:
    config = ModelConfig(vocab_size=4, n_embd=4, n_head=2, n_layer=2, block_size=3)
    checkpoint = checkpoint_of(config, moments=True)
    data = to_bytes(checkpoint, dtype)
    (length,) = struct.unpack("<Q", data[:8])
    assert (8 + length) % 8 == 0
    assert data[8:9] == b"{"
    header, body = parsed(data)
    metadata = header.pop("__metadata__")
    assert all(type(value) is str for value in metadata.values())
    assert list(header) == [*(name for name, _ in config.shapes), "adam.m", "adam.v"]
    end = 0
    for name, entry in header.items():
        assert set(entry) == {"dtype", "shape", "data_offsets"}
        assert entry["dtype"] == dtype
        start, end = end, entry["data_offsets"][1]
        assert entry["data_offsets"] == [start, end]
        count = math.prod(entry["shape"])
        numbers = struct.unpack(f"<{count}{code}", body[start:end])
        if name in checkpoint.weights:
            matrix = checkpoint.weights[name]
            assert entry["shape"] == [len(matrix), len(matrix[0])]
            assert numbers == pytest.approx([w for row in matrix for w in row], rel=1e-6)
        else:
            assert entry["shape"] == [config.num_params]
    assert end == len(body)


def test_any_facts_can_be_saved_with_a_model() -> None:
    about = {"data": 'a "file"\n', "née": "日本 👩", "config": "not the true one"}
    checkpoint = Checkpoint(TINY.config, TINY.characters, TINY.weights, about)
    again = from_bytes(to_bytes(checkpoint))
    assert again.config == TINY.config
    assert again.about == {"data": 'a "file"\n', "née": "日本 👩"}


def check_usable_or_rejected(data: bytes) -> None:
    """Bytes are rejected with a `CheckpointError`, or are a model that can be used."""
    try:
        checkpoint = from_bytes(data)
    except CheckpointError:
        return
    tokenizer = checkpoint.tokenizer()
    assert tokenizer.characters == checkpoint.characters
    assert tokenizer.merges == checkpoint.merges
    assert tokenizer.vocab_size == checkpoint.config.vocab_size
    engine = create_engine("auto", checkpoint.config, checkpoint.weights)
    assert len(engine.context().feed(tokenizer.bos)) == tokenizer.vocab_size
    text = "".join(tokenizer.tokens)
    assert tokenizer.decode(tokenizer.encode_prefix(text)) == text != ""


HEADER_END = 8 + struct.unpack("<Q", BYTES[:8])[0]
places = st.integers(0, HEADER_END - 1) | st.integers(0, len(BYTES) - 1)


@settings(max_examples=600)
@given(st.lists(st.tuples(places, st.integers(0, 255)), min_size=1, max_size=4))
def test_damaged_bytes(damage: list[tuple[int, int]]) -> None:
    data = bytearray(BYTES)
    for place, byte in damage:
        data[place] = byte
    check_usable_or_rejected(bytes(data))


@given(places, places, st.binary(max_size=20))
def test_missing_or_extra_bytes(start: int, end: int, extra: bytes) -> None:
    check_usable_or_rejected(BYTES[:start] + extra + BYTES[end:])


@given(places)
def test_a_truncated_file_is_rejected(length: int) -> None:
    with pytest.raises(CheckpointError):
        from_bytes(BYTES[:length])


@given(st.binary(max_size=200))
def test_bytes_that_are_no_model(data: bytes) -> None:
    with pytest.raises(CheckpointError):
        from_bytes(data)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(json_values)
def test_any_header(header: object) -> None:
    with pytest.raises(CheckpointError):
        from_bytes(joined(header, b""))


@given(st.sampled_from(["dtype", "shape", "data_offsets"]), json_values)
def test_any_description_of_a_tensor(field: str, value: object) -> None:
    header, body = parsed(BYTES)
    header["lm_head"][field] = value
    check_usable_or_rejected(joined(header, body))


@given(st.sampled_from(["vocab_size", "n_embd", "n_head", "n_layer", "block_size"]), json_values)
def test_any_architecture(field: str, value: object) -> None:
    header, _ = parsed(BYTES)
    config = json.loads(header["__metadata__"]["config"]) | {field: value}
    check_usable_or_rejected(changed(config=json.dumps(config)))


@pytest.mark.parametrize(
    "names",
    [["b", "a"], ["a", "a"], ["ab", ""], [1, 2], ["a", None], ["a"], ["a", "b", "c"], {"a": 1}, 2],
    ids=json.dumps,
)
def test_invalid_characters(names: object) -> None:
    with pytest.raises(CheckpointError):
        from_bytes(changed(characters=json.dumps(names)))


# ---- BPE -----------------------------------------------------------------------------------------


def test_merges_are_saved_with_the_model() -> None:
    again = from_bytes(to_bytes(BPE_MODEL))
    assert again == BPE_MODEL
    tokenizer = again.tokenizer()
    assert tokenizer.tokens == ("a", "b", "日", "ab", "abab", "aba")
    assert tokenizer.encode("日ababa") == [6, 2, 4, 0, 6]
    with pytest.raises(UnknownCharacterError):
        tokenizer.encode("abc")


def test_a_model_file_with_the_old_name_of_its_tokenizer_is_read() -> None:
    old = changed(to_bytes(BPE_MODEL), tokenizer="pairs")
    again = from_bytes(old)
    assert (again.characters, again.merges) == (BPE_MODEL.characters, BPE_MODEL.merges)
    assert isinstance(again.tokenizer(), BpeTokenizer)
    assert "tokenizer" not in parsed(to_bytes(BPE_MODEL))[0]["__metadata__"]


def test_the_largest_vocabulary_is_saved() -> None:
    alphabet = [chr(0x4E00 + i) for i in range(48)]
    merges = tuple((i, j) for i in range(48) for j in range(48))[: 2048 - 49]
    config = ModelConfig(vocab_size=2048, n_embd=1, n_head=1, block_size=1)
    model = Checkpoint(config, tuple(alphabet), weights_of(config), merges=merges)
    assert from_bytes(to_bytes(model)) == model


def test_a_model_of_characters_has_no_merges() -> None:
    assert "merges" not in parsed(BYTES)[0]["__metadata__"]
    assert from_bytes(BYTES).merges == ()
    assert isinstance(from_bytes(BYTES).tokenizer(), CharTokenizer)


def test_facts_about_a_model_are_not_mistaken_for_merges() -> None:
    about = {"merges": "[0, 1]", "data": "mine"}
    again = from_bytes(to_bytes(replace(TINY, about=about)))
    assert (again.about, again.merges) == ({"data": "mine"}, ())


@pytest.mark.parametrize(
    "ids",
    [
        [0, 1, 3, 3, 6, 0],  # BOS
        [0, 1, 3, 3, 5, 0],  # itself
        [0, 4, 0, 1, 3, 0],  # a later one
        [4, 0, 3, 0, 0, 1],  # two in a cycle
        [0, 1, 3, 3, -1, 0],
        [0, 1, 3, 3, 99, 0],
        [0, 1, 3, 3, 0, 1],  # the same pair twice
        [0, 1, 3, 0, 1, 0, 0, 5],  # the same text twice, and one too many
        [0, 1, 3, 3],  # one too few
        [0, 1, 3, 3, 3],  # half a pair
        [0, 1, 3, 3, 3, 0.0],
        [0, 1, 3, 3, 3, False],
        [0, 1, 3, 3, 3, "a"],
        [[0, 1], [3, 3], [3, 0]],
        [],
        {"0": 1},
        "010101",
        None,
    ],
    ids=json.dumps,
)
def test_invalid_merges(ids: object) -> None:
    with pytest.raises(CheckpointError):
        from_bytes(changed(to_bytes(BPE_MODEL), merges=json.dumps(ids)))


def test_a_token_that_is_too_long_for_a_word() -> None:
    doubled = [0, 1, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9]
    config = replace(BPE_MODEL.config, vocab_size=3 + len(doubled) // 2 + 1)
    data = to_bytes(replace(checkpoint_of(config), characters=BPE_MODEL.characters))
    with pytest.raises(CheckpointError, match=r"merge 7 makes a token that .* is too long"):
        from_bytes(changed(data, merges=json.dumps(doubled)))


@settings(max_examples=300)
@given(st.lists(st.integers(-1, 7), min_size=6, max_size=6) | json_values)
def test_any_merges(ids: object) -> None:
    check_usable_or_rejected(changed(to_bytes(BPE_MODEL), merges=json.dumps(ids)))


# --------------------------------------------------------------------------------------------------


def test_a_model_of_another_program() -> None:
    with pytest.raises(CheckpointError, match="holds a model of another kind"):
        from_bytes(changed(format="pt"))
    header, body = parsed(BYTES)
    del header["__metadata__"]
    with pytest.raises(CheckpointError, match="holds a model of another kind"):
        from_bytes(joined(header, body))


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_weights_that_are_not_finite(number: float) -> None:
    data = BYTES[:-4] + struct.pack("<f", number)
    with pytest.raises(CheckpointError, match="weights that are not finite numbers"):
        from_bytes(data)


def test_moments_of_another_size() -> None:
    header, body = parsed(to_bytes(checkpoint_of(TINY.config, moments=True)))
    header["adam.v"]["shape"] = [1]
    with pytest.raises(CheckpointError):
        from_bytes(joined(header, body))
    del header["adam.v"]
    with pytest.raises(CheckpointError):
        from_bytes(joined(header, body))


def test_a_deeply_nested_header() -> None:
    depth = 100_000
    with pytest.raises(CheckpointError):
        from_bytes(struct.pack("<Q", depth) + b"[" * depth)
