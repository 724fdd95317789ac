"""What the page tells its worker. The module knows nothing of what comes of it."""

MAX_BYTES = 50_000_000  # of all files together; the core refuses more as well


def load() -> dict[str, object]:
    """Take the model in the blob (a .safetensors file) to generate with."""
    return {"type": "load"}


def data(
    number: int, name: str, files: list[tuple[str, int]], options: dict[str, int | float | str]
) -> dict[str, object]:
    """Read files, and train from now on on the documents in them.

    The answer is `described` or `refused`, after some `reading` where it takes long; until then,
    and if they are refused, what was there before stays. Where there are no files, nothing is
    trained on and nothing is answered.

    number: the page's for this command, which comes back with everything that is said of it.
    name: what the data are called.
    files: (name, size in bytes) of each; their contents are in the blob, one behind the other. The
        name of what was pasted is empty.
    options: how to read them: settings of the table's group DATA, `block_size` and `tokenizer`, by
        name.
    """
    return {"type": "data", "number": number, "name": name, "files": files, "options": options}


def options(number: int, options: dict[str, int | float | str]) -> dict[str, object]:
    """Read the same files otherwise. Number, options and answers are as with `data`."""
    return {"type": "options", "number": number, "options": options}


def cancel() -> dict[str, object]:
    """Stop reading. The answer is `refused` without a sentence, or none where all has been read."""
    return {"type": "cancel"}


def prepare(settings: dict[str, int | float | str]) -> dict[str, object]:
    """Get ready for a run on the data with these settings, as in `start`, without beginning it.

    There is no answer, and settings that cannot be are ignored: the person is still choosing.
    """
    return {"type": "prepare", "settings": settings}


def start(
    settings: dict[str, int | float | str], paused: bool, run: int = 0, data: str = ""
) -> dict[str, object]:
    """Begin a run on the data. With a blob, go on from that checkpoint.

    settings: every setting of model, training and run (engine, precision, pace) by name.
    paused: whether it waits for `resume` or `step` at once.
    run: the run's number, which comes back with everything that is said of it.
    data: what the data are called; some are tasks, on which the model is examined as it trains.
    """
    return {"type": "start", "settings": settings, "paused": paused, "run": run, "data": data}


def pause() -> dict[str, object]:
    """Hold the run after the step that it is in."""
    return {"type": "pause"}


def resume() -> dict[str, object]:
    """Let a paused run go on."""
    return {"type": "resume"}


def step() -> dict[str, object]:
    """Do one step of a paused run."""
    return {"type": "step"}


def stop() -> dict[str, object]:
    """End the run for good; its model stays for generating."""
    return {"type": "stop"}


def pace(pace: str) -> dict[str, object]:
    """Change the pace of the run: `watch` or `full`."""
    return {"type": "pace", "pace": pace}


def sampling(settings: dict[str, int | float | str]) -> dict[str, object]:
    """From now on sample so: temperature, top_k, top_p and prefix by name."""
    return {"type": "sampling", "settings": settings}


def generate(count: int, seed: int) -> dict[str, object]:
    """Write `count` samples; replaces a generation that is under way."""
    return {"type": "generate", "count": count, "seed": seed}


def explore(
    action: str, position: int | None = None, token: int | None = None
) -> dict[str, object]:
    """Walk through one document.

    action: `start` (or start again, with the prefix), `next`, `back`, `reset`, or `choose`
        (write `token` at `position`, whatever followed is taken back).
    """
    return {"type": "explore", "action": action, "position": position, "token": token}


def ping() -> dict[str, object]:
    """Are you there?"""
    return {"type": "ping"}
