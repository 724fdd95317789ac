"""Models as .safetensors files, streamed from and to arrays: no more is in memory than one matrix.

The files are those of `microgpt/checkpoint.py`, whose header they share.
"""

from __future__ import annotations

import math
import mmap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from microgpt.checkpoint import Checkpoint, CheckpointError, damage_told, header_bytes, open_parts
from microgpt.jax.engine import JaxEngine

NUMBERS = {"F32": "<f4", "F64": "<f8"}  # NumPy's types by those of safetensors
Matrices = Mapping[str, np.ndarray[Any, Any]]


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A model in a file, whose numbers are read when they are asked for."""

    checkpoint: Checkpoint  # without numbers
    weights: Matrices
    slots: Sequence[Matrices] | None  # of the optimizer, to resume training from


def open_model(path: Path) -> StoredModel:
    """The model in a file.

    Raises:
        CheckpointError: there is none.
        OSError: the file cannot be read.
    """
    with path.open("rb") as file, damage_told():  # also where it is empty
        data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    checkpoint, header, body = open_parts(data, large=True)
    config, names = checkpoint.config, checkpoint.optimizer.tensors
    with damage_told():
        weights = {name: _tensor(body, header[name], shape) for name, shape in config.shapes}
        slots = None
        if names[0] in header:
            flats = [_tensor(body, header[name], (config.num_params,)) for name in names]
            slots = [_cut(flat, config.shapes) for flat in flats]
    return StoredModel(checkpoint, weights, slots)


def load_into(engine: JaxEngine, model: StoredModel, slots: bool) -> None:
    """Have an engine go on from a model in a file, with the optimizer's state or a fresh one.

    Raises:
        CheckpointError: the file has numbers that are not finite.
    """
    engine.restore_arrays(model.weights, model.slots if slots else None)
    if not _finite(engine.state):
        raise CheckpointError("The model file has weights that are not finite numbers.")


def save(path: Path | None, engine: JaxEngine, checkpoint: Checkpoint) -> None:
    """Write an engine's model to a file.

    Args:
        path: of the file; None in a process that does not write. It must call this as well, since
            the numbers lie on the devices of all.
        engine: of the model.
        checkpoint: all else that the file holds; its numbers are not looked at.

    Raises:
        OSError: the file cannot be written.
    """
    state = engine.state
    resumable = _finite(state.slots)
    parts = [state.weights, *(state.slots if resumable else ())]
    numbers = (matrix for part in parts for _, matrix in engine.matrices(part))
    if path is None:
        for _ in numbers:
            pass
        return
    with path.open("wb") as file:
        file.write(header_bytes(checkpoint, "F32", resumable))
        for matrix in numbers:
            file.write(np.ascontiguousarray(matrix, NUMBERS["F32"]).data)


def _tensor(
    body: memoryview, entry: Mapping[str, Any], shape: tuple[int, ...]
) -> np.ndarray[Any, Any]:
    start, end = entry["data_offsets"]
    kind = np.dtype(NUMBERS[entry["dtype"]])
    if end > len(body):
        raise CheckpointError("The model file was cut off: some of its numbers are missing.")
    if tuple(entry["shape"]) != shape or end - start != math.prod(shape) * kind.itemsize:
        raise CheckpointError("A tensor in the model file does not match its architecture.")
    return np.frombuffer(body[start:end], kind).reshape(shape)


def _cut(
    flat: np.ndarray[Any, Any], shapes: Sequence[tuple[str, tuple[int, int]]]
) -> dict[str, np.ndarray[Any, Any]]:
    """The matrices that lie one behind the other in `flat`."""
    matrices, start = {}, 0
    for name, shape in shapes:
        size = math.prod(shape)
        matrices[name] = flat[start : start + size].reshape(shape)
        start += size
    return matrices


def _finite(arrays: Any) -> bool:
    """Whether all numbers of some arrays are finite."""
    # In one program: in several at once the devices of a processor can block each other.
    return bool(jax.jit(_all_finite)(jax.tree.leaves(arrays)))


def _all_finite(arrays: Sequence[Array]) -> Array:
    return jnp.all(jnp.array([jnp.all(jnp.isfinite(array)) for array in arrays], jnp.bool_))
