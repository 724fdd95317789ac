"""What cannot be a model: one sentence, and the line of it."""

from __future__ import annotations

import random
import sys

import pytest

from microgpt.config import ModelConfig
from microgpt.engine import create_engine
from microgpt.model import init_weights
from microgpt.model_code.definition import CodeError
from microgpt.model_code.outline import outline
from tests.microgpt.model_code.test_model_code import EDITS, config_of, edited
from tests.support.emitted import the_host

RELU = "x = ops.relu(x)"
NOT_KNOWN = "the numbers of the model are not known yet"
WRONG = {
    "a vector is compared": (RELU, f"if x > 0:\n            {RELU}", NOT_KNOWN),
    "a vector is true": (RELU, f"if x:\n            {RELU}", NOT_KNOWN),
    "the position is compared": (RELU, f"if position == 0:\n            {RELU}", NOT_KNOWN),
    "the token is a number": (RELU, "x = int(token)", NOT_KNOWN),
    "a vector is indexed": (RELU, "x = x[0]", NOT_KNOWN),
    "vectors are added by +": ("ops.add(x, residual)", "x + residual", NOT_KNOWN),
    "a matrix has a length": (RELU, 'x = len(weights["wte"])', NOT_KNOWN),
    "the loop is endless": (
        RELU,
        "for i in range(100000):\n            for j in range(100000):\n                y = 1",
        "does not come to an end",
    ),
    "the range is long": (
        RELU,
        "for i in range(10000000):\n            y = 1",
        "a range has 100,000 numbers at most",
    ),
    "there are too many operations": (
        RELU,
        f"for i in range(9000):\n            {RELU}",
        "more than 4,000 operations",
    ),
    "vectors do not fit": (
        'mlp_fc1", (4 * n_embd',
        'mlp_fc1", (3 * n_embd',
        "a vector of 36 numbers cannot meet one of 48",
    ),
    "there is no such matrix": (
        'weights["lm_head"]',
        'weights["lm_haed"]',
        "no matrix 'lm_haed'; perhaps 'lm_head' is meant",
    ),
    "a cache is used twice": ("caches[layer]", "caches[0]", r"two attentions use caches\[0\]"),
    "a cache has no number": ("caches[layer]", 'caches["a"]', "numbers from 0 on"),
    "heads do not fit": (
        "config.n_head, caches",
        "5, caches",
        "12 numbers cannot be divided among 5 heads",
    ),
    "there are no heads": (
        "config.n_head, caches",
        "0, caches",
        "is a whole number from 1 on, not 0",
    ),
    "heads are halved": (
        "config.n_head, caches",
        "config.n_head / 1, caches",
        "the number of heads is a whole number from 1 on, not 3.0; divide with //",
    ),
    "a window is less than nothing": (
        "caches[layer])",
        "caches[layer], window=-1)",
        "a window is a whole number from 0 on, not -1",
    ),
    "there is no such option": ("caches[layer])", "caches[layer], windows=3)", "windows"),
    "keys are narrower than queries": (
        'attn_wk", (n_embd,',
        'attn_wk", (n_embd // 3,',
        "queries, keys and values of one size, but they have 12, 4 and 12 numbers; ops.repeat",
    ),
    "there is no such row": (
        RELU,
        'x = ops.row(weights["wpe"], 5)',
        "no row 5 in 'wpe', which has 5",
    ),
    "a row is looked up": (
        RELU,
        'x = ops.row(weights["wpe"], token)',
        "ops.embed looks up the token",
    ),
    "pairs do not go into heads": (
        "caches[layer])",
        "caches[layer])\n        x = ops.rotate(x, position, 4)",
        "each of 4 heads has 3; make that an even number",
    ),
    "a vector is turned by the token": (
        "caches[layer])",
        "caches[layer])\n        x = ops.rotate(x, token, 3)",
        "turns a vector by its position; give it `position`",
    ),
    "heads are repeated without measure": (
        "caches[layer])",
        "caches[layer])\n        x = ops.repeat(x, 3, 1000000)",
        "repeat makes 512 heads at most",
    ),
    "heads are repeated half": (
        "caches[layer])",
        "caches[layer])\n        x = ops.repeat(x, 3, 0.5)",
        "how many times heads are repeated is a whole number from 1 on, not 0.5",
    ),
    "an operation gets too many": (
        "ops.relu(x)",
        "ops.relu(x, x)",
        r"ops.relu\(\) takes 1 argument, but there are 2",
    ),
    "an operation gets too few": (
        "ops.relu(x)",
        "ops.relu()",
        r"missing 1 required positional argument",
    ),
    "an operation gets nothing": ("ops.relu(x)", "ops.relu(None)", "a vector is needed here"),
    "arguments are swapped": (
        'ops.linear(x, weights["lm_head"])',
        'ops.linear(weights["lm_head"], x)',
        "a (vector|matrix) is needed",
    ),
    "a number is looked up": (
        'weights["wte"], token',
        'weights["wte"], 3',
        "embed looks up the token or its position",
    ),
    "nothing is returned": (
        'return ops.linear(x, weights["lm_head"])',
        "pass",
        "must return the logits, but returns NoneType",
    ),
    "the logits are others": (
        'return ops.linear(x, weights["lm_head"])',
        "return x",
        "returns 12 numbers, but there are 7 tokens",
    ),
    "a helper calls itself": (
        RELU,
        "gpt(ops, config, weights, token, position, caches)",
        "without an end|two attentions|4,000",
    ),
    "rows are no whole numbers": (
        "(4 * n_embd, n_embd)",
        "(n_embd / 2, n_embd)",
        "must be whole numbers from 1 on, but one is 6.0; divide with //",
    ),
    "there are no rows": (
        "(4 * n_embd, n_embd)",
        "(0, n_embd)",
        "whole numbers from 1 on, but one is 0",
    ),
    "a model is gigantic": (
        "4 * n_embd",
        "400000000 * n_embd",
        "but 50,000,000 weights and 280 matrices are the most",
    ),
    "two matrices have one name": ("attn_wk", "attn_wq", "two matrices called layer0.attn_wq"),
    "a name has a blank": ('"wpe"', '"w p e"', "letters, digits, dots and underscores"),
    "there is no list": ("return shapes", "return 3", "must return a list"),
    "there are no pairs": ("return shapes", "return [1]", "must return pairs"),
    "there is nothing": ("return shapes", "return []", "a model needs one at least"),
    "it divides by 0": (RELU, "y = 1 / (config.n_embd - config.n_embd)", "division by zero"),
    "a list ends": (RELU, "y = [1][2]", "list index out of range"),
}


def _create(engine: str, config: ModelConfig) -> None:
    create_engine(engine, config, init_weights(config, random.Random(1)))


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("engine", ["scalar", "wasm"])
def test_wrong_code_is_one_sentence_with_its_line(name: str, engine: str) -> None:
    before, after, sentence = WRONG[name]
    if engine == "wasm":
        the_host()
    source = edited(before, after)
    with pytest.raises(CodeError, match=sentence) as raised:
        _create(engine, config_of(source))
    assert 1 <= raised.value.line <= len(source.splitlines())
    assert str(raised.value).endswith(".")


def test_the_line_is_the_one_that_was_changed() -> None:
    source = edited('mlp_fc2"])  # (n_embd,)', 'mlp_fc1"])')
    with pytest.raises(CodeError) as raised:
        outline(config_of(source))
    assert source.splitlines()[raised.value.line - 1].strip().endswith('mlp_fc1"])')


def test_tracing_is_left_as_it_was() -> None:
    before = sys.gettrace()
    outline(config_of(EDITS["SiLU"]))
    with pytest.raises(CodeError):
        outline(config_of(edited("ops.relu(x)", "ops.relu(None)")))
    assert sys.gettrace() is before
