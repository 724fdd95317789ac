"""A trained model as one program of plain Python, which writes what the model writes."""

from __future__ import annotations

import base64
import struct
from itertools import chain

from microgpt.bpe import merged
from microgpt.export.definitions import FLOATS, Definitions, UsedOperations
from microgpt.export.excerpts import LINE_LENGTH
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
    OPERATIONS,
    OPERATIONS_HEAD,
    begin_text,
    needs_truncated,
    sampling_settings,
    settings_of_tokenizer,
    tokenizer_parts,
    write_part,
)
from microgpt.export.source import ExportError
from microgpt.sampler import truncated

MAX_WEIGHTS_INSIDE = 200_000  # 1 MB of text, or 2
READ_WEIGHTS = '''\
def read_weights():
    """The matrices by name, each a list of rows."""
    data = base64.b85decode(WEIGHTS.replace("\\n", ""))
    numbers = (number for (number,) in struct.iter_unpack("<{code}", data))
    return {{
        name: [[next(numbers) for _ in range(columns)] for _ in range(rows)]
        for name, (rows, columns) in parameter_shapes(config)
    }}
'''
WRITING_MAIN = '''\
def main():
    """Read the options, and write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\\n")[0])
    parser.add_argument("--seed", type=int, default=SEED, metavar="N", help="of the samples")
    parser.add_argument("--samples", type=int, default=NUM_SAMPLES, metavar="N", help="how many")
    parser.add_argument("--json", action="store_true", help="print one JSON object per line")
    options = parser.parse_args()
    random.seed(options.seed)
    weights = read_weights()
    for number in range(1, options.samples + 1):
        text = write(weights{begin})
        line = json.dumps({{"sample": text}}) if options.json else f"sample {{number:2d}}: {{text}}"
        print(line, flush=True)
'''


def weights_program(run: ExportedRun) -> str:
    """The text of the program.

    Args:
        run: with its weights.

    Raises:
        CodeError, ExportError: the model cannot be exported; the sentence says why.
    """
    config = run.config
    if config.num_params > MAX_WEIGHTS_INSIDE:
        raise ExportError(
            f"The model has {config.num_params:,} weights, but a program holds "
            f"{MAX_WEIGHTS_INSIDE:,} at most: export it for PyTorch."
        )
    used = UsedOperations(config)
    model = Definitions(FLOATS, used.off)
    model.add_members(used)
    others = Definitions(FLOATS, used.off)
    if run.tokenizer.merges:
        others.add_function(merged)
    if needs_truncated(run):
        others.add_function(truncated)
    begin = f"token_ids({run.prefix!r})" if run.prefix else ""
    is_plain = not (run.tokenizer.merges or begin)
    weights, code = _weights(run)
    sections = [
        (
            "The settings of the model",
            [
                config_text(config),
                constants_text({"SEED": run.training.seed, **sampling_settings(run)}),
                settings_of_tokenizer(run.tokenizer),
            ],
        ),
        (
            "The operations of the model, on vectors",
            [
                model.constants,
                *model.functions(),
                f"{OPERATIONS_HEAD}{model.members}",
                OPERATIONS,
            ],
        ),
        ("The model", [model_source(config)]),
        (
            "Writing, and the program",
            [
                *tokenizer_parts(run.tokenizer, is_plain),
                *others.functions(),
                READ_WEIGHTS.format(code=code),
                write_part(run.sampling, bool(begin), "", is_plain),
                WRITING_MAIN.format(begin=begin_text(begin)),
            ],
        ),
        ("The weights", [weights]),
    ]
    names = ("argparse", "base64", "json", "random", "struct")
    imports = [
        *(f"import {name}" for name in names),
        *(["import re"] if run.tokenizer.merges else []),
        *("from collections import defaultdict", "from types import SimpleNamespace"),
        *imports_of(config),
        *model.imports,
        *others.imports,
    ]
    return lay_out(_doc(run), imports, sections, model_source(config))


def _weights(run: ExportedRun) -> tuple[str, str]:
    """The weights as text, and the type of each, as `struct` calls it: `f` where none is lost."""
    numbers = [*chain.from_iterable(chain.from_iterable(run.weights.values()))]
    data, code = struct.pack(f"<{len(numbers)}f", *numbers), "f"
    if list(struct.unpack(f"<{len(numbers)}f", data)) != numbers:
        data, code = struct.pack(f"<{len(numbers)}d", *numbers), "d"
    text = base64.b85encode(data).decode()
    lines = "\n".join(text[at : at + LINE_LENGTH] for at in range(0, len(text), LINE_LENGTH))
    return f'WEIGHTS = """\n{lines}\n"""\n', code


def _doc(run: ExportedRun) -> str:
    name = safe_words(run.name)
    return f"""A trained GPT in plain Python, exported from the microgpt playground: {name}.

Its weights are inside. It writes what `python -m microgpt generate --engine scalar` writes with the
same model and seed. Nothing is needed but Python 3.11 or newer.

`gpt` is the model, as the playground's editor has it.
"""
