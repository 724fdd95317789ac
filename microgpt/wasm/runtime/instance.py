"""An instance of a compiled module: its interface, its memory and its errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from microgpt.wasm.assembler import PAGE_BYTES

Export = Callable[..., Any]  # an exported function; its result depends on the export

CLOSED_MESSAGE = "The compiled model was closed: make another instance of it."
WASM_MAGIC = b"\0asm"
MEMORY_SECTION = 5


class HostError(Exception):
    """A module cannot be compiled or started, or has failed; the message is one sentence."""


class Instance(Protocol):
    """An instance of a module, with a memory of its own."""

    def bind(self, name: str) -> Export:
        """An exported function. Keep it: binding costs more than calling.

        Args:
            name: the name of the export.

        Returns:
            The function. It takes an int for an i32 and a float for an f32 or f64. It returns an
            i32 as a signed int, and in a browser a whole float as an int. It raises `HostError`
            when it traps, and after `close`.

        Raises:
            HostError: there is no function of that name, or the instance is closed.
        """

    def read(self, address: int, size: int) -> bytes:
        """A copy of the `size` bytes of the memory from `address` on.

        Raises:
            IndexError: the memory does not hold all of them.
            HostError: the instance is closed.
        """

    def write(self, address: int, data: bytes | bytearray | memoryview) -> None:
        """Copy the bytes of `data` (contiguous, with items of any type) to `address`.

        Raises:
            IndexError: the memory does not hold all of them; none is written.
            HostError: the instance is closed.
        """

    def close(self) -> None:
        """Free the memory and every function; all later calls raise."""


class WithMemory:
    """What instances have in common: a view of the whole memory, and whether they are closed."""

    def __init__(self) -> None:
        self.view: Any = None  # made when it is first needed
        self.closed = False

    def reach(self, address: int, end: int) -> None:
        """Make the view reach from `address` to `end`, or raise."""
        if self.view is None or not 0 <= address <= end <= self.length():
            self.check_open()
            self.view = self.whole()  # the memory may have grown
            if not 0 <= address <= end <= self.length():
                size = self.length()
                raise IndexError(f"Bytes {address} to {end} do not lie in a memory of {size}.")

    def length(self) -> int:
        """The length of the view in bytes."""
        return len(self.view)

    def whole(self) -> Any:
        """A view of the current memory; empty if the module has none."""
        raise NotImplementedError

    def check_open(self) -> None:
        """Raise if the instance is closed."""
        if self.closed:
            raise HostError(CLOSED_MESSAGE)


def not_valid(reason: str) -> HostError:
    """The error for a module that a host rejects; `reason` is the host's."""
    return HostError(f"The compiled model cannot run here ({reason}): use the scalar engine.")


def not_started(module: bytes, reason: str) -> HostError:
    """The error for a valid `module` that cannot be started, most likely for lack of memory."""
    return HostError(
        f"The compiled model could not be started ({reason}); it needs "
        f"{-(-memory_size(module) // 1_000_000)} MB of memory: make the model smaller, or use "
        "the scalar engine."
    )


def fault(reason: str) -> HostError:
    """The error for a call that trapped."""
    return HostError(f"The compiled model stopped at a fault ({reason}): use the scalar engine.")


def no_function(name: str) -> HostError:
    """The error for a module that exports no function called `name`."""
    return HostError(f"The compiled model has no function called {name!r}.")


def memory_size(module: bytes) -> int:
    """The initial memory of a valid `module`, in bytes."""
    position = len(WASM_MAGIC) + 4  # after the version
    while position < len(module):
        section = module[position]
        size, position = _unsigned(module, position + 1)
        if section == MEMORY_SECTION:
            pages, _ = _unsigned(module, position + 2)  # after the count, 1, and the kind of limits
            return pages * PAGE_BYTES
        position += size
    return 0


def _unsigned(module: bytes, position: int) -> tuple[int, int]:
    """The LEB128 number at `position`, and the position after it."""
    value = shift = 0
    while module[position] & 0x80:
        value |= (module[position] & 0x7F) << shift
        position, shift = position + 1, shift + 7
    return value | module[position] << shift, position + 1
