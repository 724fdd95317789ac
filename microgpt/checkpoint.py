"""A trained model as a .safetensors file, and back.

The format is that of the safetensors library: the length of the header as 8 bytes, little-endian; a
JSON header with the type, shape and offsets of each tensor; the numbers. The architecture, the
characters and the merges are JSON strings in the header's `__metadata__`, and so is the model code
if the model has any. A checkpoint to resume training from also holds the optimizer's state. The
module knows bytes only: nothing of files.
"""

from __future__ import annotations

import json
import math
import struct
import sys
from array import array
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from microgpt.bpe import BpeTokenizer
from microgpt.config import LargeModelConfig, ModelConfig
from microgpt.model import Weights
from microgpt.model_code.definition import CodeError
from microgpt.optimizer import ADAM, OPTIMIZERS, Optimizer, OptimizerState
from microgpt.settings import MODEL
from microgpt.tokenizer import CharTokenizer, Tokenizer

CONFIG_NAMES = ("vocab_size", *(row.name for row in MODEL))
ARRAY_TYPES = {"F32": "f", "F64": "d"}  # the type codes of `array` by those of safetensors
# A real header has a few brackets per matrix; very many would overflow the JSON parser's stack.
MAX_HEADER_BRACKETS = 900
VERSION = "1"  # of the metadata; files from before it was told have none
# What invalid bytes come to, wherever that is noticed.
INVALID = (struct.error, ValueError, KeyError, TypeError, AttributeError, RecursionError)
RESERVED_KEYS = {"format", "version", "config", "characters", "merges", "code"}  # not for `about`


class CheckpointError(ValueError):
    """The bytes are not a valid model of ours; the message says why."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A model with its tokenizer, as it is saved."""

    config: ModelConfig
    characters: tuple[str, ...]
    weights: Weights
    about: Mapping[str, str] = field(default_factory=dict)  # further facts, see training_record.py
    optimizer_state: OptimizerState | None = None  # to resume training from
    merges: tuple[tuple[int, int], ...] = ()  # of BPE; none if the tokens are characters
    optimizer: Optimizer = ADAM  # whose state it is

    def tokenizer(self) -> Tokenizer:
        """The model's tokenizer."""
        if self.merges:
            return BpeTokenizer(self.characters, self.merges)
        return CharTokenizer(self.characters)


def to_bytes(checkpoint: Checkpoint, dtype: str = "F64") -> bytes:
    """The bytes of the file; `dtype` is `F64` (exact) or `F32` (half the size)."""
    config, numbers = checkpoint.config, bytearray()
    matrices = (chain.from_iterable(checkpoint.weights[name]) for name, _ in config.shapes)
    for values in (*matrices, *(checkpoint.optimizer_state or ())):
        found = array(ARRAY_TYPES[dtype], values)
        if sys.byteorder == "big":
            found.byteswap()
        numbers += found.tobytes()
    return header_bytes(checkpoint, dtype, checkpoint.optimizer_state is not None) + numbers


def header_bytes(checkpoint: Checkpoint, dtype: str, resumable: bool) -> bytes:
    """What stands in the file before the numbers: those of the matrices, and of the optimizer.

    Args:
        checkpoint: its numbers are not looked at.
        dtype: as of `to_bytes`.
        resumable: whether the numbers of the optimizer follow, a whole slot after the other.
    """
    metadata = {key: value for key, value in checkpoint.about.items() if key not in RESERVED_KEYS}
    metadata["format"], metadata["version"] = "microgpt", VERSION
    config = checkpoint.config
    metadata["config"] = json.dumps({name: getattr(config, name) for name in CONFIG_NAMES})
    if config.code:
        metadata["code"] = code_entry(config.code.source)
    metadata["characters"] = json.dumps(checkpoint.characters)
    if checkpoint.merges:
        # One flat list, because of `MAX_HEADER_BRACKETS`.
        metadata["merges"] = json.dumps(list(chain.from_iterable(checkpoint.merges)))
    header: dict[str, Any] = {"__metadata__": metadata}
    tensors: list[tuple[str, tuple[int, ...]]] = list(config.shapes)
    if resumable:
        tensors += [(name, (config.num_params,)) for name in checkpoint.optimizer.tensors]
    end, size = 0, array(ARRAY_TYPES[dtype]).itemsize
    for name, shape in tensors:
        start, end = end, end + math.prod(shape) * size
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)  # aligns the numbers
    return struct.pack("<Q", len(text)) + text


def code_entry(source: str) -> str:
    """Model code as the metadata have it: its brackets escaped, see `MAX_HEADER_BRACKETS`."""
    return json.dumps(source).replace("[", "\\u005b").replace("{", "\\u007b")


@contextmanager
def damage_told() -> Iterator[None]:
    """Turn what reading invalid bytes raises into a `CheckpointError`."""
    try:
        yield
    except CheckpointError:
        raise
    except INVALID as error:
        raise damaged(error) from error


def from_bytes(data: bytes) -> Checkpoint:
    """The model in `data`. Raises `CheckpointError` if there is none."""
    described, header, body = open_parts(memoryview(data))
    config, weights = described.config, {}
    with damage_told():
        for name, (rows, columns) in config.shapes:
            numbers = _tensor(body, header[name], [rows, columns])
            weights[name] = [
                numbers[start : start + columns] for start in range(0, rows * columns, columns)
            ]
        state = None
        if described.optimizer.tensors[0] in header:
            size = [config.num_params]
            state = tuple(_tensor(body, header[name], size) for name in described.optimizer.tensors)
    return replace(described, weights=weights, optimizer_state=state)


def open_parts(
    data: memoryview, large: bool = False
) -> tuple[Checkpoint, dict[str, Any], memoryview]:
    """A file that is not read as a whole: the model without its numbers, the header, the numbers.

    Args:
        data: the bytes of the file.
        large: whether it may be larger than the sizes of the table: a `LargeModelConfig`.

    Raises:
        CheckpointError: as of `from_bytes`.
    """
    with damage_told():
        header, body = _parts(data)
        metadata = header["__metadata__"]
        config = _config(metadata, large)
        characters = tuple(json.loads(metadata["characters"]))
        ids = json.loads(metadata.get("merges", "[]"))
        merges = tuple(zip(ids[::2], ids[1::2], strict=True))
        if [len(character) for character in characters] != [1] * (
            config.vocab_size - len(merges) - 1
        ):
            raise CheckpointError("The characters in the model file do not match its vocabulary.")
        if list(characters) != sorted(set(characters)):
            raise CheckpointError("The model file lists its characters in the wrong order.")
        BpeTokenizer(characters, merges)  # raises `ValueError` for invalid merges
        optimizer = ADAM
        for known in OPTIMIZERS.values():
            if known.tensors and known.tensors[0] in header:
                optimizer = known
    about = {key: value for key, value in metadata.items() if key not in RESERVED_KEYS}
    described = Checkpoint(config, characters, {}, about, None, merges, optimizer)
    return described, header, body


def code_in(data: bytes) -> str:
    """The model code in a file, which is not run; "" if there is none. Raises `CheckpointError`."""
    with damage_told():
        header, _ = _parts(memoryview(data))
        code = json.loads(header["__metadata__"].get("code", '""'))
        if not isinstance(code, str):
            raise TypeError("its code is no text")
    return code


def _parts(data: memoryview) -> tuple[dict[str, Any], memoryview]:
    """The header of a model file, and the bytes of its numbers."""
    (length,) = struct.unpack_from("<Q", data)
    if length > len(data) - 8:
        raise CheckpointError("The file is no .safetensors file, or it was cut off.")
    text = bytes(data[8 : 8 + length])
    if text.count(b"[") + text.count(b"{") > MAX_HEADER_BRACKETS:
        raise CheckpointError(
            "The file is not a model written by microgpt: its header has too many brackets."
        )
    header = json.loads(text)
    metadata = header.get("__metadata__", {})
    if metadata.get("format") != "microgpt":
        raise CheckpointError("This .safetensors file holds a model of another kind.")
    if not all(isinstance(value, str) for value in metadata.values()):
        raise CheckpointError("The model file has metadata that are no text.")
    if metadata.get("version", VERSION) != VERSION:
        raise CheckpointError(
            "The model file was written by a newer version of microgpt: open it with that one."
        )
    return header, data[8 + length :]


def damaged(error: Exception) -> CheckpointError:
    """The sentence on a file whose bytes raised an exception."""
    return CheckpointError(
        f"The file is not a model written by microgpt, or it is damaged ({error})."
    )


def _config(metadata: Mapping[str, str], large: bool) -> ModelConfig:
    """The architecture; its code is that of others, so it is held to the allowlist."""
    code = None
    try:
        if "code" in metadata:
            # Imported here, so that nobody waits for it whose model has no code.
            from microgpt.model_code.loading import load_code

            code = load_code(json.loads(metadata["code"]))
        kind = LargeModelConfig if large else ModelConfig
        config = kind(**json.loads(metadata["config"]), code=code)
        config.shapes  # noqa: B018 - the code says what they are
    except CodeError as error:
        raise CheckpointError(f"The code in the model file is no model: {error}") from error
    return config


def _tensor(body: memoryview, entry: dict[str, Any], shape: list[int]) -> list[float]:
    start, end = entry["data_offsets"]
    if end > len(body):
        raise CheckpointError("The model file was cut off: some of its numbers are missing.")
    numbers: array[float] = array(ARRAY_TYPES[entry["dtype"]], bytes(body[start:end]))
    if sys.byteorder == "big":
        numbers.byteswap()
    if entry["shape"] != shape or len(numbers) != math.prod(shape):
        raise CheckpointError("A tensor in the model file does not match its architecture.")
    if not all(map(math.isfinite, numbers)):
        raise CheckpointError("The model file has weights that are not finite numbers.")
    return list(numbers)
