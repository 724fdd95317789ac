"""Every message between the page and its worker, in both directions.

A message is a dictionary of plain data with a `type`; at most one field, `blob`, travels beside it
as bytes. Python makes messages nowhere else; `boot` and `fatal` also come from the scripts in
`static/`, when there is no Python yet or no more. What is said of a run bears the number that the
page gave it. Imported by both sides, so plain Python that MicroPython understands; the module knows
nothing of what a message brings about.
"""

MAX_BYTES = 50_000_000  # of all files together; the core refuses more as well

MOST_TOLD = 200  # tokens whose probabilities the page is told, where there are more

# ---- page to worker ------------------------------------------------------------------------------


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
    options: how to read them: settings of the table's group DATA, and `block_size`, by name.
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


# ---- worker to page ------------------------------------------------------------------------------


def boot(stage: int, of: int, what: str) -> dict[str, object]:
    """On the way up: `what` is being waited for, stage `stage` of `of`."""
    return {"type": "boot", "stage": stage, "of": of, "what": what}


def ready(python: str, compiles: bool) -> dict[str, object]:
    """The worker takes commands.

    python: the version that runs there. compiles: whether the compiled engine can run there.
    """
    return {"type": "ready", "python": python, "compiles": compiles}


def pong() -> dict[str, object]:
    """I am here."""
    return {"type": "pong"}


def model(
    characters: list[str], config: dict[str, int], about: dict[str, str]
) -> dict[str, object]:
    """This is the model that generates from now on.

    characters: the vocabulary, without BOS, which is the token after the last of them.
    config: the architecture by name.
    about: where the model comes from, in words by name.
    """
    return {"type": "model", "characters": characters, "config": config, "about": about}


def reading(number: int, share: float, what: str) -> dict[str, object]:
    """Files are being read: the share of the work that is done, 0 to 1, and what is being done."""
    return {"type": "reading", "number": number, "share": share, "what": what}


def described(
    number: int,
    name: str,
    portrait: dict[str, object],
    reading: dict[str, object],
    preview: list[str],
) -> dict[str, object]:
    """The data called `name` are in force.

    portrait: what they look like, as `microgpt.reading.portrait` has it, with at most some hundred
        characters of the vocabulary; `num_chars` says how many there are, and `cut`, for each stop
        of the context length, how many documents it cuts and what share of all predictions.
    reading: how the files were read: `remarks`, `columns`, the `column` taken, `encodings`, `rare`
        characters (some hundred of `num_rare`), how many were `left_out`, and as a `suggestion` the
        settings that suit the data, by name.
    preview: the first documents, shortened.
    """
    return {
        "type": "described",
        "number": number,
        "name": name,
        "portrait": portrait,
        "reading": reading,
        "preview": preview,
    }


def refused(number: int, message: str) -> dict[str, object]:
    """Files or options were not taken: `message` says why, "" where the person thought again."""
    return {"type": "refused", "number": number, "message": message}


def merges(
    first: int,
    rows: list[tuple[str, str, int, int]],
    size: int | None = None,
    problem: str = "",
) -> dict[str, object]:
    """Byte pairs of the data were learnt, as many as the settings want or some of them.

    first: how many the page has been told before; 0 where others than before are learnt.
    rows: of each new one the texts of its two tokens, how often they met, and how many tokens the
        data have with it.
    size: of the vocabulary, once all that are wanted are learnt; more may be known than it has.
    problem: a sentence on why there can be none, or "".
    """
    return {"type": "merges", "first": first, "rows": rows, "size": size, "problem": problem}


def started(
    run: int,
    engine: str,
    precision: str,
    num_docs: int,
    num_held_out: int,
    num_params: int,
    vocab_size: int,
    characters_a_token: float,
    remarks: list[str],
) -> dict[str, object]:
    """The run has begun.

    engine, precision: what computes it, `wasm` or `scalar`, with `f32` or `f64`. Where nothing
    compiled can run, it is `scalar` whatever was asked for.
    characters_a_token: the loss of a token divided by it is about that of a character.
    remarks: sentences on its data.
    """
    return {
        "type": "started",
        "run": run,
        "engine": engine,
        "precision": precision,
        "num_docs": num_docs,
        "num_held_out": num_held_out,
        "num_params": num_params,
        "vocab_size": vocab_size,
        "characters_a_token": characters_a_token,
        "remarks": remarks,
    }


def progress(
    run: int,
    step: int,
    held_out: list[tuple[int, float]],
    accuracy: list[tuple[int, float]],
    seconds: float,
) -> dict[str, object]:
    """Steps were done. The blob has their losses, and behind them as many smoothed ones.

    They are 64-bit floats, since thousands may come in a frame, which a page takes long to read as
    words.

    step: how many in all, with the new ones. held_out: new (step, loss) pairs.
    accuracy: new (step, share) pairs of a task, with the share of lines that were right, 0 to 1.
    seconds: pure computing time of the run so far.
    """
    return {
        "type": "progress",
        "run": run,
        "step": step,
        "held_out": held_out,
        "accuracy": accuracy,
        "seconds": seconds,
    }


def live_sample(run: int, step: int, text: str, stop: str, mark: str) -> dict[str, object]:
    """What the model wrote after `step` steps.

    stop: why it ended, `end` or `context`. mark: `right` or `wrong` on a task, else "".
    """
    return {
        "type": "live_sample",
        "run": run,
        "step": step,
        "text": text,
        "stop": stop,
        "mark": mark,
    }


def state(run: int, state: str) -> dict[str, object]:
    """The run is now `idle`, `running`, `paused` or `done`."""
    return {"type": "state", "run": run, "state": state}


def checkpoint(run: int, step: int) -> dict[str, object]:
    """The run's state after `step` steps is in the blob, to go on from after a mishap."""
    return {"type": "checkpoint", "run": run, "step": step}


def generated(number: int, of: int, text: str, stop: str) -> dict[str, object]:
    """Sample `number` of `of` so far; `stop` is "" while it is being written."""
    return {"type": "generated", "number": number, "of": of, "text": text, "stop": stop}


def exploration(
    prefix: list[int],
    length: int,
    choice: dict[str, object] | None,
    upcoming: dict[str, list[float]] | None,
    stop: str,
) -> dict[str, object]:
    """Where the walk through a document is.

    prefix: the tokens that it began with. length: how many were chosen after them.
    choice: the last choice (position, token, model, adjusted) or None where there is none.
    upcoming: (model, adjusted) probabilities of the first choice, where none is made yet.
        Both are of all tokens by id; of very many they are of the `MOST_TOLD` likeliest, best
        first, and of the chosen one behind them, and `tokens` says which these are.
    stop: why nothing follows, or "".
    """
    return {
        "type": "exploration",
        "prefix": prefix,
        "length": length,
        "choice": choice,
        "upcoming": upcoming,
        "stop": stop,
    }


def error(about: str, message: str) -> dict[str, object]:
    """A command could not be carried out: `message` is a sentence; `about` is its type."""
    return {"type": "error", "about": about, "message": message}


def fatal(message: str) -> dict[str, object]:
    """The worker can do nothing more."""
    return {"type": "fatal", "message": message}
