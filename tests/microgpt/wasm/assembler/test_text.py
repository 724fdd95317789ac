"""The module as text: it can be assembled again, and says where each part came from."""

from __future__ import annotations

import re

import pytest

from microgpt.config import ModelConfig
from microgpt.wasm.assembler.module import Module
from microgpt.wasm.assembler.text import module_text
from microgpt.wasm.compiler.compile import compile_model

SMALL = ModelConfig(vocab_size=5, n_embd=6, n_head=3, n_layer=2, block_size=4)


def text_of(precision: str = "f32", relaxed: bool = True) -> str:
    return module_text(compile_model(SMALL, precision, relaxed).module)


@pytest.mark.parametrize("precision", ["f32", "f64"])
@pytest.mark.parametrize("relaxed", [True, False])
def test_the_text_can_be_assembled_again(precision: str, relaxed: bool) -> None:
    wasmtime = pytest.importorskip("wasmtime", reason="the assembler for the text is wasmtime's")
    text = text_of(precision, relaxed)
    assembled = wasmtime.Module(wasmtime.Engine(), wasmtime.wat2wasm(text))
    module = compile_model(SMALL, precision, relaxed).module
    exported = {export.name for export in assembled.exports}
    assert exported == {"memory", *(function.name for function in module.exports)}


def test_the_text_computes_the_same() -> None:
    wasmtime = pytest.importorskip("wasmtime", reason="the assembler for the text is wasmtime's")
    module = Module(pages=1)
    f = module.function("between", [("low", "i32"), ("high", "i32")], "i32", export=True)
    low, high = f.parameters
    total = f.local("i32", "total")
    with f.block() as done, f.loop() as again:
        f.br_if(done, low.to("gt_s", high))
        with f.if_(low.to("and", 1)):
            total.set(total + low)
            f.else_()
            total.set(total - 1)
        low.set(low + 1)
        f.br(again)
    f.return_(total)
    answers = []
    for source in (module.encode(), module_text(module)):
        store = wasmtime.Store()
        compiled = wasmtime.Module(store.engine, source)
        function = wasmtime.Instance(store, compiled, []).exports(store)["between"]
        answers.append([function(store, 1, 4), function(store, -3, 12), function(store, 5, 4)])
    expected = [
        sum(n if n % 2 else -1 for n in range(*ends)) for ends in ((1, 5), (-3, 13), (5, 5))
    ]
    assert answers[0] == answers[1] == expected


def test_every_operation_of_the_model_stands_above_its_call() -> None:
    lines = [line.strip() for line in text_of().splitlines()]
    graph = compile_model(SMALL, "f32", True).graph
    for node in graph.nodes:
        if node.op == "cross_entropy":
            continue  # the loss is no line of gpt()
        place = lines.index(f";;     {node}")
        assert lines[place - 1] == f";; {node.source}"
        assert re.match(r"(gradient of )?model\.py:\d+: .*ops\.", node.source)
        call = next(line for line in lines[place:] if line.startswith("(call"))
        assert call.startswith(f"(call ${node.op.removesuffix('_gradient')}") or "linear" in call


def test_names_that_several_locals_have_are_told_apart() -> None:
    module = Module()
    f = module.function("f", [("x", "i32")])
    f.local("i32", "y").set(f.let(f.parameters[0] + 1, "y"))
    declared = re.findall(r"\((?:param|local) (\S+)", module_text(module))
    assert len(declared) == len(set(declared)) == 3
