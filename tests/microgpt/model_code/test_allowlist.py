"""What model code may say, and what it is told when it says more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt.model_code.definition import CodeError
from microgpt.model_code.loading import load_code
from microgpt.model_code.source import default_source

HEAD = (
    "def parameter_shapes(config):\n    return [('wte', (config.vocab_size, config.n_embd))]\n\n\n"
)
GPT = "def gpt(ops, config, weights, token, position, caches):\n"


def model(*lines: str) -> str:
    """Model code whose `gpt` has these lines; the first of them is line 6."""
    return HEAD + GPT + "".join(f"    {line}\n" for line in lines)


def error_of(source: str) -> CodeError:
    with pytest.raises(CodeError) as raised:
        load_code(source)
    return raised.value


# Each would lead out to the rest of Python, if it ran.
WAYS_OUT = [
    "import os",
    "from os import system",
    "().__class__.__base__.__subclasses__()",
    "x = ops.__class__",
    "x = ops.add.__globals__",
    "x = gpt.__globals__",
    "x = config.__init__",
    "x = config.code",
    "x = ops.apply.__self__",
    "x = __builtins__",
    "x = __import__('os')",
    "x = eval('1')",
    "x = exec('1')",
    "x = open('f')",
    "x = getattr(ops, '_graph')",
    "x = type(ops)",
    "x = vars(config)",
    "x = globals()",
    "x = print",
    "x = '{0.__class__}'.format(ops)",
    "x = f'{ops!r}'",
    "x = f'{token:{position}}'",
    "x = (lambda: 1)()",
    "x = [y for y in ops]",
    "x = (y for y in range(3)).gi_frame",
    "x = weights['wte'].append",
    "ops.add = 1",
    "config.n_embd = 1",
    "global weights",
    "nonlocal weights",
    "del weights",
    "raise ValueError",
    "assert False",
    "try:\n        pass\n    except Exception as error:\n        pass",
    "with ops as x:\n        pass",
    "while True:\n        pass",
    "class A:\n        pass",
    "def inner():\n        pass",
    "yield 1",
    "await ops",
    "x = (y := 1)",
    "match token:\n        case 1:\n            pass",
    "x = range",
    "x = weights['wte'](1)",
    "x = ops.add(*caches)",
    "x = ops.add(**weights)",
    "x = {**weights}",
    "*x, y = caches",
    "ops = 1",
    "_x = 1",
    "x: int = 1",
    "for x in caches:\n        pass",
    "x = b'bytes'",
    "x = 1j",
    "x = ops.apply('add', token)",
    "import_ = ops.add",
]


@pytest.mark.parametrize("line", WAYS_OUT)
def test_there_is_no_way_out(line: str) -> None:
    error = error_of(model(line, "return token"))
    assert 6 <= error.line <= 8
    assert str(error).startswith(f"Line {error.line}: ")
    assert str(error).endswith(".")


@pytest.mark.parametrize(
    "source",
    [
        "@staticmethod\n" + model("return token"),
        model("return token").replace("caches)", "caches, *rest)"),
        model("return token").replace("caches)", "caches: object)"),
        "import os\n" + model("return token"),
        "open('f')\n" + model("return token"),
        "A = ().__class__\n" + model("return token"),
        model("return token") + "\nasync def f():\n    pass\n",
        model("return token") + "\ndef f(x=().__class__):\n    return x\n",
        model("return token") + "\ndef __init__():\n    pass\n",
    ],
)
def test_nor_is_there_one_outside_of_the_function(source: str) -> None:
    assert error_of(source).line > 0


def test_everything_on_the_list() -> None:
    code = load_code(
        "WIDTH = 4\n\n\n"
        "def parameter_shapes(config):\n"
        '    """Texts are allowed."""\n'
        "    shapes = [('wte', (config.vocab_size, config.n_embd))]\n"
        "    for layer, name in enumerate(['a', 'b']):\n"
        "        if config.n_layer > 1 and not layer:\n"
        "            continue\n"
        "        shapes += [(f'{name}{layer}', (WIDTH * config.n_embd, -(-config.n_embd // 1)))]\n"
        "    for i, letter in zip(range(2), 'xy'):\n"
        "        sizes = {'size': [n + 1 for n in range(3)][1:]}\n"
        "        shapes += [(letter, (sizes['size'][0], min(1, 2) if i else max(1, len('a'))))]\n"
        "    return shapes\n\n\n"
        "def add_twice(ops, x, times=2):\n"
        "    for i in range(0):\n        pass\n"
        "    return ops.add(x, x)\n\n\n"
        + GPT
        + "    x = add_twice(ops, ops.embed(weights['wte'], token))\n"
        + "    return ops.linear(x, weights['wte'])\n"
    )
    assert code.source.startswith("WIDTH")


def test_the_repositorys_own_model_is_on_the_list() -> None:
    load_code(default_source())


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("def gpt(", r"Line 1: this is no Python \('\(' was never closed\); correct it\."),
        ("", r"there is no function parameter_shapes\(\); write `def parameter_shapes\(config\):`"),
        (HEAD, r"there is no function gpt\(\)"),
        (HEAD + "def gpt(x):\n    return x\n", "Line 5: this function has other arguments; begin"),
        (model("return ops.reul(token)"), "no operation 'reul'; perhaps 'relu' is meant"),
        (model("return config.n_embed"), "config has no 'n_embed'; perhaps 'n_embd' is meant"),
        (model("return tokn"), "there is no 'tokn' here; perhaps 'token' is meant"),
        (model("return float(token)"), "there is no 'float' here"),
        (model("return ops.add"), "an operation is called"),
        ("x = " + "(" * 500 + ")" * 500, "this is no Python"),
        ("x = " + "-" * 50_000 + "1", "this is no Python|without an end"),
        ("#" * 200_000, "the text has 200,000 characters, but 100,000 are the most"),
        ("\0", "this is no Python"),
    ],
)
def test_sentences(source: str, sentence: str) -> None:
    with pytest.raises(CodeError, match=sentence):
        load_code(source)


@given(st.text(alphabet="def gpt(os,x):\n \t[]{}'\"#=.+*/%1_\\", max_size=80))
def test_any_short_text_is_answered_by_one_sentence(text: str) -> None:
    with pytest.raises(CodeError, match=r"\.\Z"):  # it is too short for a model
        load_code(text)


def test_trusted_code_may_be_any_python() -> None:
    source = "import math\n\n\n" + model("return ops.embed(weights['wte'], token)")
    error_of(source)
    assert load_code(source, trusted=True).trusted
    with pytest.raises(CodeError, match=r"no function gpt\(\)"):
        load_code("import math\n" + HEAD, trusted=True)
