"""Where compiled WebAssembly runs: in the browser around Pyodide, or in wasmtime under CPython.

A host makes instances of modules; an instance has functions and a memory. No other module of the
core imports `js`, `pyodide` or `wasmtime`, and this one imports them only when they are needed.
"""

from __future__ import annotations

import atexit
import functools
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from microgpt.wasm.compiler.cache import caching
from microgpt.wasm.runtime.instance import (
    CLOSED_MESSAGE,
    WASM_MAGIC,
    Export,
    HostError,
    Instance,
    WithMemory,
    fault,
    no_function,
    not_started,
    not_valid,
)

if TYPE_CHECKING:
    import wasmtime

__all__ = ["Host", "HostError", "Instance", "find_host"]

Compiled = TypeVar("Compiled")

MEMORY_EXPORT = "memory"  # the export that `read` and `write` access
MAX_COMPILED_MODULES = 4  # kept for the next instance: a user tries a few shapes in turn

# Modules that are valid only on a host that has the last instruction of their function. They have
# a type () -> v128, a function of that type, and its code, which has no locals:
# i32.const 0, i8x16.splat, i8x16.popcnt, end
SIMD_PROBE = bytes.fromhex("0061736d01000000 0105016000017b 03020100 0a0a01080041 00fd0f fd62 0b")
# i32.const 0, i8x16.splat, three times; f32x4.relaxed_madd, end
RELAXED_SIMD_PROBE = bytes.fromhex(
    "0061736d01000000 0105016000017b 03020100 0a1301110041 00fd0f 4100fd0f 4100fd0f fd8502 0b"
)


class Host(Protocol):
    """Compiles modules and runs them."""

    @property
    def name(self) -> str:
        """Its name: `wasmtime` or `browser`."""

    @property
    def relaxed(self) -> bool:
        """Whether a module may use relaxed SIMD (f32x4.relaxed_madd)."""

    def instantiate(self, module: bytes) -> Instance:
        """A new instance of `module`, which must import nothing.

        Raises:
            HostError: the module is not valid here, or there is not enough memory.
        """

    async def compile(self, module: bytes) -> None:
        """Compile ahead of time, so that `instantiate` is fast. The newest few modules are kept.

        Raises:
            HostError: the module is not valid here.
        """

    def validate(self, module: bytes) -> bool:
        """Whether `module` is WebAssembly that this host accepts."""


@functools.cache
def find_host() -> Host | None:
    """The host of this interpreter, or None if there is none with SIMD."""
    kind: Callable[[], Host] = BrowserHost if sys.platform == "emscripten" else WasmtimeHost
    try:
        host = kind()
    except (ImportError, OSError, RuntimeError):
        # Not installed; or wasmtime has no native library, or none for this machine.
        return None
    return host if host.validate(SIMD_PROBE) else None


class _Newest(Generic[Compiled]):
    """The newest few compiled modules, by their bytes."""

    def __init__(self) -> None:
        self._compiled: dict[bytes, Compiled] = {}
        # wasmtime's objects cannot be freed any more once the interpreter is shutting down.
        atexit.register(self._compiled.clear)

    def get(self, module: bytes) -> Compiled | None:
        return self._compiled.get(module)

    def keep(self, module: bytes, compiled: Compiled) -> None:
        self._compiled[module] = compiled
        if len(self._compiled) > MAX_COMPILED_MODULES:
            del self._compiled[next(iter(self._compiled))]


class WasmtimeHost:
    """The package wasmtime, under CPython."""

    name = "wasmtime"

    def __init__(self) -> None:
        import wasmtime

        config = wasmtime.Config()
        config.cranelift_opt_level = "speed"
        config.parallel_compilation = True
        config.wasm_simd = True
        config.wasm_relaxed_simd = True
        config.wasm_relaxed_simd_deterministic = False  # the processor's own multiply-add
        config.memory_may_move = False  # a view of a memory stays valid when the memory grows
        self._engine = _cached_engine(config)
        # At exit Python clears modules in any order; closing needs a complete wasmtime.
        atexit.register(self._engine.close)
        self._newest = _Newest[wasmtime.Module]()
        self.relaxed = self.validate(RELAXED_SIMD_PROBE)

    def instantiate(self, module: bytes) -> WasmtimeInstance:
        import wasmtime

        compiled = self._compile(module)
        store = wasmtime.Store(self._engine)
        try:
            instance = wasmtime.Instance(store, compiled, [])
        except (wasmtime.Trap, wasmtime.WasmtimeError) as error:
            raise not_started(module, _cause(error)) from None
        return WasmtimeInstance(store, instance.exports(store))

    async def compile(self, module: bytes) -> None:
        import asyncio

        await asyncio.to_thread(self._compile, module)

    def validate(self, module: bytes) -> bool:
        import wasmtime

        try:
            wasmtime.Module.validate(self._engine, module)
        except wasmtime.WasmtimeError:
            return False
        return True

    def _compile(self, module: bytes) -> wasmtime.Module:
        import wasmtime

        compiled = self._newest.get(module)
        if compiled is None:
            if not module.startswith(WASM_MAGIC):  # wasmtime would accept the text format too
                raise not_valid("it is not WebAssembly")
            try:
                compiled = wasmtime.Module(self._engine, module)
            except wasmtime.WasmtimeError as error:
                raise not_valid(_cause(error)) from None
            self._newest.keep(module, compiled)
        return compiled


class WasmtimeInstance(WithMemory):
    """An instance in wasmtime."""

    def __init__(self, store: wasmtime.Store, exports: Mapping[str, object]) -> None:
        super().__init__()
        self._store = store
        self._exports = exports

    def bind(self, name: str) -> Export:
        import wasmtime

        self.check_open()
        store, function = self._store, self._exports.get(name)
        if not isinstance(function, wasmtime.Func):
            raise no_function(name)

        def call(*arguments: float) -> int | float | None:
            self.check_open()
            try:
                result: int | float | None = function(store, *arguments)
            except (wasmtime.Trap, wasmtime.WasmtimeError) as error:
                raise fault(_cause(error)) from None
            return result

        return call

    def read(self, address: int, size: int) -> bytes:
        self.reach(address, address + size)
        copy: bytes = self.view[address : address + size].tobytes()
        return copy

    def write(self, address: int, data: bytes | bytearray | memoryview) -> None:
        source = memoryview(data).cast("B")
        self.reach(address, address + len(source))
        self.view[address : address + len(source)] = source

    def close(self) -> None:
        self.closed = True
        self.view = None  # its memory is about to be freed
        self._store.close()

    def whole(self) -> memoryview:
        import ctypes

        import wasmtime

        memory = self._exports.get(MEMORY_EXPORT)
        if not isinstance(memory, wasmtime.Memory):
            return memoryview(b"")
        start = ctypes.addressof(memory.data_ptr(self._store).contents)
        items = ctypes.c_ubyte * memory.data_len(self._store)
        return memoryview(items.from_address(start)).cast("B")


class BrowserHost:
    """The browser's own WebAssembly, around Pyodide."""

    name = "browser"

    def __init__(self) -> None:
        from js import WebAssembly

        self._wasm = WebAssembly
        self._newest = _Newest[Any]()
        self.relaxed = self.validate(RELAXED_SIMD_PROBE)

    def instantiate(self, module: bytes) -> BrowserInstance:
        from pyodide.ffi import JsException, to_js

        compiled = self._newest.get(module)
        try:
            if compiled is None:
                compiled = self._wasm.Module.new(to_js(module))
                self._newest.keep(module, compiled)
            return BrowserInstance(self._wasm.Instance.new(compiled).exports)
        except JsException as error:
            if error.name == "CompileError":
                raise not_valid(error.message) from None
            raise not_started(module, error.message) from None

    async def compile(self, module: bytes) -> None:
        from pyodide.ffi import JsException, to_js

        if self._newest.get(module) is None:
            try:
                self._newest.keep(module, await self._wasm.compile(to_js(module)))
            except JsException as error:
                raise not_valid(error.message) from None

    def validate(self, module: bytes) -> bool:
        from pyodide.ffi import to_js

        return bool(self._wasm.validate(to_js(module)))


class BrowserInstance(WithMemory):
    """An instance in a browser. JavaScript's objects live as long as Python holds them."""

    def __init__(self, exports: Any) -> None:
        super().__init__()
        self._exports = exports
        self._functions: dict[str, Any] = {}

    def bind(self, name: str) -> Export:
        from pyodide.ffi import JsException

        self.check_open()
        functions, function = self._functions, getattr(self._exports, name, None)
        if not callable(function):
            raise no_function(name)
        functions[name] = function

        def call(*arguments: float) -> int | float | None:
            try:
                result: int | float | None = functions[name](*arguments)
            except JsException as error:
                raise fault(error.message) from None
            except KeyError:  # closed: the functions were released
                raise HostError(CLOSED_MESSAGE) from None
            return result

        return call

    def read(self, address: int, size: int) -> bytes:
        self.reach(address, address + size)
        copy: bytes = self.view.subarray(address, address + size).to_bytes()
        return copy

    def write(self, address: int, data: bytes | bytearray | memoryview) -> None:
        source = memoryview(data).cast("B")
        self.reach(address, address + len(source))
        self.view.subarray(address, address + len(source)).assign(source)

    def close(self) -> None:
        self.closed = True
        self.view = None
        self._exports = None
        self._functions.clear()

    def whole(self) -> Any:
        from js import Uint8Array

        memory = getattr(self._exports, MEMORY_EXPORT, None)
        return Uint8Array.new(memory.buffer if memory is not None else 0)

    def length(self) -> int:
        return int(self.view.length)  # len() is limited to 2 GB in Pyodide


def _cached_engine(config: wasmtime.Config) -> wasmtime.Engine:
    """An engine that keeps what it compiles in wasmtime's own cache, if it can."""
    import wasmtime

    if caching():
        with suppress(wasmtime.WasmtimeError):  # it can make no folder for it
            config.cache = True
    return wasmtime.Engine(config)


def _cause(error: Exception) -> str:
    """The last line of a wasmtime error, which goes from effect to cause."""
    return str(error).strip().splitlines()[-1].strip().rpartition("wasm trap: ")[2]
