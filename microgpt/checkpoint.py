"""A trained model as a .safetensors file, and back.

The format is that of the safetensors library: the header's length as 8 bytes, little-endian; a
JSON header that says of each tensor its type, shape and place; the numbers. What else a model
needs, its architecture, its characters and their merges, lies in the header's `__metadata__` as
JSON texts. A checkpoint to go on training from also holds the optimizer's state. The module knows
bytes only: nothing of files or of engines.
"""

from __future__ import annotations

import json
import math
import struct
import sys
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from itertools import chain
from typing import Any

from microgpt.bpe import BpeTokenizer
from microgpt.config import ModelConfig
from microgpt.model import Weights
from microgpt.optimizer import ADAM, OPTIMIZERS, Optimizer, OptimizerState
from microgpt.tokenizer import CharTokenizer, Tokenizer

TYPES = {"F32": "f", "F64": "d"}  # safetensors' names of the types, array's names
# A header has a few brackets a matrix; one of very many would overflow the parser's stack.
MOST_BRACKETS = 900
OWN = {"format", "config", "characters", "merges"}  # what is not free words


class CheckpointError(ValueError):
    """The bytes are not a model of ours; the message says what is wrong with them."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A model that can be written down."""

    config: ModelConfig
    characters: tuple[str, ...]
    weights: Weights
    about: Mapping[str, str] = field(default_factory=dict)  # free words: data, steps, loss
    optimizer_state: OptimizerState | None = None  # to continue training from
    merges: tuple[tuple[int, int], ...] = ()  # of byte pairs; characters alone have none
    optimizer: Optimizer = ADAM  # whose state it is

    def tokenizer(self) -> Tokenizer:
        """What turns texts into this model's ids and back."""
        if self.merges:
            return BpeTokenizer(self.characters, self.merges)
        return CharTokenizer(self.characters)


def to_bytes(checkpoint: Checkpoint, dtype: str = "F64") -> bytes:
    """The file's bytes; `dtype` is `F64` (exact) or `F32` (half the size)."""
    metadata = {key: value for key, value in checkpoint.about.items() if key not in OWN}
    metadata["format"] = "microgpt"
    metadata["config"] = json.dumps(asdict(checkpoint.config))
    metadata["characters"] = json.dumps(checkpoint.characters)
    if checkpoint.merges:
        # One flat list: the header must not have many brackets.
        metadata["merges"] = json.dumps(list(chain.from_iterable(checkpoint.merges)))
    header: dict[str, Any] = {"__metadata__": metadata}
    body = bytearray()
    tensors: list[tuple[str, tuple[int, ...], Iterable[float]]] = [
        (name, shape, chain.from_iterable(checkpoint.weights[name]))
        for name, shape in checkpoint.config.shapes
    ]
    if checkpoint.optimizer_state is not None:
        names = checkpoint.optimizer.tensors
        for name, slot in zip(names, checkpoint.optimizer_state, strict=True):
            tensors.append((name, (len(slot),), slot))
    for name, shape, values in tensors:
        numbers = array(TYPES[dtype], values)
        if sys.byteorder == "big":
            numbers.byteswap()
        start = len(body)
        body += numbers.tobytes()
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [start, len(body)]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)  # so that the numbers are aligned
    return struct.pack("<Q", len(text)) + text + bytes(body)


def from_bytes(data: bytes) -> Checkpoint:
    """The model in `data`; raises `CheckpointError` where there is none."""
    try:
        (length,) = struct.unpack_from("<Q", data)
        text = data[8 : 8 + length]
        if text.count(b"[") + text.count(b"{") > MOST_BRACKETS:
            raise CheckpointError("The file is not a model written by microgpt: its header is odd.")
        header = json.loads(text)
        metadata = header["__metadata__"]
        if metadata["format"] != "microgpt":
            raise CheckpointError("This .safetensors file holds a model of another kind.")
        config = ModelConfig(**json.loads(metadata["config"]))
        characters = tuple(json.loads(metadata["characters"]))
        ids = json.loads(metadata.get("merges", "[]"))
        merges = tuple(zip(ids[::2], ids[1::2], strict=True))
        if [len(character) for character in characters] != [1] * (
            config.vocab_size - len(merges) - 1
        ):
            raise CheckpointError("The model file names more or fewer characters than it knows.")
        if list(characters) != sorted(set(characters)):
            raise CheckpointError("The model file names its characters in a wrong order.")
        BpeTokenizer(characters, merges)  # complains of merges that cannot be
        body = memoryview(data)[8 + length :]
        weights = {}
        for name, (rows, columns) in config.shapes:
            numbers = _tensor(body, header[name], [rows, columns])
            weights[name] = [
                numbers[start : start + columns] for start in range(0, rows * columns, columns)
            ]
        optimizer, state = ADAM, None
        for known in OPTIMIZERS.values():
            if known.tensors and known.tensors[0] in header:
                size = [config.num_params]
                optimizer = known
                state = tuple(_tensor(body, header[name], size) for name in known.tensors)
    except CheckpointError:
        raise
    except (struct.error, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CheckpointError(
            f"The file is not a model written by microgpt, or it is damaged ({error})."
        ) from error
    about = {key: value for key, value in metadata.items() if key not in OWN}
    return Checkpoint(config, characters, weights, about, state, merges, optimizer)


def _tensor(body: memoryview, entry: dict[str, Any], shape: list[int]) -> list[float]:
    start, end = entry["data_offsets"]
    numbers: array[float] = array(TYPES[entry["dtype"]], bytes(body[start:end]))
    if sys.byteorder == "big":
        numbers.byteswap()
    if entry["shape"] != shape or len(numbers) != math.prod(shape):
        raise CheckpointError("A tensor in the model file has another size than the model says.")
    if not all(map(math.isfinite, numbers)):
        raise CheckpointError("The model file holds weights that are not numbers.")
    return list(numbers)
