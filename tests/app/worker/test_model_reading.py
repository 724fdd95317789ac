"""A model's file read for the page: what it tells, and one sentence for each that is none."""

from __future__ import annotations

import json
import struct
from array import array
from dataclasses import replace
from pathlib import Path

import pytest

from microgpt.checkpoint import from_bytes, to_bytes
from microgpt.cli.main import main
from microgpt.model_code.gallery import GALLERY
from microgpt.training_record import TrainingRecord, record_to_about
from tests.microgpt.test_checkpoint import BYTES, TINY, changed, joined, parsed
from tests.support.fakes import FakeWorker, Message, run_settings, training
from tests.support.imports import ROOT

SHIPPED = ROOT / "datasets" / "models" / "us-names.safetensors"


def read(blob: bytes, with_code: bool = False) -> Message:
    """What the worker says of a file."""
    worker = FakeWorker()
    (answer,) = worker.tell("read_model", number=3, with_code=with_code, blob=blob)
    assert (answer["type"], answer["number"]) == ("model_read", 3)
    return answer | {"blob": worker.posted[-1].blob}


def saved(path: Path, *options: str) -> bytes:
    """A model of the command line's."""
    arguments = ["train", "--samples", "0", "--n-embd", "8", "--data", "dinosaurs", *options]
    assert main([*arguments, "--save", str(path)]) == 0
    return path.read_bytes()


def worker_that_is_done() -> FakeWorker:
    worker = training(run_settings(num_steps=13))
    worker.work()
    return worker


def checkpoint(worker: FakeWorker) -> bytes:
    blob = worker.newest_checkpoint().blob
    assert blob is not None
    return blob


# ---- the same file on both sides -----------------------------------------------------------------


def test_a_file_of_the_command_line_tells_all_of_its_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    blob = saved(
        tmp_path / "m", "--steps", "40", "--stop-after", "30", "--eval-fraction", "0.2", "--json"
    )
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    answer = read(blob)
    facts = answer["facts"]
    assert answer["problem"] == answer["code"] == ""
    assert (facts["step"], facts["num_steps"], facts["data"]) == (30, 40, "dinosaurs")
    assert facts["settings"] == facts["settings"] | {
        "n_embd": 8,
        "num_steps": 40,
        "eval_fraction": 0.2,
        "seed": 42,
    }
    assert facts["resumable"]
    assert facts["has_optimizer"]
    losses = array("d", answer["blob"])
    assert list(losses[:30]) == [event["loss"] for event in events if "loss" in event]
    assert len(losses) == 60
    assert facts["documents"] > 1000


def test_the_command_line_opens_a_checkpoint_of_the_worker(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "page.safetensors"
    path.write_bytes(checkpoint(worker_that_is_done()))
    assert main(["generate", "--model", str(path), "--samples", "3", "--json"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3


def test_an_older_file_still_opens() -> None:
    facts = read(SHIPPED.read_bytes())["facts"]
    assert (facts["data"], facts["step"], facts["has_optimizer"]) == ("us-names", 5000, False)
    assert not facts["told"]
    assert not facts["resumable"]
    assert facts["settings"]["n_embd"] == 16


# ---- code ----------------------------------------------------------------------------------------


def test_code_in_a_file_is_not_run_before_it_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    source = next(edit.source for edit in GALLERY if edit.name == "silu")
    blob = changed(code=json.dumps(source))

    def fail(_source: str) -> None:
        raise AssertionError("the code is loaded")

    monkeypatch.setattr("microgpt.model_code.loading.load_code", fail)
    answer = read(blob)
    assert answer["code"] == source
    assert answer["problem"] == ""
    assert "facts" not in answer
    monkeypatch.undo()
    assert read(blob, with_code=True)["facts"]["num_params"] == TINY.config.num_params


# ---- files that are none -------------------------------------------------------------------------


def tensors(**entries: object) -> bytes:
    """The bytes of a model with these entries of its header changed."""
    header, body = parsed(BYTES)
    return joined(header | entries, body)


@pytest.mark.parametrize(
    ("blob", "sentence"),
    [
        (b"", "The file is not a model written by microgpt, or it is damaged"),
        (b"hello, world", "The file is no .safetensors file, or it was cut off."),
        (BYTES[:100], "The file is no .safetensors file, or it was cut off."),
        (BYTES[:-8], "The model file was cut off: some of its numbers are missing."),
        (joined({"w": {}}, b""), "This .safetensors file holds a model of another kind."),
        (changed(format="pt"), "This .safetensors file holds a model of another kind."),
        (changed(version="2"), "The model file was written by a newer version of microgpt"),
        (changed(steps=5), "The model file has metadata that are no text."),
        (changed(losses="[1]"), "What the model file tells of its training is damaged"),
        (changed(config="{}"), "The file is not a model written by microgpt, or it is damaged"),
        (
            tensors(wte={"dtype": "F32", "shape": [9, 9], "data_offsets": [0, 324]}),
            "The model file was cut off: some of its numbers are missing.",
        ),
        (
            tensors(wte={"dtype": "F32", "shape": [1, 1], "data_offsets": [0, 4]}),
            "A tensor in the model file does not match its architecture.",
        ),
        (
            BYTES[:-4] + struct.pack("<f", float("nan")),
            "The model file has weights that are not finite numbers.",
        ),
        (struct.pack("<Q", 2**63) + b"{}", "The file is no .safetensors file, or it was cut off."),
        (
            joined({"__metadata__": {"format": "microgpt", "x": "[" * 5000}}, b""),
            "The file is not a model written by microgpt: its header has too many brackets.",
        ),
    ],
)
def test_what_is_no_model_is_one_sentence(blob: bytes, sentence: str) -> None:
    answer = read(blob)
    assert answer["problem"].startswith(sentence)
    assert answer["problem"].endswith(".")
    assert "facts" not in answer


def test_code_that_is_none_is_one_sentence() -> None:
    answer = read(changed(code=json.dumps("import os")), with_code=True)
    assert answer["problem"].startswith("The code in the model file is no model: ")


# ---- going on ------------------------------------------------------------------------------------


def test_a_run_of_the_command_line_goes_on_in_the_worker_as_if_never_stopped(
    tmp_path: Path,
) -> None:
    options = ("--steps", "40", "--engine", "scalar")
    stopped = saved(tmp_path / "a", *options, "--stop-after", "15")
    whole = from_bytes(saved(tmp_path / "b", *options))
    settings = read(stopped)["facts"]["settings"] | {"pace": "full"}
    worker = FakeWorker()
    text = (ROOT / "datasets" / "dinosaurs.txt").read_bytes()
    worker.tell(
        "load_data",
        number=1,
        name="dinosaurs",
        files=[("dinosaurs.txt", len(text))],
        options={},
        blob=text,
    )
    worker.work()
    worker.tell("start", settings=settings, continued=False, blob=stopped)
    worker.work()
    assert worker.state() == "done"
    assert from_bytes(checkpoint(worker)).weights == whole.weights


@pytest.mark.parametrize(
    "change", [{"optimizer_state": None}, {"about": {"progress": '{"step": 99}'}}]
)
def test_a_run_does_not_go_on_from_less_than_it_needs(change: Message) -> None:
    worker = worker_that_is_done()
    lacking = replace(from_bytes(checkpoint(worker)), **change)
    (error,) = worker.tell(
        "start", settings=run_settings(num_steps=13), continued=False, blob=to_bytes(lacking)
    )
    assert error["message"] == "The checkpoint does not hold what this run could go on with."


def test_what_is_told_of_a_run_that_continued_another() -> None:
    record = TrainingRecord(step=30, num_steps=50, base_step=20, losses=[2.0] * 30)
    facts = read(to_bytes(replace(TINY, about=record_to_about(record))))["facts"]
    assert (facts["base_step"], facts["resumable"]) == (20, False)
