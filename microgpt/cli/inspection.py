"""What a model is compiled to, as text."""

from __future__ import annotations

from microgpt.config import ModelConfig
from microgpt.optimizer import OPTIMIZERS
from microgpt.wasm.assembler.text import module_text
from microgpt.wasm.compiler.compile import compile_model
from microgpt.wasm.runtime.hosts import find_host


def inspect_model(config: ModelConfig, precision: str, optimizer: str, wat: bool) -> str:
    """The operations of `gpt()` and of its gradient, with the figures of the compiled module.

    Args:
        config: the architecture.
        precision: "f32" or "f64".
        optimizer: the name of the one that the module trains with.
        wat: return the module itself instead, in WebAssembly's text format.

    Raises:
        SettingError: for a model that does not fit into the memory of a module.
    """
    host = find_host()
    # Without a host to ask, assume relaxed SIMD: most have it.
    relaxed = host is None or host.relaxed
    model = compile_model(config, precision, relaxed, OPTIMIZERS[optimizer])
    module = model.module
    if wat:
        return module_text(module)
    head = (
        f"num params: {config.num_params:,} | module: {len(model.bytes):,} bytes, "
        f"{len(module.functions)} functions | memory: {model.plan.end:,} bytes | "
        f"{precision}, {'multiply-add in one instruction' if relaxed else 'plain SIMD'}"
    )
    return f"{head}\n\n{model.graph}"
