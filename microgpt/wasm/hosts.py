"""Where compiled WebAssembly runs: in the browser around Pyodide, or in wasmtime around CPython.

A host makes instances of modules, and an instance has functions and a memory. Knows nothing of
what the modules compute; it is the only module of the core that meets `js` or `wasmtime`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    import wasmtime

Compiled = TypeVar("Compiled")
Function = Callable[..., int | float | None]

MEMORY = "memory"  # the export that `read` and `write` are about
KEPT = 4  # compiled modules: a few shapes of model, tried in turn
MAGIC = b"\0asm"
PAGE = 1 << 16  # bytes of a WebAssembly page
MEMORY_SECTION = 5

# Modules that a host accepts only if it knows the instruction in their one function:
#   magic and version; types: () -> v128; functions: of that type; code: no locals, ..., end
# (i32.const 0) (i8x16.splat) (i8x16.popcnt)
SIMD = bytes.fromhex("0061736d01000000 010501 6000017b 03020100 0a0a01 08 00 4100 fd0f fd62 0b")
# three times (i32.const 0) (i8x16.splat), then (f32x4.relaxed_madd)
RELAXED = bytes.fromhex(
    "0061736d01000000 010501 6000017b 03020100 0a1301 11 00 4100fd0f 4100fd0f 4100fd0f fd8502 0b"
)


class HostError(Exception):
    """A module cannot be compiled, started or gone on with; the message is one sentence."""


class Instance(Protocol):
    """A module at work, with a memory of its own."""

    def bind(self, name: str) -> Function:
        """An exported function, to be kept: asking for it costs more than calling it.

        Args:
            name: the name of the export.

        Returns:
            The function. It takes integers for i32 and numbers for f32 and f64, and raises
            `HostError` when the module traps or the instance is closed. An i32 comes back
            signed; in a browser a whole f32 or f64 comes back as an int.

        Raises:
            HostError: there is no function of that name.
        """

    def read(self, address: int, size: int) -> bytes:
        """A copy of `size` bytes of the memory, from `address` on.

        Raises:
            IndexError: they do not all lie in the memory.
            HostError: the instance is closed.
        """

    def write(self, address: int, data: bytes | bytearray | memoryview) -> None:
        """Copy the bytes of `data` (contiguous, items of any type) to `address`.

        Raises:
            IndexError: they do not all fit into the memory there; nothing is written.
            HostError: the instance is closed.
        """

    def close(self) -> None:
        """Let go of the memory and of all functions; whatever is called later raises."""


class Host(Protocol):
    """What compiles and runs modules."""

    @property
    def name(self) -> str:
        """What to call it: `wasmtime` or `browser`."""

    @property
    def relaxed(self) -> bool:
        """Whether modules may use relaxed SIMD (f32x4.relaxed_madd)."""

    def instantiate(self, module: bytes) -> Instance:
        """A new instance of `module`, which imports nothing.

        Raises:
            HostError: the module is not valid here, starts with a fault, or wants more memory
                than there is.
        """

    async def compile(self, module: bytes) -> None:
        """Compile ahead of time, while other things go on; `instantiate` is then quick.

        The newest few modules are kept.

        Raises:
            HostError: the module is not valid here.
        """

    def validate(self, module: bytes) -> bool:
        """Whether `module` is valid WebAssembly that this host understands."""


@functools.cache
def find_host() -> Host | None:
    """The host of this interpreter, or None where there is none that knows SIMD."""
    try:
        host = WasmtimeHost()
    except (ImportError, OSError, RuntimeError):
        # wasmtime: not installed, without its native library, or not made for this machine.
        return None
    return host if host.validate(SIMD) else None


class WasmtimeHost:
    """CPython with the package wasmtime."""

    name = "wasmtime"

    def __init__(self) -> None:
        import wasmtime

        config = wasmtime.Config()
        config.cranelift_opt_level = "speed"
        config.parallel_compilation = True
        config.wasm_simd = True
        config.wasm_relaxed_simd = True
        config.wasm_relaxed_simd_deterministic = False  # the processor's own multiply-add
        config.memory_may_move = False  # so that a view of a memory stays good when it grows
        self._engine = wasmtime.Engine(config)
        self._compiled = _Newest[wasmtime.Module](wasmtime.Module.close)
        self.relaxed = self.validate(RELAXED)

    def instantiate(self, module: bytes) -> WasmtimeInstance:
        """A new instance of `module`; see `Host`."""
        import wasmtime

        compiled = self._compile(module)
        store = wasmtime.Store(self._engine)
        try:
            instance = wasmtime.Instance(store, compiled, [])
        except wasmtime.Trap as trap:
            raise _fault(_trap(trap)) from None
        except wasmtime.WasmtimeError as error:
            raise _not_started(module, _one_line(error)) from None
        return WasmtimeInstance(store, instance.exports(store))

    async def compile(self, module: bytes) -> None:
        """Compile ahead of time, in a thread; see `Host`."""
        import asyncio

        await asyncio.to_thread(self._compile, module)

    def validate(self, module: bytes) -> bool:
        """Whether `module` is valid here."""
        import wasmtime

        try:
            wasmtime.Module.validate(self._engine, module)
        except wasmtime.WasmtimeError:
            return False
        return True

    def _compile(self, module: bytes) -> wasmtime.Module:
        import wasmtime

        compiled = self._compiled.get(module)
        if compiled is None:
            if not module.startswith(MAGIC):  # wasmtime would take the text format as well
                raise _not_valid("it is not WebAssembly")
            try:
                compiled = wasmtime.Module(self._engine, module)
            except wasmtime.WasmtimeError as error:
                raise _not_valid(_one_line(error)) from None
            self._compiled.keep(module, compiled)
        return compiled


class WasmtimeInstance:
    """A module at work in wasmtime."""

    def __init__(self, store: wasmtime.Store, exports: Mapping[str, object]) -> None:
        self._store = store
        self._exports = exports
        self._view = memoryview(b"")

    def bind(self, name: str) -> Function:
        """An exported function; see `Instance`."""
        import wasmtime

        store, function = self._store, self._exports.get(name)
        if not isinstance(function, wasmtime.Func):
            raise _no_function(name)

        def call(*arguments: float) -> int | float | None:
            try:
                result: int | float | None = function(store, *arguments)
            except wasmtime.Trap as trap:
                raise _fault(_trap(trap)) from None
            except wasmtime.WasmtimeError as error:
                raise _fault(_one_line(error)) from None
            except ValueError:  # what wasmtime raises for a store that was closed
                raise _closed() from None
            return result

        return call

    def read(self, address: int, size: int) -> bytes:
        """A copy of `size` bytes from `address` on; see `Instance`."""
        end = address + size
        if not 0 <= address <= end <= len(self._view):
            self._look_again(address, end)
        return self._view[address:end].tobytes()

    def write(self, address: int, data: bytes | bytearray | memoryview) -> None:
        """Copy `data` to `address`; see `Instance`."""
        source = memoryview(data).cast("B")
        end = address + len(source)
        if not 0 <= address <= end <= len(self._view):
            self._look_again(address, end)
        self._view[address:end] = source

    def close(self) -> None:
        """Let go of everything; see `Instance`."""
        # A view of a memory that is gone would read whatever lies there then.
        self._view = memoryview(b"")
        self._store.close()

    def _look_again(self, address: int, end: int) -> None:
        """View the memory as it is now; raise if it does not reach from `address` to `end`."""
        import ctypes

        import wasmtime

        memory = self._exports.get(MEMORY)
        if isinstance(memory, wasmtime.Memory):
            try:
                pointer, size = memory.data_ptr(self._store), memory.data_len(self._store)
            except ValueError:
                raise _closed() from None
            whole = (ctypes.c_ubyte * size).from_address(ctypes.addressof(pointer.contents))
            self._view = memoryview(whole).cast("B")
        if not 0 <= address <= end <= len(self._view):
            raise _outside(address, end, len(self._view))


class _Newest(Generic[Compiled]):
    """The modules compiled of late, found by their bytes; the oldest is discarded."""

    def __init__(self, discard: Callable[[Compiled], object]) -> None:
        self._discard = discard
        self._compiled: dict[bytes, Compiled] = {}

    def get(self, module: bytes) -> Compiled | None:
        return self._compiled.get(module)

    def keep(self, module: bytes, compiled: Compiled) -> None:
        self._compiled[module] = compiled
        if len(self._compiled) > KEPT:
            self._discard(self._compiled.pop(next(iter(self._compiled))))


def _one_line(error: Exception) -> str:
    """What is behind an error of wasmtime, which comes in several lines."""
    message = str(error)
    return " ".join((message.partition("Caused by:")[2] or message).split())


def _trap(trap: wasmtime.Trap) -> str:
    code = trap.trap_code
    return code.name.lower().replace("_", " ") if code else _one_line(trap)


def _not_valid(reason: str) -> HostError:
    return HostError(f"The compiled model cannot run here ({reason}): use the scalar engine.")


def _not_started(module: bytes, reason: str) -> HostError:
    needed = -(-memory_size(module) // 1_000_000)
    return HostError(
        f"The compiled model could not be started; it needs {needed} MB of memory ({reason}): "
        "make the model smaller or use the scalar engine."
    )


def _fault(reason: str) -> HostError:
    return HostError(f"The compiled model stopped at a fault ({reason}): use the scalar engine.")


def _no_function(name: str) -> HostError:
    return HostError(f"The compiled model has no function called {name!r}.")


def _closed() -> HostError:
    return HostError("The compiled model was closed: make another instance of it.")


def _outside(address: int, end: int, size: int) -> IndexError:
    return IndexError(f"Bytes {address} to {end} are not all in a memory of {size} bytes.")


def memory_size(module: bytes) -> int:
    """The bytes of memory that a valid `module` wants from the start (its only memory)."""
    position = 8  # behind magic and version
    while position < len(module):
        section = module[position]
        size, position = _unsigned(module, position + 1)
        if section == MEMORY_SECTION:
            _, limits = _unsigned(module, position)  # how many memories: at most one
            pages, _ = _unsigned(module, limits + 1)  # behind the byte that tells of a maximum
            return pages * PAGE
        position += size
    return 0


def _unsigned(module: bytes, position: int) -> tuple[int, int]:
    """The LEB128 number at `position`, and the position behind it."""
    value = shift = 0
    while True:
        byte = module[position]
        value |= (byte & 0x7F) << shift
        position, shift = position + 1, shift + 7
        if byte < 0x80:
            return value, position
