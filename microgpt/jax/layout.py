"""Where arrays lie: the batch is spread over all devices, and so are large matrices.

A matrix that is spread is collected by each device when it is used, and so is no burden on any
one's memory: fully sharded data parallelism (Rajbhandari et al., "ZeRO", 2020), which XLA makes of
the shardings by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from jax import Array
from jax.experimental import multihost_utils
from jax.sharding import AxisType, Mesh, NamedSharding, PartitionSpec

from microgpt.config import ModelConfig
from microgpt.settings import SettingError

AXIS = "batch"
LARGE_MATRIX = 2**16  # numbers from which on a matrix is spread


@dataclass(frozen=True, slots=True)
class DeviceLayout:
    """The devices, and where arrays lie on them.

    Args:
        mesh: of one axis.
        large_matrix: how many numbers a matrix has at least that is spread.
    """

    mesh: Mesh
    large_matrix: int = LARGE_MATRIX

    @property
    def num_devices(self) -> int:
        """How many devices there are, those of all processes."""
        return int(self.mesh.size)

    @property
    def everywhere(self) -> NamedSharding:
        """A copy of the whole array on each device."""
        return NamedSharding(self.mesh, PartitionSpec())

    @property
    def by_row(self) -> NamedSharding:
        """The rows of a batch, spread."""
        return NamedSharding(self.mesh, PartitionSpec(AXIS))

    def of_matrix(self, shape: tuple[int, int]) -> NamedSharding:
        """Where a matrix of weights lies: spread along its longer side that can be, if large."""
        if shape[0] * shape[1] >= self.large_matrix:
            for axis in sorted((0, 1), key=lambda axis: -shape[axis]):
                if shape[axis] % self.num_devices == 0:
                    spec = (AXIS, None) if axis == 0 else (None, AXIS)
                    return NamedSharding(self.mesh, PartitionSpec(*spec))
        return self.everywhere

    def of_weights(self, config: ModelConfig) -> dict[str, NamedSharding]:
        """Where each matrix of a model lies."""
        return {name: self.of_matrix(shape) for name, shape in config.shapes}

    def padded(self, rows: int) -> int:
        """How many rows a batch has if every device has as many: at least `rows`."""
        return -(-rows // self.num_devices) * self.num_devices

    def place(
        self,
        shape: tuple[int, ...],
        sharding: NamedSharding,
        part: Callable[[tuple[slice, ...]], np.ndarray[Any, Any]],
    ) -> Array:
        """An array of this shape; `part` is asked for those parts that lie in this process."""
        return jax.make_array_from_callback(shape, sharding, part)


def make_layout(
    devices: Sequence[Any] | None = None, large_matrix: int = LARGE_MATRIX
) -> DeviceLayout:
    """The layout over these devices, by default all of all processes."""
    found = jax.devices() if devices is None else list(devices)
    mesh = jax.make_mesh((len(found),), (AXIS,), axis_types=(AxisType.Auto,), devices=found)
    return DeviceLayout(mesh, large_matrix)


def single_process(devices: int = 0) -> DeviceLayout:
    """The layout of a single process; `devices` as of `Cluster`."""
    make_devices(devices)
    return chosen_layout(devices)


def make_devices(devices: int) -> None:
    """Divide the processor into devices, before JAX starts; accelerators are as they are."""
    if devices:
        jax.config.update("jax_num_cpu_devices", devices)


def chosen_layout(devices: int) -> DeviceLayout:
    """The layout over the first `devices` of each process, or over all. Raises `SettingError`."""
    if not devices:
        return make_layout()
    if devices > jax.local_device_count():
        raise SettingError(
            f"--devices is {devices}, but there are only {jax.local_device_count()} here."
        )
    chosen: list[Any] = []
    for process in range(jax.process_count()):
        theirs = [device for device in jax.devices() if device.process_index == process]
        chosen += theirs[:devices]
    return make_layout(chosen)


def collected(array: Array) -> np.ndarray[Any, Any]:
    """All numbers of an array, in this process; with several, each must call it."""
    if array.is_fully_addressable:
        return np.asarray(array)
    return np.asarray(multihost_utils.process_allgather(array, tiled=True))
