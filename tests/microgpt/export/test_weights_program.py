"""A model as a program: it writes what `generate` writes with it."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path

import pytest

from microgpt.checkpoint import Checkpoint, to_bytes
from microgpt.config import ModelConfig, SampleConfig
from microgpt.export.exports import export_files
from microgpt.export.source import ExportError
from microgpt.export.weights_program import MAX_WEIGHTS_INSIDE
from tests.microgpt.export.test_run_program import ALL_OPERATIONS
from tests.support.command import objects, output
from tests.support.exported import (
    printed,
    run_program,
    tiny_run,
    with_weights,
    write_files,
)


@pytest.mark.parametrize(
    ("code", "sampling", "prefix", "tokenizer"),
    [
        ("", SampleConfig(), "", "characters"),
        (ALL_OPERATIONS, SampleConfig(temperature=0.9, top_k=5, top_p=0.8), "c", "characters"),
        ("", SampleConfig(temperature=0.0), "an", "bpe"),
        ("", SampleConfig(temperature=2.0), "", "bpe"),
    ],
)
def test_it_writes_what_generate_writes(
    code: str, sampling: SampleConfig, prefix: str, tokenizer: str, tmp_path: Path
) -> None:
    words = ["anna banana can", "a nab can ban", "banana"] * 3
    run, exported = tiny_run(code, words, tokenizer, init_std=0.5)
    exported = replace(with_weights(run, exported), sampling=sampling, prefix=prefix)
    model = tmp_path / "model.safetensors"
    parts = (run.tokenizer.characters, run.engine.weights())
    checkpoint = Checkpoint(run.engine.config, *parts, merges=run.tokenizer.merges)
    model.write_bytes(to_bytes(checkpoint))
    folder = tmp_path / "empty"
    folder.mkdir()
    program = write_files(folder, export_files("weights", exported))
    found = printed(program, "--samples", "8", "--seed", "5")
    options = ["--samples", "8", "--seed", "5", "--engine", "scalar", "--prefix", prefix]
    options += ["--temperature", str(sampling.temperature)]
    options += ["--top-k", str(sampling.top_k), "--top-p", str(sampling.top_p)]
    assert found == objects(output("generate", "--json", "--model", str(model), *options))
    assert run_program(program).stdout.startswith("sample  1: ")


def test_weights_take_four_bytes_each_where_none_is_lost(tmp_path: Path) -> None:
    run, exported = tiny_run()
    whole = export_files("weights", with_weights(run, exported))["program.py"].decode()
    coarse = replace(
        exported,
        weights={
            name: [[round(weight * 256) / 256 for weight in row] for row in matrix]
            for name, matrix in run.engine.weights().items()
        },
    )
    half = export_files("weights", coarse)["program.py"].decode()
    sizes = [
        len(base64.b85decode(text.split('WEIGHTS = """')[1].split('"""')[0].replace("\n", "")))
        for text in (whole, half)
    ]
    assert sizes == [8 * run.engine.config.num_params, 4 * run.engine.config.num_params]
    program = write_files(tmp_path, {"program.py": half.encode()})
    assert [set(line) for line in printed(program)] == [{"sample"}] * 3


def test_a_model_that_is_too_large_is_refused() -> None:
    large = replace(tiny_run()[1], config=ModelConfig(vocab_size=27, n_embd=128, n_layer=2))
    assert large.config.num_params > MAX_WEIGHTS_INSIDE
    with pytest.raises(ExportError, match=r"200,000 at most: export it for PyTorch\.$"):
        export_files("weights", large)
