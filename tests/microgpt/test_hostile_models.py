"""Model files that nobody saved: each is a whole model, or refused in one sentence."""

from __future__ import annotations

import json
import random
import struct
from functools import partial
from typing import Any

import pytest

from microgpt.checkpoint import Checkpoint, CheckpointError, from_bytes, to_bytes
from microgpt.config import ModelConfig, SampleConfig
from microgpt.optimizer import ADAM
from microgpt.sampler import generate
from microgpt.scalar.engine import ScalarEngine
from tests.support.work import Work

NUM_FILES = 300
NUM_GROUPS = 3  # of which each is a test
MAX_CALLS = 50_000  # to read a file; some 50 times what one takes
VALUES: list[Any] = [
    *(None, True, False, 0, -1, 1, 2**31, 2**63, 10**400, 0.5, float("nan"), float("inf"), "", "a"),
    *("\ud800", "\x1b[2J", [], {}, [[]], [0, 0], [0] * 9, {"a": 1}, "[" * 2000, "{}", "F32", "F64"),
]


def models() -> list[bytes]:
    """A small model of characters, and one of BPE tokens with the optimizer's state."""
    found = []
    for merges in ((), ((0, 1), (2, 0))):
        config = ModelConfig(4 + len(merges), n_layer=1, n_embd=2, block_size=3, n_head=1)
        weights = {name: [[0.5] * columns] * rows for name, (rows, columns) in config.shapes}
        state = tuple([0.0] * config.num_params for _ in ADAM.tensors) if merges else None
        found.append(to_bytes(Checkpoint(config, ("a", "b", "c"), weights, {}, state, merges)))
    return found


def with_changed_header(rng: random.Random, content: bytes) -> bytes:
    """The same with some value in its header replaced, also in the JSON within the JSON."""
    (length,) = struct.unpack_from("<Q", content)
    header = json.loads(content[8 : 8 + length])
    place = header
    metadata = header["__metadata__"]
    if rng.random() < 0.6:
        name = rng.choice(["config", "characters", "merges"])
        inner = json.loads(metadata.get(name, "[]"))
        change(rng, inner)
        metadata[name] = json.dumps(inner)
    else:
        while isinstance(place, dict) and rng.random() < 0.7:
            inside = [each for each in place.values() if isinstance(each, dict | list) and each]
            if not inside:
                break
            place = rng.choice(inside)
        change(rng, place)
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + content[8 + length :]


def change(rng: random.Random, place: Any) -> None:
    """Put a value into a list or an object, or take one away."""
    if isinstance(place, list):
        at = rng.randrange(len(place) + 1)
        place[at : at + rng.randrange(2)] = rng.choice([[], [rng.choice(VALUES)]])
    else:
        key = rng.choice([*place, "n_embd", "extra"])
        if rng.random() < 0.2:
            place.pop(key, None)
        else:
            place[key] = rng.choice(VALUES)


def with_changed_bytes(rng: random.Random, content: bytes) -> bytes:
    """The same with a few bytes changed, left out or added."""
    changed = bytearray(content)
    for _ in range(rng.randrange(1, 5)):
        at = rng.choice([rng.randrange(16), rng.randrange(len(changed) + 1)])
        changed[at : at + rng.randrange(3)] = rng.randbytes(rng.randrange(3))
    return bytes(changed[: rng.choice([len(changed), len(changed), rng.randrange(len(changed))])])


def read_or_refuse(content: bytes) -> Checkpoint | str:
    """The model in a file, or the sentence that refuses it."""
    try:
        return from_bytes(content)
    except CheckpointError as error:
        return str(error)


@pytest.mark.parametrize("seed", range(NUM_GROUPS))
def test_a_changed_file_is_a_model_or_refused_in_a_sentence(seed: int) -> None:
    rng = random.Random(seed)
    originals = models()
    read = refused = 0
    for _ in range(NUM_FILES // NUM_GROUPS):
        make = rng.choice([with_changed_header, with_changed_bytes])
        content = make(rng, rng.choice(originals))
        work = Work()
        model = work.measure(partial(read_or_refuse, content))
        assert work.total <= MAX_CALLS
        if isinstance(model, str):
            refused += 1
            assert model.endswith(".")
            continue
        read += 1
        tokenizer = model.tokenizer()
        engine = ScalarEngine(model.config, model.weights)
        choices = generate(engine, tokenizer.bos, SampleConfig(), random.Random(1), [])
        text = tokenizer.decode([choice.token for choice in choices])
        assert set(text) <= set(model.characters)
        again = from_bytes(to_bytes(model))
        assert (again.config, again.weights, again.merges) == (
            *(model.config, model.weights),
            model.merges,
        )
    assert refused > NUM_FILES // NUM_GROUPS // 2
    assert read > 0
