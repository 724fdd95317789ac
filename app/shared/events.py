"""What the worker tells the page. The module knows nothing of what is done with it."""

MOST_TOLD = 200  # tokens whose probabilities the page is told, where there are more


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
    statistics: dict[str, object],
    reading: dict[str, object],
    preview: list[str],
) -> dict[str, object]:
    """The data called `name` are in force.

    statistics: of the documents, as `microgpt.corpus.statistics` computes them, with at most
        some hundred characters of the vocabulary; `num_chars` says how many there are, and `cut`,
        for each stop of the context length, how many documents it cuts and what share of all
        predictions.
    reading: how the files were read: `remarks`, `columns`, the `column` taken, `encodings`, `rare`
        characters (some hundred of `num_rare`), how many were `left_out`, and as `recommendation`
        the recommended settings by name.
    preview: the first documents, shortened.
    """
    return {
        "type": "described",
        "number": number,
        "name": name,
        "statistics": statistics,
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


def measured(
    vocab_size: int,
    documents: int,
    histogram: list[dict[str, int]],
    cut: list[tuple[int, int, float]],
    end: int,
    block_size: int,
) -> dict[str, object]:
    """How long the documents are in byte pairs, of which the vocabulary has `vocab_size`.

    documents: how many were measured; of very large data it is not all of them.
    histogram, cut, end: as in the statistics of `described`, in these tokens.
    block_size: the context length that suits them.
    """
    return {
        "type": "measured",
        "vocab_size": vocab_size,
        "documents": documents,
        "histogram": histogram,
        "cut": cut,
        "end": end,
        "block_size": block_size,
    }


def started(
    run: int,
    engine: str,
    precision: str,
    num_docs: int,
    num_held_out: int,
    num_params: int,
    vocab_size: int,
    chars_per_token: float,
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
        "chars_per_token": chars_per_token,
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


def generated(
    number: int, of: int, text: str, stop: str, mark: str, right: int
) -> dict[str, object]:
    """Sample `number` of `of` so far; `stop` and `mark` are "" while it is being written.

    mark: `right` or `wrong` on a task, else "". right: how many of the samples are right so far.
    """
    return {
        "type": "generated",
        "number": number,
        "of": of,
        "text": text,
        "stop": stop,
        "mark": mark,
        "right": right,
    }


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
