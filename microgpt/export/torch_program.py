"""A trained model for PyTorch: a module that reads the model's own `.safetensors` file."""

from __future__ import annotations

from textwrap import indent

from microgpt.bpe import merged
from microgpt.export.definitions import Definitions, UsedOperations
from microgpt.export.excerpts import INDENTATION
from microgpt.export.exported_run import ExportedRun
from microgpt.export.layout import (
    config_text,
    imports_of,
    lay_out,
    model_source,
    safe_words,
)
from microgpt.export.pieces import (
    encode_part,
    settings_of_tokenizer,
    tokenizer_parts,
)
from microgpt.export.torch_forms import TENSORS, add_torch_members

TRAIN_ON = """\
import random, torch
from {name} import GPT, config, encode

model, lines = GPT(), open("more-of-it.txt").read().splitlines()
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
for step in range(1000):
    tokens = torch.tensor(encode(random.choice(lines))[0][: config.block_size + 1])
    logits = model(tokens[:-1])
    loss = torch.nn.functional.cross_entropy(logits, tokens[1:])
    optimizer.zero_grad(), loss.backward(), optimizer.step()
    print(step, loss.item())
"""
MODULE = '''\
class GPT(nn.Module):
    """The model, with the weights of a `.safetensors` file."""

    def __init__(self, path=Path(__file__).with_suffix(".safetensors")):
        super().__init__()
        data = bytearray(Path(path).read_bytes())
        begin = 8 + int.from_bytes(data[:8], "little")
        self.names, self.matrices = [], nn.ParameterList()
        for name, tensor in json.loads(data[8:begin]).items():
            if len(tensor.get("shape", ())) == 2:  # a matrix, no state of an optimizer
                first, last = tensor["data_offsets"]
                kind = torch.float64 if tensor["dtype"] == "F64" else torch.float32
                matrix = torch.frombuffer(data[begin + first : begin + last], dtype=kind).float()
                self.names.append(name)
                self.matrices.append(nn.Parameter(matrix.reshape(tensor["shape"])))

    def forward(self, tokens):
        """Token ids, (..., position), to the logits of the next tokens, (..., position, vocab)."""
        position = torch.arange(tokens.shape[-1], device=tokens.device).expand_as(tokens)
        weights = dict(zip(self.names, self.matrices, strict=True))
        return gpt(Operations(), config, weights, tokens, position, defaultdict(list))
'''
WRITE = '''\
@torch.no_grad()
def write(model, temperature=0.5):
    """One document, token by token, until the model ends it or the context is full."""
    tokens = [BOS]
    while len(tokens) <= config.block_size:
        logits = model(torch.tensor(tokens))[-1]
        token = torch.multinomial((logits / temperature).softmax(-1), 1).item()
        if token == BOS:
            break
        tokens.append(token)
    return {text}
'''
MODULE_MAIN = """\
if __name__ == "__main__":
    model = GPT()
    for _ in range(20):
        print(write(model))
"""


def torch_program(run: ExportedRun) -> str:
    """The text of the module.

    Args:
        run: its weights are not needed.

    Raises:
        CodeError, ExportError: the model cannot be exported; the sentence says why.
    """
    config = run.config
    used, code = UsedOperations(config), model_source(config, with_shapes=False)
    model = Definitions(TENSORS, used.off)
    add_torch_members(model, used)
    is_plain = not (run.tokenizer.merges or run.windowed)
    text = '"".join(CHARACTERS[token] for token in tokens[1:])' if is_plain else "decode(tokens)"
    if run.tokenizer.merges:
        model.add_function(merged)
    sections = [
        (
            "The model",
            [
                config_text(config),
                settings_of_tokenizer(run.tokenizer),
                model.constants,
                _operations(model),
                code,
            ],
        ),
        (
            "Its weights, and text",
            [
                MODULE,
                *model.functions(),
                *tokenizer_parts(run.tokenizer, is_plain),
                encode_part(run.windowed, is_plain),
                WRITE.format(text=text),
            ],
        ),
    ]
    imports = [
        *("import json", "import torch", "from torch import nn", "from pathlib import Path"),
        *(["import math"] if "attention" in used.names else []),
        *(["import re"] if run.tokenizer.merges else []),
        *("from collections import defaultdict", "from types import SimpleNamespace"),
        *imports_of(config),
        *model.imports,
    ]
    return lay_out(_doc(run), imports, sections, code, MODULE_MAIN)


def _operations(model: Definitions) -> str:
    head = '"""What `gpt` is written in, on tensors (..., position, n): all positions at once."""'
    return f"class Operations:\n{INDENTATION}{head}\n\n{model.members}"


def _doc(run: ExportedRun) -> str:
    return f"""A GPT in PyTorch, exported from the microgpt playground: {safe_words(run.name)}.

Run it to have it write. To train it on:

{indent(TRAIN_ON.format(name=run.name if run.name.isidentifier() else "model"), INDENTATION)}"""
