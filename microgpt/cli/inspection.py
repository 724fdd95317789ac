"""What the compiled engine makes of a model, for people to read.

It knows the compiler and its text format; nothing of training.
"""

from __future__ import annotations

from microgpt.config import ModelConfig
from microgpt.wasm.assembler.text import module_text
from microgpt.wasm.compiler.compile import compile_model
from microgpt.wasm.runtime.hosts import find_host


def inspect(config: ModelConfig, precision: str, batch_size: int, wat: bool) -> str:
    """The operations that `gpt()` and its gradient consist of, and what they are compiled to.

    Args:
        config: the architecture.
        precision: "f32" or "f64".
        batch_size: documents a step; several have another module than one.
        wat: the module itself instead, in WebAssembly's text format.

    Raises:
        SettingError: for a model that no module's memory can hold.
    """
    host = find_host()
    # Without a host there is nothing to ask; most have it.
    relaxed = host is None or host.relaxed
    model = compile_model(config, precision, relaxed, batched=batch_size > 1)
    if wat:
        return module_text(model.module)
    head = (
        f"num params: {config.num_params:,} | module: {len(model.bytes):,} bytes, "
        f"{len(model.module.functions)} functions | memory: {model.plan.end:,} bytes | "
        f"{precision}, {'multiply-add in one instruction' if relaxed else 'plain SIMD'}"
    )
    return f"{head}\n\n{model.graph}"
