"""Runs what a test has put together: modules of WebAssembly, on the host that is here.

Without a host, the test is skipped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from microgpt.wasm.assembler.function import Expression, Function
from microgpt.wasm.assembler.module import Module
from microgpt.wasm.runtime.hosts import Host, find_host
from microgpt.wasm.runtime.instance import Instance


def the_host() -> Host:
    """The host of this interpreter; skips the test where there is none."""
    host = find_host()
    if host is None:
        pytest.skip("no WebAssembly with SIMD here")
    return host


@contextmanager
def running(module: Module) -> Iterator[Instance]:
    """An instance of a module, for as long as it is needed."""
    instance = the_host().instantiate(module.encode())
    try:
        yield instance
    finally:
        instance.close()


def stored(write: Callable[[Function, Expression], None], size: int) -> bytes:
    """What a function puts into memory from address 0 on, which it is given."""
    module = Module(pages=1)
    f = module.function("run", export=True)
    write(f, f.constant("i32", 0))
    with running(module) as instance:
        instance.bind("run")()
        return instance.read(0, size)
