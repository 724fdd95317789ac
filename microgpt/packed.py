"""A trained model in few bytes, for a link: 16 bits a weight, and no more than is needed to write.

Each matrix has a scale of its own, the largest absolute value in it, and its weights are whole
parts of that: `weight = scale * number / 32767`. At 16 bits this comes closest to the original: no
probability differed by more than 0.0004 over seven models of 4,192 to 30,336 weights and 11,000
contexts, or by more than 0.004 at a temperature of 0.1, where float16 comes to 0.01 and bfloat16
to 0.13. Compressing the weights would save 2 %, so only the header is.

The bytes, all numbers little-endian: `mgp`, the version (1 byte), the header's length (2 bytes),
the header (zlib, of JSON: `metadata` as in the .safetensors file, `shapes` as names, rows, columns,
`has_code`), for each matrix its scale (float32) and its weights (int16), and a CRC-32 of all that.

Model code is not in it: that is text, which goes beside it and which nobody runs unasked.
"""

from __future__ import annotations

import json
import math
import struct
import sys
import zlib
from array import array
from dataclasses import replace
from itertools import chain
from typing import Any

from microgpt.checkpoint import (
    ARRAY_TYPES,
    INVALID,
    MAX_HEADER_BRACKETS,
    Checkpoint,
    CheckpointError,
    code_entry,
    to_bytes,
)
from microgpt.config import ModelConfig

PACKED_SIGN = b"mgp"
PACKED_VERSION = 1
MAX_NUMBER = 32767
FACTS = ("data", "steps")  # what is told about the model; the rest of `Checkpoint.about` is long
MAX_HEADER_BYTES = 200_000  # unpacked; 65,535 bytes could become 67 million
NEEDS_CODE = "This model has code of its own, which it needs to be shown."
DAMAGED = "The model is damaged: it was cut off or changed on its way. Ask for it once more."
NEWER = "The model was packed by a newer version of this program: reload the page, or update it."


def packed_size(config: ModelConfig) -> int:
    """The bytes of such a model's weights: how many it has at least when it is packed."""
    return sum(4 + 2 * rows * columns for _, (rows, columns) in config.shapes)


def pack(checkpoint: Checkpoint) -> bytes:
    """The model in few bytes: without the optimizer's state, its code, and most facts about it."""
    about = {name: checkpoint.about[name] for name in FACTS if name in checkpoint.about}
    metadata = _metadata(to_bytes(replace(checkpoint, about=about, optimizer_state=None)))
    content = {
        "metadata": metadata,
        "shapes": [[name, *shape] for name, shape in checkpoint.config.shapes],
        "has_code": metadata.pop("code", None) is not None,
    }
    header = zlib.compress(json.dumps(content, separators=(",", ":")).encode(), 9)
    if len(header) > 0xFFFF:
        raise CheckpointError("The model's code or tokens are too long to pack it.")
    packed = bytearray(PACKED_SIGN + struct.pack("<BH", PACKED_VERSION, len(header)) + header)
    for name, _shape in checkpoint.config.shapes:
        weights = list(chain.from_iterable(checkpoint.weights[name]))
        # As it will be read, so that no weight is scaled by another number.
        (scale,) = struct.unpack("<f", struct.pack("<f", max(map(abs, weights))))
        steps = MAX_NUMBER / scale if scale else 0.0
        numbers = [max(-MAX_NUMBER, min(MAX_NUMBER, round(weight * steps))) for weight in weights]
        packed += struct.pack("<f", scale) + _little_endian(array("h", numbers)).tobytes()
    return bytes(packed + struct.pack("<I", zlib.crc32(packed)))


def unpack(data: bytes, code: str = "") -> bytes:
    """The .safetensors file of a packed model; reading that checks what is in it.

    Args:
        data: the packed model.
        code: the model code that has come beside it, if it is to be run.

    Raises:
        CheckpointError: the bytes are damaged, or of a newer version, or code is missing.
    """
    try:
        is_packed = data[: len(PACKED_SIGN)] == PACKED_SIGN
        if is_packed and data[len(PACKED_SIGN)] > PACKED_VERSION:
            raise CheckpointError(NEWER)
        content, (checksum,) = memoryview(data)[:-4], struct.unpack("<I", data[-4:])
        if not is_packed or zlib.crc32(content) != checksum:
            raise CheckpointError(DAMAGED)
        (length,) = struct.unpack_from("<H", content, len(PACKED_SIGN) + 1)
        start = len(PACKED_SIGN) + 3
        header = _header(bytes(content[start : start + length]))
        metadata = dict(header["metadata"])
        metadata.pop("code", None)
        if header["has_code"]:
            if not code:
                raise CheckpointError(NEEDS_CODE)
            metadata["code"] = code_entry(code)
        return _safetensors(metadata, header["shapes"], content[start + length :])
    except CheckpointError:
        raise
    except (*INVALID, zlib.error, IndexError, OverflowError) as error:
        raise CheckpointError(DAMAGED) from error


def _metadata(safetensors: bytes) -> dict[str, str]:
    (length,) = struct.unpack_from("<Q", safetensors)
    metadata: dict[str, str] = json.loads(safetensors[8 : 8 + length])["__metadata__"]
    return metadata


def _header(compressed: bytes) -> dict[str, Any]:
    text = zlib.decompressobj().decompress(compressed, MAX_HEADER_BYTES)
    if text.count(b"[") + text.count(b"{") > MAX_HEADER_BRACKETS:
        raise CheckpointError(DAMAGED)
    header: dict[str, Any] = json.loads(text)
    return header


def _safetensors(
    metadata: dict[str, str], shapes: list[tuple[str, int, int]], body: memoryview
) -> bytes:
    header: dict[str, object] = {"__metadata__": metadata}
    weights = bytearray()
    at = 0
    for name, *shape in shapes:
        rows, columns = map(int, shape)  # the product of a text would be a long text
        (scale,) = struct.unpack_from("<f", body, at)
        end = at + 4 + 2 * rows * columns
        numbers = _little_endian(array("h", bytes(body[at + 4 : end])))
        if not math.isfinite(scale) or len(numbers) != rows * columns:
            raise CheckpointError(DAMAGED)
        unpacked = array(ARRAY_TYPES["F64"], [scale * number / MAX_NUMBER for number in numbers])
        start, at = len(weights), end
        weights += _little_endian(unpacked).tobytes()
        offsets = [start, len(weights)]
        header[name] = {"dtype": "F64", "shape": [rows, columns], "data_offsets": offsets}
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + bytes(weights)


def _little_endian(numbers: array[Any]) -> array[Any]:
    """The same numbers in the order of bytes of a file, or back."""
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
