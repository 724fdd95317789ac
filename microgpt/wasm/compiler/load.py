"""A compiled model as its users need it: out of the cache, or compiled now.

Only plain data are kept: the interface as JSON on one line, and the bytes of WebAssembly, which a
host validates like any others.
"""

from __future__ import annotations

import json
from dataclasses import asdict

from microgpt.config import ModelConfig
from microgpt.optimizer import ADAM, Optimizer
from microgpt.wasm.compiler.cache import ModuleCache
from microgpt.wasm.compiler.interface import Interface


def load_module(
    config: ModelConfig,
    precision: str = "f32",
    relaxed: bool = False,
    optimizer: Optimizer | None = ADAM,
) -> tuple[bytes, Interface]:
    """A compiled module and its interface. Args and errors as of `compile_model`."""
    name = optimizer.name if optimizer else None
    cache = ModuleCache(f"{config} {precision} {relaxed} {name}")
    kept = cache.load()
    if kept is not None:
        interface, _, module = kept.partition(b"\n")
        return module, Interface(**json.loads(interface))
    # Imported here, so that nobody waits for the compiler who has no use for it.
    from microgpt.wasm.compiler.compile import compile_model

    model = compile_model(config, precision, relaxed, optimizer)
    cache.keep(json.dumps(asdict(model.interface)).encode() + b"\n" + model.bytes)
    return model.bytes, model.interface
