"""The command line as its users see it: training, saving, sampling and listing."""

from __future__ import annotations

import os
import pty
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from microgpt.checkpoint import from_bytes
from microgpt.cli.files import data_sets, read_model
from microgpt.config import TrainConfig
from microgpt.optimizer import ADAMW
from microgpt.segments import first_segment
from microgpt.training_record import record_from_about
from tests.support.command import COMMAND, TINY, call, done_objects, objects, output
from tests.support.processes import started


def test_the_output_of_a_run() -> None:
    text = output("--steps", "3", "--samples", "11")
    assert re.fullmatch(
        r"num docs: \d{5}\n"
        r"vocab size: 27\n"
        r"num params: 4192\n"
        r"engine: [a-z]+, batch size: 1\n"
        r"(?:step    [123] /    3 \| loss \d\.\d{4}\n){3}"
        r"\n--- inference \(new, hallucinated names\) ---\n"
        r"(?:sample [ \d]\d: [a-z]*\n){11}",
        text,
    ), text
    assert re.findall(r"^step +(\d+)", text, re.MULTILINE) == ["1", "2", "3"]
    assert re.findall(r"^sample +(\d+)", text, re.MULTILINE) == [str(n) for n in range(1, 12)]


def test_train_is_the_default_command() -> None:
    arguments = ["--steps", "2", "--samples", "2", *TINY]
    assert output(*arguments) == output("train", *arguments)


def test_the_same_seed_prints_the_same() -> None:
    arguments = ["--steps", "3", "--samples", "3", *TINY]
    assert output(*arguments) == output(*arguments, "--seed", "42")
    assert output(*arguments) != output(*arguments, "--seed", "43")


def test_a_batch_of_several_documents() -> None:
    arguments = ["--steps", "3", "--samples", "0", "--engine", "scalar", *TINY]
    text = output(*arguments, "--batch-size", "4")
    assert "\nengine: scalar, batch size: 4\n" in text
    one, four = (re.findall(r"loss (\S+)", told) for told in (output(*arguments), text))
    assert len(four) == len(one) == 3
    assert four != one


def test_the_scalar_engine_has_one_precision() -> None:
    for command in (["train", *TINY, "--steps", "2"], ["generate"]):
        arguments = [*command, "--samples", "3", "--engine", "scalar", "--precision"]
        assert output(*arguments, "f32") == output(*arguments, "f64")


def test_json_has_every_digit() -> None:
    arguments = ["--steps", "5", "--samples", "4", *TINY]
    lines = done_objects(output(*arguments, "--json"))
    losses = [line["loss"] for line in lines[:5]]
    assert [list(line) for line in lines] == [["step", "loss"]] * 5 + [["sample"]] * 4
    assert [line["step"] for line in lines[:5]] == [1, 2, 3, 4, 5]
    text = output(*arguments)
    assert re.findall(r"loss (\S+)", text) == [f"{loss:.4f}" for loss in losses]
    assert any(loss != round(loss, 12) for loss in losses)
    assert [line["sample"] for line in lines[5:]] == re.findall(r"sample .\d: (.*)", text)


def test_held_out_loss() -> None:
    text = output(*TINY, "--steps", "2", "--samples", "0", "--eval-fraction", "0.2")
    assert re.search(r"^step    2 /    2 \| held-out loss \d\.\d{4}$", text, re.MULTILINE)
    lines = done_objects(output(*TINY, "--steps", "2", "--eval-fraction", "0.2", "--json"))
    assert list(lines[2]) == ["step", "held_out_loss"]


@pytest.mark.parametrize("engine", ["auto", "scalar"])
def test_stopping_early_does_not_change_the_schedule(engine: str) -> None:
    arguments = [*TINY, "--json", "--steps", "6", "--samples", "0", "--engine", engine]
    whole = done_objects(output(*arguments))
    assert done_objects(output(*arguments, "--stop-after", "4")) == whole[:4]
    assert done_objects(output(*arguments, "--stop-after", "99")) == whole


def test_a_saved_model_writes_samples(tmp_path: Path) -> None:
    path = tmp_path / "my model.safetensors"
    arguments = ["--json", "--samples", "5", "--seed", "3"]
    output("train", *TINY, *arguments, "--steps", "3", "--save", str(path))
    one = output("generate", "--model", str(path), *arguments)
    assert one == output("generate", "--model", str(path), *arguments)
    assert [list(line) for line in objects(one)] == [["sample"]] * 5
    assert list(tmp_path.iterdir()) == [path]


def test_a_saved_model_tells_how_it_learned_and_has_the_state_to_go_on(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    options = "--optimizer adamw --betas 0.9,0.98 --weight-decay 0.5 --schedule wsd --clip 0.5"
    output("train", *TINY, *options.split(), "--steps", "3", "--samples", "0", "--save", str(path))
    model = from_bytes(path.read_bytes())
    assert model.optimizer is ADAMW
    assert model.optimizer_state is not None
    record = record_from_about(model.about)
    (segment,) = record.segments
    expected = TrainConfig(
        num_steps=3,
        optimizer="adamw",
        beta1=0.9,
        beta2=0.98,
        weight_decay=0.5,
        schedule="wsd",
        clip=0.5,
    )
    assert segment == first_segment(expected)
    assert TrainConfig.of(record.settings) == expected


@pytest.mark.parametrize("engine", ["auto", "scalar"])
def test_a_model_with_bpe(engine: str, tmp_path: Path) -> None:
    path = tmp_path / "bpe.safetensors"
    arguments = ["--engine", engine, "--samples", "4", "--prefix", "em"]
    bpe = ["--tokenizer", "bpe", "--vocab-limit", "64", "--eval-fraction", "0.2"]
    text = output(*TINY, *bpe, *arguments, "--steps", "3", "--save", str(path))
    size = int(re.findall(r"vocab size: (\d+)", text)[0])
    merges = int(re.findall(r"merges: (\d+), the first of which make '", text)[0])
    assert merges > 0
    assert 20 < size - merges <= 27
    assert len(re.findall(r"^sample  \d: em[a-z]*$", text, re.MULTILINE)) == 4
    samples = objects(output("generate", "--model", str(path), "--json", *arguments))
    assert all(line["sample"].startswith("em") for line in samples)


def test_the_old_value_of_the_tokenizer_option_is_still_read(tmp_path: Path) -> None:
    models = []
    for value in ("pairs", "bpe"):
        path = tmp_path / value
        options = ["--tokenizer", value, "--vocab-limit", "64", "--samples", "0"]
        output(*TINY, *options, "--steps", "1", "--save", str(path))
        models.append(read_model(path))
    old, new = models
    assert old.merges == new.merges != ()
    assert old.weights == new.weights
    assert old.about["settings"] == new.about["settings"]


def test_the_shipped_model_writes_names() -> None:
    names = [line["sample"] for line in objects(output("generate", "--json", "--samples", "8"))]
    assert len(set(names)) >= 6
    assert sum(2 <= len(name) <= 12 for name in names) >= 6


def test_every_sample_begins_with_the_prefix() -> None:
    lines = objects(output("generate", "--json", "--samples", "5", "--prefix", "mar"))
    assert all(line["sample"].startswith("mar") for line in lines)
    text = output("train", *TINY, "--steps", "1", "--samples", "3", "--prefix", "em")
    assert len(re.findall(r"^sample  \d: em", text, re.MULTILINE)) == 3
    assert output("generate", "--prefix", "") == output("generate")


def test_temperature_0_always_writes_the_same_sample() -> None:
    lines = output("generate", "--json", "--samples", "4", "--temperature", "0").splitlines()
    assert len(lines) == 4
    assert len(set(lines)) == 1


def test_the_data_sets_are_listed() -> None:
    lines = objects(output("datasets", "--json"))
    assert [line["name"] for line in lines] == [path.stem for path in data_sets()]
    assert all(line["num_docs"] >= 50 and line["vocab_size"] > 6 for line in lines)
    text = output("datasets").splitlines()
    assert [line.split()[0] for line in text] == [line["name"] for line in lines]


def test_training_on_odd_data_prints_notes(tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    path.write_text("aaaaaaaaaaaaaaaaaaaaaaaaa\n", encoding="utf-8")
    done = call("--data", str(path), "--steps", "2", "--samples", "1")
    assert done.returncode == 0
    assert done.stdout.startswith("num docs: 1\nvocab size: 2\n")
    notes = done.stderr.splitlines()
    assert len(notes) == 3
    assert all(note.startswith("note: ") for note in notes)


def test_help_names_every_option() -> None:
    text = output("train", "--help")
    options = """--data --steps --seed --engine --n-embd --n-head --n-layer --block-size
        --learning-rate --batch-size --precision --samples --temperature --prefix --eval-fraction
        --stop-after --json --tokenizer --vocab-limit"""
    assert set(options.split()) <= set(re.findall(r"--[a-z-]+", text))
    writing = {"--model", "--seed", "--engine", "--precision", "--samples", "--prefix"}
    assert writing <= set(re.findall(r"--[a-z-]+", output("generate", "--help")))
    assert all(command in output("--help") for command in ("train", "generate", "datasets"))


def test_help_is_in_groups_and_shows_values_and_defaults() -> None:
    text = " ".join(output("train", "--help").split())
    titles = ["data:", "model:", "training:", "optimization:", "writing:"]
    places = [text.index(f" {title} --") for title in titles]
    assert places == sorted(places)
    for part in (
        "--precision {f32,f64,bf16} the numbers",
        "--tokenizer {characters,bpe} the pieces",
        "--n-layer N how many",
        "--learning-rate X how far",
        "schedule changes it during the run (default: 0.01)",
        "--optimizer {adam,adamw,sgd} how gradients",
        "--betas A,B how slowly",
        "--schedule {linear,cosine,constant,wsd} how the",
        "--clip X the largest norm",
        "--prefix TEXT the text that every sample begins with (default: empty)",
        "--save FILE save the model",
    ):
        assert part in text


def test_progress_is_updated_in_place_on_a_terminal() -> None:
    ours, theirs = pty.openpty()
    try:
        with started(
            [*COMMAND, *TINY, "--steps", "20", "--samples", "1"], stdout=theirs
        ) as process:
            os.close(theirs)
            screen = b"".join(read_all(ours)).decode()
            _, errors = process.communicate()
            assert (process.returncode, errors) == (0, "")
    finally:
        os.close(ours)
    lines = screen.split("\r\n")
    assert lines[2] == "num params: 456"
    told = lines[4].split("\r\x1b[K")
    assert len(told) == 21
    assert told[0] == ""
    for step, line in enumerate(told[1:], start=1):
        pace = r"\d+\.\d steps/s \| (\d+ min )?\d+ s left"
        assert re.fullmatch(rf"step {step:4d} /   20 \| loss \d\.\d{{4}} \| {pace}", line), line
    assert lines[5:7] == ["", "--- inference (new, hallucinated names) ---"]


def read_all(terminal: int) -> Iterator[bytes]:
    """What is written to a terminal until its other end is closed."""
    while True:
        try:
            part = os.read(terminal, 4096)
        except OSError:  # Linux's way to say that the other end is closed
            return
        if not part:
            return
        yield part


def test_the_accuracy_on_a_task_is_printed() -> None:
    arguments = ["--steps", "2", "--samples", "0", *TINY, "--data", "sums"]
    assert re.search(r"^step +2 / +2 \| right \d+%$", output(*arguments), re.MULTILINE)
    accuracies = [line for line in objects(output(*arguments, "--json")) if "accuracy" in line]
    assert [line["step"] for line in accuracies] == [2]
    assert 0 <= accuracies[0]["accuracy"] <= 1


def test_a_second_run_needs_no_compiler_and_loads_little_else(tmp_path: Path) -> None:
    homes = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "LOCALAPPDATA"), str(tmp_path))
    environment = {**homes, "MICROGPT_CACHE": "on", "PYTHONPROFILEIMPORTTIME": "1"}
    first, second = (call("train", *TINY, "--steps", "2", **environment) for _ in range(2))
    assert first.returncode == 0
    assert first.stdout == second.stdout
    loaded = [
        {line.rpartition("|")[2].strip() for line in run.stderr.splitlines()}
        for run in (first, second)
    ]
    seldom = {"microgpt.wasm.compiler.compile", "microgpt.wasm.assembler.module"}
    assert loaded[0] >= seldom
    seldom |= {"zipfile", "csv", "microgpt.scalar.engine", "microgpt.bpe", "microgpt.checkpoint"}
    assert not loaded[1] & seldom
