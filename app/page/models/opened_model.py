"""What a model's file tells, as an experiment and as a run that the page can show.

Plain Python that MicroPython understands.
"""

from math import log

from app.page.aliases import DataKey
from app.shared.experiment import LEAVE_OUT, OWN, RUN_SETTINGS, Experiment
from app.shared.presets import find, is_task
from app.shared.typed import TYPE_CHECKING
from microgpt.patterns import plain
from microgpt.settings import DATA, SettingError

if TYPE_CHECKING:
    from typing import Any

    from app.shared.models import FileFacts

# The page's own, which no file changes.
LEFT_ALONE = ["temperature", "top_k", "top_p", "prefix", "num_samples", "pace", "num_runs"]
LEFT_ALONE += ["play_speed"]


def data_of(
    facts: "FileFacts", files: "list[tuple[str, int]]", options: "dict[str, Any]", revision: int
) -> DataKey:
    """The data that the model was trained on.

    Their name is a preset's, `OWN` where they are the user's own data that are here; any other name
    stands for data that are not here.

    Args:
        facts: what the file tells.
        files, options, revision: of the user's own data.
    """
    name, preset, told = facts["data"], find(facts["data"]), dict(facts["options"])
    title = preset.title if preset is not None else name
    try:
        leave_out = plain(str(told.pop(LEAVE_OUT, "")))
    except SettingError:  # a file may say anything
        return f"{title}, loaded in another way", 0, ""
    if preset is not None:
        others = [row for row in DATA if row.name != LEAVE_OUT]
        as_they_come = all(told.get(row.name, row.default) == row.default for row in others)
        if as_they_come and (leave_out or facts["documents"] in (0, preset.n_docs)):
            return name, 0, leave_out
        return f"{title}, loaded in another way", 0, leave_out
    same = [tuple(each) for each in facts["files"]] == [tuple(each) for each in files]
    if files and same and told == options:
        return OWN, revision, leave_out
    return name or "data that it does not tell", 0, leave_out


def experiment_of(
    facts: "FileFacts", code: str, data: DataKey, current: Experiment
) -> "tuple[Experiment, list[str]]":
    """The experiment that the model came from, as far as the page's widgets can say it.

    Args:
        facts: what the file tells.
        code: the model code.
        data: what `data_of` says.
        current: what the page shows now, for all that the file does not tell.

    Returns:
        It, and what it leaves out in words: values that no slider stands at.
    """
    fresh = Experiment()
    is_here = data[0] == OWN or find(data[0]) is not None
    here = (data[0], data[2]) if is_here else (current.data, current.leave_out)
    fresh.data, fresh.leave_out = here
    fresh.open, fresh.code_open, fresh.code = current.open, current.code_open, code
    for name in LEFT_ALONE:
        fresh.values[name] = current.values[name]
    told = facts["settings"]
    left_out = fresh.take({name: told[name] for name in told if name not in LEFT_ALONE})
    return fresh, left_out


def run_of(
    facts: "FileFacts", code: str, data: DataKey, fresh: Experiment, opened: str
) -> "dict[str, Any]":
    """The run that the model came from, as `kept_run.restored_run` takes it.

    Args:
        facts, code, data: as of `experiment_of`.
        fresh: the experiment.
        opened: what it was opened from.
    """
    exact = Experiment()
    exact.data, exact.leave_out, exact.code = data[0], data[2], code
    exact.values = dict(fresh.values)
    exact.values.update(facts["settings"])
    settings = {name: exact.values[name] for name in RUN_SETTINGS}
    is_here = data[0] == OWN or find(data[0]) is not None
    goes_on = is_here and facts["resumable"] and facts["step"] < facts["num_steps"]
    tokens: tuple[object, ...] = ()
    if settings["tokenizer"] == "bpe":
        split = (int(settings["seed"]), float(settings["eval_fraction"]))
        tokens = (int(settings["vocab_limit"]), split)
    return {
        "settings": settings,
        "signature": exact.signature() + [data[1]],
        "num_params": facts["num_params"],
        "engine": "scalar" if settings["engine"] == "scalar" else "wasm",
        "precision": settings["precision"],
        "is_task": is_task(data[0]),
        "unit": (data, tokens),
        "series": {
            "guessing": log(facts["vocab_size"]),
            "num_steps": facts["num_steps"] if goes_on else facts["step"],
            "chars_per_token": facts["chars_per_token"],
            "other_tokens_loss": None,
            "held_out": facts["held_out"],
            "all_held_out": facts["all_held_out"],
            "accuracy": facts["accuracy"],
            "train_accuracy": facts["train_accuracy"],
        },
        "code": code,
        "positions": float(settings["block_size"]),
        "num_docs": facts["documents"],
        "paused": goes_on,
        "step": facts["step"],
        "seconds": facts["seconds"],
        "checkpoint_step": facts["step"],
        "live": [],
        "base_step": facts["base_step"] if goes_on else 0,
        "base_seconds": facts["base_seconds"] if goes_on else 0.0,
        "at_base": False,
        "opened": opened,
        "only_model": not goes_on,
    }


def remarks(facts: "FileFacts", data: str, left_out: list[str]) -> str:
    """Sentences on what one would miss; "" where nothing is amiss.

    Args:
        facts: what the file tells.
        data: the name of the data.
        left_out: values that no slider stands at, in words.
    """
    words = []
    if data != OWN and find(data) is None:
        words.append(
            "Its data are not here, so it cannot be trained longer: it writes, and all views show "
            "it."
        )
    elif not facts["has_optimizer"]:
        words.append(
            "It comes without its optimizer's state: Train longer begins with a fresh one."
        )
    if left_out:
        words.append(f"The sliders cannot show all of its settings: {', '.join(left_out)}.")
    return " ".join(words)
