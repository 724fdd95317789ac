"""What can be taken away: a run, or a model, as files that need nothing of this package.

- `python`: one program that trains the same model and prints the same losses;
- `weights`: one program with the trained weights inside, which writes the same samples;
- `pytorch`: a module for PyTorch, and the weights beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from microgpt.checkpoint import from_bytes
from microgpt.config import TrainConfig
from microgpt.export.documents import exported_documents
from microgpt.export.exported_run import ExportedRun
from microgpt.export.run_program import run_program
from microgpt.export.source import ExportError
from microgpt.export.torch_program import torch_program
from microgpt.export.weights_program import weights_program
from microgpt.sampler import check_prefix
from microgpt.training_record import TrainingRecord, record_from_about

EXPORT_KINDS = ("python", "weights", "pytorch")


def export_files(kind: str, run: ExportedRun) -> dict[str, bytes]:
    """The files of an export by name, the program first.

    Args:
        kind: one of `EXPORT_KINDS`.
        run: for `python` with its documents, else with its weights.

    Raises:
        SettingError, UnknownCharacterError: it cannot be exported so, or its prefix cannot be
            written; one sentence says why.
    """
    check_prefix(run.tokenizer.encode_prefix(run.prefix), run.config.block_size)
    if kind == "python":
        documents = exported_documents(run.documents, run.name, run.data)
        files = {f"{run.name}.py": run_program(run, documents).encode()}
        if documents.file_name:
            files[documents.file_name] = documents.content
        return files
    if kind == "weights":
        return {f"{run.name}.py": weights_program(run).encode()}
    if kind == "pytorch":
        return {
            f"{run.name}.py": torch_program(run).encode(),
            f"{run.name}.safetensors": run.file,
        }
    raise ExportError(f"There is no export called {kind!r}; use {', '.join(EXPORT_KINDS)}.")


def run_of_file(file: bytes, name: str) -> tuple[ExportedRun, TrainingRecord]:
    """The model in a `.safetensors` file, and what is told of its training.

    Args:
        file: what is in it.
        name: as of `ExportedRun`.

    Raises:
        CheckpointError: there is no model in it.
    """
    model = from_bytes(file)
    record = record_from_about(model.about)
    run = ExportedRun(
        model.config,
        model.tokenizer(),
        name,
        data=record.data.name,
        windowed=record.data.options.get("cut") == "windows",
        weights=model.weights,
        file=file,
    )
    return run, record


def with_documents(
    run: ExportedRun, record: TrainingRecord, documents: Sequence[str], windowed: bool
) -> ExportedRun:
    """The same with all that is needed to train it once more.

    Args:
        run: from a model's file.
        record: what that tells of its training.
        documents: of its data.
        windowed: whether they are windows of one long text.

    Raises:
        ExportError: the run cannot be repeated, or these are not its data.
    """
    training = repeatable_training(record)
    characters = set().union(*documents)
    if len(documents) != record.data.documents or characters != set(run.tokenizer.characters):
        raise ExportError(
            "These are not the data that the model was trained on, which a program needs: choose "
            "those, or export the weights."
        )
    return replace(run, training=training, documents=documents, windowed=windowed)


def repeatable_training(record: TrainingRecord) -> TrainConfig:
    """How a run was trained, if a program can do that again.

    Raises:
        ExportError: its settings were changed while it went on, or it went on from another model.
    """
    if record.base_step:
        raise ExportError(
            "The run went on from the model of another one, and a program begins at the beginning: "
            "export the weights instead."
        )
    segments = record.segments
    if any(each != segments[0].then(each.first_step, segments[0].training) for each in segments):
        raise ExportError(
            "The settings of the run were changed while it went on, or it was trained longer, and "
            "a program trains with one setting of each: export the weights instead."
        )
    if segments:
        return segments[0].training
    if not record.settings:
        raise ExportError(
            "The model's file does not tell how it was trained: export the weights instead."
        )
    return TrainConfig.of(record.settings)
