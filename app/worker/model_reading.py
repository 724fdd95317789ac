"""A model's file read for the page: what is in it, or one sentence on why it cannot be opened."""

from __future__ import annotations

from array import array

from app.shared.commands import ReadModelCommand
from app.shared.events import ModelReadEvent
from app.shared.models import FileFacts
from app.shared.smoothing import Smoothing
from microgpt.checkpoint import Checkpoint, CheckpointError, code_in, from_bytes
from microgpt.config import ModelConfig
from microgpt.settings import SettingError
from microgpt.training_record import Progress, progress_from_about, record_from_about


def read_model(command: ReadModelCommand) -> ModelReadEvent:
    """The answer to the command; the code of the file is run only if that is allowed."""
    event = ModelReadEvent(type="model_read", number=command["number"], problem="", code="")
    try:
        event["code"] = code_in(command["blob"])
        if event["code"] and not command["with_code"]:
            return event
        checkpoint = from_bytes(command["blob"])
        record = record_from_about(checkpoint.about)
        event["facts"] = _facts(checkpoint, progress_from_about(checkpoint.about))
        losses = array("d", [*record.losses, *Smoothing().add(record.losses)])
        event["blob"] = losses.tobytes()
    except (CheckpointError, SettingError) as error:
        event["problem"] = str(error)
    except MemoryError:
        event["problem"] = "The model is too large for this browser's memory."
    return event


def _facts(checkpoint: Checkpoint, progress: Progress) -> FileFacts:
    record, config = record_from_about(checkpoint.about), checkpoint.config
    own_steps = record.step - record.base_step
    return FileFacts(
        num_params=config.num_params,
        vocab_size=config.vocab_size,
        settings={**_settings_of(config, bool(checkpoint.merges)), **record.settings},
        told=bool(record.settings),
        step=record.step,
        num_steps=record.num_steps,
        base_step=record.base_step,
        seconds=record.seconds,
        base_seconds=record.base_seconds,
        chars_per_token=record.chars_per_token,
        held_out=list(record.held_out),
        accuracy=list(record.accuracy),
        train_accuracy=list(record.train_accuracy),
        all_held_out=record.all_held_out,
        data=record.data.name,
        documents=record.data.documents,
        files=list(record.data.files),
        options=dict(record.data.options),
        has_optimizer=checkpoint.optimizer_state is not None,
        resumable=checkpoint.optimizer_state is not None and progress.step == own_steps,
    )


def _settings_of(config: ModelConfig, has_merges: bool) -> dict[str, int | float | str]:
    """The settings that the architecture itself tells."""
    values: dict[str, int | float | str] = {
        "tokenizer": "bpe" if has_merges else "characters",
        "n_embd": config.n_embd,
        "n_head": config.n_head,
        "n_layer": config.n_layer,
        "block_size": config.block_size,
    }
    return values
