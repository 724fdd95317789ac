"""The host of this interpreter: wasmtime under CPython, the browser's own around Pyodide."""

from __future__ import annotations

import asyncio
import sys
from array import array
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from microgpt.wasm.assembler import PAGE_BYTES
from microgpt.wasm.runtime import hosts
from microgpt.wasm.runtime.hosts import Host, HostError, Instance
from microgpt.wasm.runtime.instance import memory_size

IN_BROWSER = sys.platform == "emscripten"
PACKAGE = "js" if IN_BROWSER else "wasmtime"

HEAD = "0061736d 01000000"  # magic, version

# A page of memory, and four functions.
TOOLS = bytes.fromhex(
    HEAD
    # types: (i32, i32) -> i32, () -> (), () -> i32, (i32) -> i32
    + "01 13 04 60027f7f017f 600000 6000017f 60017f017f"
    + "03 05 04 00 01 02 03"  # functions: one of each type
    + "05 03 01 00 01"  # memory: one, without a maximum, of one page
    # exports: memory, add, fail, grow, peek
    + "07 25 05 06 6d656d6f7279 0200 03 616464 0000 04 6661696c 0001 04 67726f77 0002"
    + "04 7065656b 0003"
    + "0a 1c 04"  # code
    + "07 00 2000 2001 6a 0b"  # add: local.get 0, local.get 1, i32.add, end
    + "03 00 00 0b"  # fail: unreachable, end
    + "06 00 4101 4000 0b"  # grow: i32.const 1, memory.grow, end
    + "07 00 2000 2d0000 0b"  # peek: local.get 0, i32.load8_u, end
)
# A function that multiplies and adds in one instruction.
MADD = bytes.fromhex(
    HEAD
    + "01 08 01 60037d7d7d017d"  # types: (f32, f32, f32) -> f32
    + "03 02 01 00"  # functions: of that type
    + "07 08 01 04 6d616464 0000"  # exports: madd
    # code: local.get and f32x4.splat, three times; f32x4.relaxed_madd, extract_lane 0, end
    + "0a 16 01 14 00 2000fd13 2001fd13 2002fd13 fd8502 fd1f00 0b"
)
# A memory of 65,536 pages, exported; nothing else.
HUGE = bytes.fromhex(HEAD + "05 05 01 00 808004 07 0a 01 06 6d656d6f7279 0200")
# Imports a function: type () -> (), import "a" "b".
NEEDY = bytes.fromhex(HEAD + "01 04 01 600000 02 07 01 01 61 01 62 00 00")
# Like `add`, but without a result: not valid.
WRONG = bytes.fromhex(HEAD + "01 05 01 6000017f 03 02 01 00 0a 04 01 02 00 0b")


@pytest.fixture
def host() -> Host:
    found = hosts.find_host()
    assert found is not None
    return found


@pytest.fixture
def tools(host: Host) -> Iterator[Instance]:
    """A fresh instance of `TOOLS`."""
    instance = host.instantiate(TOOLS)
    yield instance
    instance.close()


def look() -> Host | None:
    """`find_host` without its cache."""
    return hosts.find_host.__wrapped__()


def test_there_is_a_host(host: Host) -> None:
    assert host.name == ("browser" if IN_BROWSER else "wasmtime")
    assert hosts.find_host() is host


def test_no_host_without_webassembly(monkeypatch: pytest.MonkeyPatch) -> None:
    modules: dict[str, Any] = sys.modules
    monkeypatch.setitem(modules, PACKAGE, None)
    assert look() is None


@pytest.mark.skipif(IN_BROWSER, reason="nothing of the browser's is installed")
@pytest.mark.parametrize("error", ["OSError", "RuntimeError", "ImportError"])
def test_no_host_where_wasmtime_is_broken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: str
) -> None:
    (tmp_path / "wasmtime.py").write_text(f"raise {error}('no native library')", encoding="utf-8")
    monkeypatch.delitem(sys.modules, "wasmtime")
    monkeypatch.syspath_prepend(tmp_path)
    assert look() is None


def test_no_host_without_simd(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosts, "SIMD_PROBE", WRONG)
    assert look() is None


def test_relaxed_means_that_there_is_a_multiply_add(host: Host) -> None:
    assert host.validate(MADD) == host.relaxed
    if host.relaxed:
        instance = host.instantiate(MADD)
        assert instance.bind("madd")(2.0, 0.25, 4.0) == 4.5
        instance.close()


def test_not_relaxed_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosts, "RELAXED_SIMD_PROBE", WRONG)
    found = look()
    assert found is not None
    assert not found.relaxed


def test_a_function(tools: Instance) -> None:
    add = tools.bind("add")
    assert add(2, 3) == 5
    assert add(2**31 - 1, 1) == -(2**31)
    assert add(2**32 - 1, 1) == 0
    assert tools.bind("peek")(0) == 0


def test_a_fault(tools: Instance) -> None:
    with pytest.raises(HostError, match=r"stopped at a fault \(.*unreachable.*use the scalar"):
        tools.bind("fail")()
    assert tools.bind("add")(1, 1) == 2  # the instance is none the worse for it


@pytest.mark.parametrize("address", [PAGE_BYTES, 2**32 - 1])
def test_a_function_beyond_the_memory(tools: Instance, address: int) -> None:
    with pytest.raises(HostError, match=r"out of bounds"):
        tools.bind("peek")(address)


@pytest.mark.parametrize("name", ["subtract", "memory", ""])
def test_no_such_function(tools: Instance, name: str) -> None:
    with pytest.raises(HostError, match=f"no function called {name!r}"):
        tools.bind(name)


@pytest.mark.parametrize("size", [0, 1, 4, 8, 400, 4096, PAGE_BYTES])
@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_memory(tools: Instance, size: int, kind: Callable[[bytes], Any]) -> None:
    data = bytes(range(1, 251)) * (size // 250) + bytes(range(1, 1 + size % 250))
    for address in (0, (PAGE_BYTES - size) // 3, PAGE_BYTES - size):
        tools.write(address, kind(data))
        assert tools.read(address, size) == data
        assert tools.read(0, PAGE_BYTES) == bytes(address) + data + bytes(
            PAGE_BYTES - size - address
        )
        tools.write(address, bytes(size))


def test_functions_see_what_is_written(tools: Instance) -> None:
    tools.write(7, b"\x2a")
    assert tools.bind("peek")(7) == 42


def test_items_of_any_type_are_written(tools: Instance) -> None:
    tools.write(16, memoryview(array("f", [1.0, -2.0])))
    tools.write(24, memoryview(array("f")))
    assert tools.read(16, 12) == bytes.fromhex("0000803f 000000c0 00000000")


@pytest.mark.parametrize(
    ("address", "size"),
    [(PAGE_BYTES - 3, 4), (PAGE_BYTES, 1), (-1, 1), (-4, 8), (2**40, 1), (0, PAGE_BYTES + 1)],
)
def test_beyond_the_memory(tools: Instance, address: int, size: int) -> None:
    with pytest.raises(IndexError, match=f"a memory of {PAGE_BYTES}"):
        tools.read(address, size)
    with pytest.raises(IndexError, match=f"a memory of {PAGE_BYTES}"):
        tools.write(address, b"x" * size)
    assert tools.read(0, PAGE_BYTES) == bytes(PAGE_BYTES)


def test_less_than_nothing_cannot_be_read(tools: Instance) -> None:
    with pytest.raises(IndexError):
        tools.read(8, -4)


def test_memory_that_grows(tools: Instance) -> None:
    tools.write(8, b"kept")
    assert tools.bind("grow")() == 1
    assert tools.read(8, 4) == b"kept"
    tools.write(2 * PAGE_BYTES - 4, b"last")
    assert tools.read(2 * PAGE_BYTES - 4, 4) == b"last"


def test_a_module_without_memory(host: Host) -> None:
    instance = host.instantiate(bytes.fromhex(HEAD))
    with pytest.raises(IndexError):
        instance.read(0, 1)


def test_instances_have_memories_of_their_own(host: Host) -> None:
    one, other = host.instantiate(TOOLS), host.instantiate(TOOLS)
    one.write(0, b"one")
    other.write(0, b"two")
    assert (one.read(0, 3), other.read(0, 3)) == (b"one", b"two")
    one.close()
    assert other.read(0, 3) == b"two"
    assert other.bind("peek")(0) == ord("t")
    other.close()


def test_closed(host: Host) -> None:
    instance = host.instantiate(TOOLS)
    add = instance.bind("add")
    instance.write(0, b"x")
    instance.close()
    instance.close()
    uses: list[Callable[[], object]] = [
        lambda: add(1, 2),
        lambda: instance.bind("add"),
        lambda: instance.read(0, 1),
        lambda: instance.write(0, b"x"),
    ]
    for use in uses:
        with pytest.raises(HostError, match="was closed"):
            use()


@pytest.mark.parametrize(
    "module",
    [b"", b"abc", b"(module)", TOOLS[:-1], TOOLS[:20], WRONG],
    ids=["empty", "text", "text format", "cut", "cut early", "wrong type"],
)
def test_bad_modules(host: Host, module: bytes) -> None:
    assert not host.validate(module)
    with pytest.raises(HostError, match=r"cannot run here \(.+\): use the scalar engine"):
        host.instantiate(module)
    with pytest.raises(HostError, match=r"cannot run here \(.+\): use the scalar engine"):
        asyncio.run(host.compile(module))


def test_a_module_that_imports(host: Host) -> None:
    assert host.validate(NEEDY)
    with pytest.raises(HostError, match="could not be started"):
        host.instantiate(NEEDY)


def test_compiled_ahead_of_time() -> None:
    host: Any = look()
    asyncio.run(host.compile(TOOLS))
    compiled = host._newest.get(TOOLS)
    assert host.instantiate(TOOLS).bind("add")(20, 22) == 42
    asyncio.run(host.compile(TOOLS))
    assert compiled is not None
    assert host._newest.get(TOOLS) is compiled


def test_the_newest_modules_are_kept() -> None:
    host: Any = look()
    # The same module with an ever longer custom section behind it.
    modules = [TOOLS + bytes([0, 2 + size, 1, 0x78, *bytes(size)]) for size in range(10)]
    for module in modules:
        assert host.instantiate(module).bind("add")(1, 2) == 3
    kept = [module for module in modules if host._newest.get(module)]
    assert kept == modules[-hosts.MAX_COMPILED_MODULES :]


def test_memory_size() -> None:
    assert memory_size(TOOLS) == PAGE_BYTES
    assert memory_size(HUGE) == 4 << 30
    assert memory_size(MADD) == 0


@pytest.fixture
def little_memory() -> Iterator[None]:
    """Room for no other instance on this machine; a browser has room for few, as it is."""
    if IN_BROWSER:
        yield
        return
    if sys.platform != "linux":
        pytest.skip("no way to limit the memory here")
    import resource

    used = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    before = resource.getrlimit(resource.RLIMIT_AS)
    limit = used * resource.getpagesize() + (1 << 30)
    resource.setrlimit(resource.RLIMIT_AS, (limit, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


def fill_up(host: Host, instances: ExitStack) -> None:
    for _ in range(1000):
        instances.callback(host.instantiate(HUGE).close)


@pytest.mark.usefixtures("little_memory")
def test_too_little_memory(host: Host) -> None:
    words = "needs 4295 MB of memory: make the model smaller"
    with ExitStack() as instances, pytest.raises(HostError, match=words):
        fill_up(host, instances)
