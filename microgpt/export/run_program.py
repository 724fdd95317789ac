"""A run as one program of plain Python, which trains the same model and prints the same losses.

It computes what the scalar engine computes, to the last bit: operations, optimizer and numbers are
the package's own functions, see `excerpts.py`, or a shorter form of them, see `vector_forms.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from microgpt.bpe import merged
from microgpt.export.definitions import VALUES, Definitions, UsedOperations
from microgpt.export.documents import ExportedDocuments
from microgpt.export.exported_run import ExportedRun
from microgpt.export.layout import (
    config_text,
    constants_text,
    imports_of,
    lay_out,
    model_source,
    safe_words,
)
from microgpt.export.pieces import (
    BACKWARD_METHOD,
    COUNTED_FROM,
    ENCODED_CHARACTERS,
    MEAN_LOSS,
    OPERATIONS,
    OPERATIONS_HEAD,
    VALUE_HEAD,
    begin_text,
    encode_part,
    losses_part,
    needs_truncated,
    sampling_settings,
    schedule_parts,
    settings_of_tokenizer,
    tokenizer_parts,
    train_part,
    write_part,
)
from microgpt.loss_mask import first_counted
from microgpt.optimizer import OPTIMIZERS, clipped
from microgpt.run import MAX_EVAL_DOCUMENTS
from microgpt.sampler import truncated
from microgpt.settings import num_held_out
from microgpt.trainer import EVAL_EVERY

TRAINING_MAIN = '''\
def main():
    """Read the options, and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\\n")[0])
    parser.add_argument("--stop-after", type=int, default=NUM_STEPS, help="stop after this step")
    parser.add_argument("--json", action="store_true", help="print one JSON object per line")
    options = parser.parse_args()
    gc.disable()  # no graph has a cycle: they go without it, and looking for some takes long
    try:
        for line in run(options.stop_after):
            words = " | ".join(f"{name} {value}" for name, value in line.items())
            print(json.dumps(line) if options.json else words, flush=True)
    except (ArithmeticError, ValueError) as error:
        sys.exit(f"Training diverged ({error}): try a learning rate well below {LEARNING_RATE}.")
'''
OPENING = '''\
def opening(documents):
    """The question of a document, for the model to answer: what comes up to the mark."""
    (sequence, *_) = encode(random.choice(documents))
    return sequence[1 : (counted_from(sequence) or 0) + 1]
'''


def run_program(run: ExportedRun, documents: ExportedDocuments) -> str:
    """The text of the program.

    Args:
        run: with its documents.
        documents: how the program has them.

    Raises:
        CodeError, ExportError: the model cannot be exported; the sentence says why.
    """
    training, config = run.training, run.config
    optimizer = OPTIMIZERS[training.optimizer]
    used = UsedOperations(config)
    model = Definitions(VALUES, used.off)
    model.add_members(used)
    model.add_method("log")  # of the loss
    learning = Definitions(VALUES, used.off)
    for function in _functions_of_training(run, optimizer.form):
        learning.add_function(function)
    schedule, rate = schedule_parts(training)
    held_out = num_held_out(len(run.documents), training.eval_fraction)
    masked, begin = bool(training.mask), _begin(run, held_out)
    is_plain = not (run.tokenizer.merges or run.windowed or begin)
    with_losses = bool(training.batch_size > 1 or masked or held_out)
    settings: list[dict[str, object]] = [
        {
            "NUM_STEPS": training.num_steps,
            **({"BATCH_SIZE": training.batch_size} if training.batch_size > 1 else {}),
            "SEED": training.seed,
            "INIT_STD": training.init_std,
        },
        {
            "LEARNING_RATE": training.learning_rate,
            **{name.upper(): getattr(training, name) for name in optimizer.hyperparameters},
            **({"CLIP": training.clip} if training.clip else {}),
        },
        schedule,
        {
            **({"MASK": training.mask} if masked else {}),
            **({"NUM_HELD_OUT": held_out} if held_out else {}),
        },
        sampling_settings(run),
    ]
    sections: list[tuple[str, list[str]]] = [
        (
            "The settings of the run",
            [
                config_text(config),
                *map(constants_text, settings),
                settings_of_tokenizer(run.tokenizer),
                model.constants,
                documents.definition if documents.file_name else "",
            ],
        ),
        (
            "Automatic differentiation: numbers that record how they were computed",
            [f"{VALUE_HEAD}{model.methods}{BACKWARD_METHOD}", *model.functions()],
        ),
        (
            "The operations of the model, on vectors",
            [f"{OPERATIONS_HEAD}{model.members}", OPERATIONS],
        ),
        ("The model", [model_source(config)]),
        (
            "Training",
            [
                *tokenizer_parts(run.tokenizer, is_plain),
                "" if is_plain and not held_out else encode_part(run.windowed, is_plain),
                learning.constants,
                *learning.functions(),
                COUNTED_FROM if masked else "",
                losses_part(masked) if with_losses else "",
                train_part(training, rate, with_losses),
            ],
        ),
        (
            "Writing, and the program",
            [
                OPENING if masked and not run.prefix else "",
                write_part(run.sampling, bool(begin), ".data", is_plain),
                _run_part(run, held_out, begin, is_plain),
                TRAINING_MAIN,
            ],
        ),
        *([] if documents.file_name else [("The data", [documents.definition])]),
    ]
    imports = [
        *(f"import {name}" for name in ("argparse", "gc", "json", "random", "sys")),
        *(["import re"] if run.tokenizer.merges else []),
        *("from collections import defaultdict", "from types import SimpleNamespace"),
        *documents.imports,
        *imports_of(config),
        *model.imports,
        *learning.imports,
        "import math",
    ]
    return lay_out(_doc(run), imports, sections, model_source(config))


def _functions_of_training(
    run: ExportedRun, form: Callable[..., Any]
) -> Sequence[Callable[..., Any]]:
    """The package's own functions that the program has besides those of the model."""
    wanted = (
        (merged, run.tokenizer.merges),
        (form, True),
        (clipped, run.training.clip),
        (first_counted, run.training.mask),
        (truncated, needs_truncated(run)),
    )
    return [function for function, is_wanted in wanted if is_wanted]


def _begin(run: ExportedRun, held_out: int) -> str:
    """The expression of what each sample begins with; "" for nothing."""
    if run.prefix:
        return f"token_ids({run.prefix!r})"
    return f"opening({'held_out' if held_out else 'documents'})" if run.training.mask else ""


def _run_part(run: ExportedRun, held_out: int, begin: str, is_plain: bool) -> str:
    """The function that does all of a run."""
    split = tests = evaluate = counted = keep = ""
    if run.training.mask:
        counted = " if counted_from(each) is not None"
        keep = f"    sequences = [each for each in sequences{counted}]\n"
    if held_out:
        split = "    documents, held_out = documents[:-NUM_HELD_OUT], documents[-NUM_HELD_OUT:]\n"
        most = MAX_EVAL_DOCUMENTS
        tests = f"    tests = [each for text in held_out[:{most}] for each in encode(text)]\n"
        tests += f"    tests = [each for each in tests[:{most}]{counted}]\n"
        evaluate = f"""\
        if tests and (step % {EVAL_EVERY} == 0 or step == NUM_STEPS):
            losses = [loss.data for test in tests for loss in losses_of(weights, test)]
            mean = {MEAN_LOSS}
            yield {{"step": step, "held_out_loss": mean.data}}
"""
    encoded = "each for document in documents for each in encode(document)"
    if is_plain and not held_out:
        encoded = f"{ENCODED_CHARACTERS} for document in documents"
    begins = begin_text(begin)
    return f'''\
def run(stop_after):
    """Train, then write; yield what there is to print, line by line."""
    random.seed(SEED)
    documents = DOCUMENTS[:]
    random.shuffle(documents)
{split}    sequences = [{encoded}]
{keep}{tests}    weights = {{
        name: [[Value(random.gauss(0, INIT_STD)) for _ in range(columns)] for _ in range(rows)]
        for name, (rows, columns) in parameter_shapes(config)
    }}
    for step, loss in zip(range(1, stop_after + 1), train(weights, sequences), strict=False):
        yield {{"step": step, "loss": loss}}
{evaluate}    for _ in range(NUM_SAMPLES):
        yield {{"sample": write(weights{begins})}}
'''


def _doc(run: ExportedRun) -> str:
    return f"""A GPT in plain Python, exported from the microgpt playground: {safe_words(run.name)}.

It prints the losses of `python -m microgpt train --engine scalar`, to the last bit on the same
Python (3.11 or newer), and then it writes. `parameter_shapes` and `gpt` are the model: change them.
"""
