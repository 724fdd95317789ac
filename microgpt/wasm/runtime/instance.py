"""A compiled module at work: what is asked of it, and what can go wrong with it.

Knows the outlines of a module's bytes, and neither what it computes nor where it runs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from microgpt.wasm.assembler.module import PAGE_BYTES

Function = Callable[..., Any]  # what an export gives back depends on the export

CLOSED_MESSAGE = "The compiled model was closed: make another instance of it."
WASM_MAGIC = b"\0asm"
MEMORY_SECTION = 5


class HostError(Exception):
    """A module cannot be compiled, started or gone on with; the message is one sentence."""


class Instance(Protocol):
    """A module at work, with a memory of its own."""

    def bind(self, name: str) -> Function:
        """An exported function, to be kept: asking for it costs more than calling it.

        Args:
            name: the name of the export.

        Returns:
            The function. It takes an int for an i32 and a float for an f32 or f64. An i32 comes
            back signed, and in a browser a float that is whole comes back as an int. It raises
            `HostError` when it ends in a trap, and after `close`.

        Raises:
            HostError: there is no function of that name, or the instance is closed.
        """

    def read(self, address: int, size: int) -> bytes:
        """A copy of the `size` bytes of the memory from `address` on.

        Raises:
            IndexError: they do not all lie in the memory.
            HostError: the instance is closed.
        """

    def write(self, address: int, data: bytes | bytearray | memoryview) -> None:
        """Copy the bytes of `data` (contiguous, its items of any type) to `address`.

        Raises:
            IndexError: they would not all lie in the memory; none is written.
            HostError: the instance is closed.
        """

    def close(self) -> None:
        """Let go of the memory and of every function; whatever is called later raises."""


class WithMemory:
    """What every instance has: a view of the whole memory, and whether it is closed."""

    def __init__(self) -> None:
        self.view: Any = None  # taken when it is first missed
        self.closed = False

    def reach(self, address: int, end: int) -> None:
        """See to it that the view reaches from `address` to `end`, or raise."""
        if self.view is None or not 0 <= address <= end <= self.length():
            self.check_open()
            self.view = self.whole()  # the memory may have grown
            if not 0 <= address <= end <= self.length():
                size = self.length()
                raise IndexError(f"Bytes {address} to {end} do not lie in a memory of {size}.")

    def length(self) -> int:
        """How many bytes the view reaches over."""
        return len(self.view)

    def whole(self) -> Any:
        """A view of the memory as it is now; an empty one where the module has no memory."""
        raise NotImplementedError

    def check_open(self) -> None:
        """Raise where the instance is closed."""
        if self.closed:
            raise HostError(CLOSED_MESSAGE)


def not_valid(reason: str) -> HostError:
    """The error for a module that a host does not understand; `reason` is the host's."""
    return HostError(f"The compiled model cannot run here ({reason}): use the scalar engine.")


def not_started(module: bytes, reason: str) -> HostError:
    """The error for a valid `module` that cannot be started, most likely for want of memory."""
    return HostError(
        f"The compiled model could not be started ({reason}); it needs "
        f"{-(-memory_size(module) // 1_000_000)} MB of memory: make the model smaller, or use "
        "the scalar engine."
    )


def fault(reason: str) -> HostError:
    """The error for a call that ended in a trap."""
    return HostError(f"The compiled model stopped at a fault ({reason}): use the scalar engine.")


def no_function(name: str) -> HostError:
    """The error for a module that exports no function called `name`."""
    return HostError(f"The compiled model has no function called {name!r}.")


def memory_size(module: bytes) -> int:
    """How many bytes of memory a valid `module` has from the start."""
    position = len(WASM_MAGIC) + 4  # behind the version
    while position < len(module):
        section = module[position]
        size, position = _unsigned(module, position + 1)
        if section == MEMORY_SECTION:
            pages, _ = _unsigned(module, position + 2)  # behind "one memory" and its kind of limit
            return pages * PAGE_BYTES
        position += size
    return 0


def _unsigned(module: bytes, position: int) -> tuple[int, int]:
    """The LEB128 number at `position`, and the position behind it."""
    value = shift = 0
    while module[position] & 0x80:
        value |= (module[position] & 0x7F) << shift
        position, shift = position + 1, shift + 7
    return value | module[position] << shift, position + 1
