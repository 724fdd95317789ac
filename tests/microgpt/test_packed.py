"""Packed models: how close they come to the original, and what is no packed model."""

from __future__ import annotations

import json
import random
import struct
import zlib
from itertools import product
from pathlib import Path

import pytest

from microgpt.checkpoint import Checkpoint, CheckpointError, from_bytes
from microgpt.config import ModelConfig, SampleConfig
from microgpt.model_code.loading import load_code
from microgpt.model_code.source import default_source
from microgpt.packed import MAX_NUMBER, pack, packed_size, unpack
from microgpt.sampler import adjust
from microgpt.scalar.engine import ScalarEngine

SHIPPED = Path(__file__).parents[2] / "datasets" / "models" / "us-names.safetensors"


@pytest.fixture(scope="module")
def shipped() -> Checkpoint:
    return from_bytes(SHIPPED.read_bytes())


def read(data: bytes, code: str = "") -> Checkpoint:
    return from_bytes(unpack(data, code))


def bars(checkpoint: Checkpoint, temperature: float) -> list[list[float]]:
    """What the model expects after names of three letters, and after the same written twice."""
    engine = ScalarEngine(checkpoint.config, checkpoint.weights)
    bos, config = checkpoint.config.vocab_size - 1, SampleConfig(temperature=temperature)
    texts = [[bos, *text, *text] for text in product(range(0, 26, 5), repeat=3)]
    return [adjust(logits, config) for logits in engine.logits_after(texts)]


@pytest.mark.parametrize("temperature", [1.0, 0.5, 0.1])
def test_no_bar_differs_by_a_hundredth(shipped: Checkpoint, temperature: float) -> None:
    pairs = zip(bars(shipped, temperature), bars(read(pack(shipped)), temperature), strict=True)
    assert max(abs(a - b) for one, other in pairs for a, b in zip(one, other, strict=True)) < 0.01


def test_the_default_model_takes_two_bytes_a_weight_and_a_header(shipped: Checkpoint) -> None:
    data = pack(shipped)
    assert packed_size(shipped.config) == 9 * 4 + 2 * 4192
    assert packed_size(shipped.config) < len(data) < packed_size(shipped.config) + 350


def test_what_is_packed_is_read_again_and_packs_to_the_same_bytes(shipped: Checkpoint) -> None:
    data = pack(shipped)
    again = read(data)
    assert (again.config, again.characters) == (shipped.config, shipped.characters)
    assert again.about == {"data": "us-names", "steps": "5000"}
    assert again.optimizer_state is None
    assert pack(again) == data


def test_every_weight_is_off_by_half_a_step_at_most(shipped: Checkpoint) -> None:
    again = read(pack(shipped))
    for name, matrix in shipped.weights.items():
        largest = max(abs(weight) for row in matrix for weight in row)
        for row, row_again in zip(matrix, again.weights[name], strict=True):
            for weight, weight_again in zip(row, row_again, strict=True):
                assert abs(weight - weight_again) <= largest / MAX_NUMBER * 0.501


def test_a_matrix_of_zeros_stays_one() -> None:
    config = ModelConfig(vocab_size=3, n_embd=4, n_head=1, n_layer=1, block_size=4)
    weights = {name: [[0.0] * columns] * rows for name, (rows, columns) in config.shapes}
    assert read(pack(Checkpoint(config, ("a", "b"), weights))).weights == weights


# ---- model code ----------------------------------------------------------------------------------


def test_code_is_not_in_it_and_has_to_be_given() -> None:
    source = "# mine [{\n" + default_source()
    sizes = {"vocab_size": 3, "n_embd": 4, "n_head": 1, "n_layer": 1, "block_size": 4}
    config = ModelConfig(**sizes, code=load_code(source))
    weights = {
        name: [[random.Random(1).random()] * columns] * rows
        for name, (rows, columns) in config.shapes
    }
    data = pack(Checkpoint(config, ("a", "b"), weights))
    assert b"mine" not in zlib.decompress(data[6:])[:10_000]
    with pytest.raises(CheckpointError, match="code of its own"):
        unpack(data)
    code = read(data, source).config.code
    assert code is not None
    assert code.source == source


def test_code_that_somebody_has_put_into_it_is_not_read(shipped: Checkpoint) -> None:
    data = forged(shipped, lambda header: header["metadata"].update(code='"raise SystemExit"'))
    assert read(data).config.code is None


# ---- what is none --------------------------------------------------------------------------------


def forged(checkpoint: Checkpoint, change: object) -> bytes:
    """The packed model with another header, and a checksum that fits."""
    data = pack(checkpoint)
    (length,) = struct.unpack_from("<H", data, 4)
    header = json.loads(zlib.decompress(data[6 : 6 + length]))
    assert callable(change)
    change(header)
    return sealed(header, data[6 + length : -4])


def sealed(header: object, body: bytes = b"", version: int = 1) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    compressed = zlib.compress(text)
    data = b"mgp" + struct.pack("<BH", version, len(compressed)) + compressed + body
    return data + struct.pack("<I", zlib.crc32(data))


def test_any_byte_that_was_changed_or_cut_off_is_noticed(shipped: Checkpoint) -> None:
    data = pack(shipped)
    for place in [0, 2, 5, 100, 2000, len(data) - 1]:
        changed = bytearray(data)
        changed[place] ^= 1
        with pytest.raises(CheckpointError, match="cut off or changed"):
            unpack(bytes(changed))
    for length in [0, 1, 3, 4, 5, 7, 100, len(data) - 1]:
        with pytest.raises(CheckpointError, match="cut off or changed"):
            unpack(data[:length])


def test_a_newer_version_is_said_to_be_one() -> None:
    with pytest.raises(CheckpointError, match="newer version"):
        unpack(sealed({}, version=2))


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"\xff",
        b"[" * 10_000,
        b" " * 300_000,  # it is cut off where it becomes too long
        [],
        {},
        {"metadata": {}, "shapes": [], "has_code": False},
        {"metadata": 1, "shapes": [], "has_code": False},
        {"metadata": {}, "shapes": [["a"]], "has_code": False},
        {"metadata": {}, "shapes": [["a", "x" * 1000, 10**12]], "has_code": False},
        {"metadata": {}, "shapes": [["a", -1, 4]], "has_code": False},
        {"metadata": {}, "shapes": [["a", 10**9, 10**9]], "has_code": False},
        {"metadata": {}, "shapes": [[[], 1, 1]], "has_code": False},
        {"metadata": {}, "shapes": [["a", 1e400, 1]], "has_code": False},
    ],
)
def test_a_header_that_cannot_be_is_one_sentence(header: object) -> None:
    with pytest.raises(CheckpointError) as caught:
        read(sealed(header, bytes(64)))
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


def test_weights_that_are_not_finite_are_refused(shipped: Checkpoint) -> None:
    data = bytearray(pack(shipped))
    (length,) = struct.unpack_from("<H", data, 4)
    struct.pack_into("<f", data, 6 + length, float("nan"))
    struct.pack_into("<I", data, len(data) - 4, zlib.crc32(data[:-4]))
    with pytest.raises(CheckpointError, match="damaged"):
        unpack(bytes(data))


def test_shapes_of_another_model_are_refused(shipped: Checkpoint) -> None:
    with pytest.raises(CheckpointError, match="architecture"):
        read(forged(shipped, lambda header: header["shapes"][0].__setitem__(slice(1, 3), [16, 27])))
