"""The explorer: what the model makes of any text, and the tokens that it samples."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.shared.events import MAX_TOLD_TOKENS
from microgpt.bpe import BpeTokenizer
from microgpt.checkpoint import Checkpoint, to_bytes
from microgpt.config import ModelConfig, SampleConfig
from microgpt.engine import create_engine
from microgpt.model import init_weights
from microgpt.sampler import Writer
from tests.support.fakes import (
    ONE_PIECE,
    SMALL,
    FakeWorker,
    Message,
    run_settings,
    sample_settings,
    small_model,
    the_error,
    training,
)

BLOCK_SIZE = SMALL.block_size
A, B, C, END = range(4)
TEXTS = st.lists(st.integers(A, C), max_size=BLOCK_SIZE)


class ExplorerDriver:
    """A worker with a model, and the commands of a page.

    Args:
        model: its file.
        sampling: the sampling settings, where they differ from the defaults.
    """

    def __init__(self, model: bytes | None = None, **sampling: Any) -> None:
        self.worker = FakeWorker()
        self.worker.tell("load_model", blob=model or small_model())
        self._number = 0
        self.sample(**sampling)

    def ask(
        self,
        tokens: list[int],
        caret: int | None = None,
        action: str = "show",
        typed: list[bool] | None = None,
    ) -> Message:
        """What the worker answers about a text; the caret is at its end by default."""
        self._number += 1
        (answer,) = self.worker.tell(
            "explore",
            number=self._number,
            model=self.worker.of("model")[-1]["number"],
            action=action,
            tokens=tokens,
            typed=[False] * len(tokens) if typed is None else typed,
            caret=len(tokens) if caret is None else caret,
            seed=self._number,
        )
        if answer["type"] == "exploration":
            assert answer["number"] == self._number
        return answer

    def sample(self, **sampling: Any) -> None:
        """Change the sampling settings."""
        assert self.worker.tell("set_sampling", settings=sample_settings(**sampling)) == []


@pytest.fixture
def explorer() -> ExplorerDriver:
    return ExplorerDriver()


def likely(probabilities: list[float]) -> bool:
    """Whether these are probabilities of all four tokens."""
    return len(probabilities) == 4 and sum(probabilities) == pytest.approx(1)


# ---- a text and its probabilities ----------------------------------------------------------------


def test_of_an_empty_text_the_first_token_comes_next(explorer: ExplorerDriver) -> None:
    answer = explorer.ask([])
    assert (answer["tokens"], answer["probabilities"], answer["caret"]) == ([], [], 0)
    assert likely(answer["upcoming"]["model"])
    assert likely(answer["upcoming"]["adjusted"])


@given(texts=st.lists(st.tuples(TEXTS, st.booleans(), st.integers(0, BLOCK_SIZE)), max_size=8))
def test_the_answer_depends_on_nothing_but_text_and_caret(
    texts: list[tuple[list[int], bool, int]],
) -> None:
    """Whatever was asked before, the numbers are those of the core."""
    explorer = ExplorerDriver(temperature=0.7, top_k=3)
    config = SampleConfig(temperature=0.7, top_k=3)
    engine = create_engine("scalar", SMALL, init_weights(SMALL, random.Random(7)))
    for text, closed, place in texts:
        tokens = ([*text, END] if closed else text)[:BLOCK_SIZE]
        caret = min(place, len(tokens))
        writer = Writer(engine, END)
        choices = [writer.choose(token, config) for token in tokens]
        answer = explorer.ask(tokens, caret)
        assert (answer["tokens"], answer["caret"]) == (tokens, caret)
        expected = [choice.adjusted[choice.token] for choice in choices]
        assert answer["probabilities"] == pytest.approx(expected)
        for rank, choice in zip(answer["ranks"], choices, strict=True):
            likelier = [p for p in choice.adjusted if p > choice.adjusted[choice.token]]
            assert rank == len(likelier) + 1
        begins_anew = tokens[:caret][-1:] == [END]
        if caret == BLOCK_SIZE and not begins_anew:
            assert answer["upcoming"] is None
            continue
        before = Writer(engine, END, [] if begins_anew else tokens[:caret])
        here = before.choose(A, config)
        assert answer["upcoming"]["model"] == pytest.approx(here.model)
        assert answer["upcoming"]["adjusted"] == pytest.approx(here.adjusted)


def test_behind_the_end_stands_the_beginning_of_another_text(explorer: ExplorerDriver) -> None:
    assert explorer.ask([A, END])["upcoming"] == explorer.ask([])["upcoming"]


@pytest.mark.parametrize(
    ("tokens", "caret"), [([4], 1), ([-1], 1), ([END, A], 2), ([A], 2), ([A], -1)]
)
def test_an_invalid_text_or_caret_is_refused(
    explorer: ExplorerDriver, tokens: list[int], caret: int
) -> None:
    the_error([explorer.ask(tokens, caret)], "explore")
    assert explorer.ask([A])["tokens"] == [A]


def test_an_unknown_action_is_refused(explorer: ExplorerDriver) -> None:
    the_error([explorer.ask([], action="fly")], "explore")


def test_ids_of_another_model_are_ignored(explorer: ExplorerDriver) -> None:
    assert explorer.worker.tell("explore", model=0, action="next") == []
    explorer.worker.tell("load_model", blob=small_model())
    assert explorer.worker.tell("explore", model=1, action="next") == []
    (answer,) = explorer.worker.tell("explore", model=2, action="next")
    assert len(answer["tokens"]) == 1


# ---- sampling ------------------------------------------------------------------------------------


def test_the_next_token_takes_the_place_of_what_follows(explorer: ExplorerDriver) -> None:
    answer = explorer.ask([A, B, C], caret=1, action="next")
    assert answer["tokens"][:1] == [A]
    assert len(answer["tokens"]) == answer["caret"] == 2


def test_behind_the_end_the_next_token_begins_another_text(explorer: ExplorerDriver) -> None:
    assert len(explorer.ask([A, B, END], action="next")["tokens"]) == 1
    assert explorer.ask([A, B, END], caret=2, action="next")["tokens"][:2] == [A, B]


def test_nothing_follows_a_full_context(explorer: ExplorerDriver) -> None:
    answer = explorer.ask([A] * BLOCK_SIZE, action="next")
    assert answer["tokens"] == [A] * BLOCK_SIZE
    assert answer["upcoming"] is None


def test_sampling_follows_the_settings(explorer: ExplorerDriver) -> None:
    explorer.sample(temperature=0.0)
    cold = explorer.ask([A], action="next")
    assert (cold["probabilities"][1], cold["ranks"][1]) == (1, 1)
    explorer.sample(top_k=2)
    seen = {explorer.ask([A], action="next")["tokens"][1] for _ in range(60)}
    assert len(seen) == 2
    kept = explorer.ask([A])["upcoming"]["adjusted"]
    assert seen == {token for token, probability in enumerate(kept) if probability}


# ---- what is typed -------------------------------------------------------------------------------

# a, b, n; an, na, anan
BPE = BpeTokenizer("abn", [(0, 2), (2, 0), (3, 3)])
AN, ANAN = 3, 5


@pytest.fixture
def bpe() -> ExplorerDriver:
    config = ModelConfig(BPE.vocab_size, n_embd=4, n_head=2, n_layer=1, block_size=6)
    weights = init_weights(config, random.Random(7))
    return ExplorerDriver(to_bytes(Checkpoint(config, BPE.characters, weights, merges=BPE.merges)))


def ids(text: str) -> list[int]:
    """A token for each character."""
    return [BPE.tokens.index(character) for character in text]


def test_what_was_typed_is_encoded_as_one_text(bpe: ExplorerDriver) -> None:
    answer = bpe.ask(ids("banana"), typed=[True] * 6)
    assert answer["tokens"] == BPE.encode_prefix("banana")
    assert answer["caret"] == len(answer["tokens"]) == len(answer["probabilities"])


def test_what_was_pressed_stays(bpe: ExplorerDriver) -> None:
    pressed = [*ids("an"), *ids("anan")]
    answer = bpe.ask(pressed, typed=[False] * 2 + [True] * 4)
    assert answer["tokens"] == [*ids("an"), ANAN]
    assert bpe.ask(pressed)["tokens"] == pressed


def test_no_token_goes_across_the_caret(bpe: ExplorerDriver) -> None:
    answer = bpe.ask(ids("anan"), caret=2, typed=[True] * 4)
    assert (answer["tokens"], answer["caret"]) == ([AN, AN], 1)


def test_a_text_is_cut_to_the_context_once_it_is_encoded(bpe: ExplorerDriver) -> None:
    assert bpe.ask(ids("anan" * 3), typed=[True] * 12)["tokens"] == [ANAN] * 3
    answer = bpe.ask(ids("b" * 9), typed=[True] * 9)
    assert (answer["tokens"], answer["caret"]) == (ids("b" * 6), 6)


def test_a_token_is_sampled_behind_what_was_typed(bpe: ExplorerDriver) -> None:
    answer = bpe.ask(ids("anan"), typed=[True] * 4, action="next")
    assert answer["tokens"][:1] == [ANAN]
    assert len(answer["tokens"]) == answer["caret"] == 2


# ---- the model of a run --------------------------------------------------------------------------


MOMENT = {"tokens": [0, 1], "typed": [False, False], "caret": 1}


@pytest.mark.parametrize("engine", ["scalar", "wasm"])
def test_the_probabilities_follow_the_model_as_it_learns(engine: str) -> None:
    worker = training(run_settings(num_steps=40, engine=engine), ONE_PIECE)
    worker.tell("explore", **MOMENT)
    worker.work()
    answers = worker.of("exploration")
    assert len(answers) > 1
    assert {answer["number"] for answer in answers} == {1}
    assert {tuple(answer["tokens"]) for answer in answers} == {(0, 1)}
    first, last = answers[0], answers[-1]
    assert first["probabilities"] != last["probabilities"]
    assert first["upcoming"] != last["upcoming"]
    (again,) = worker.tell("explore", number=2, **MOMENT)
    assert again == {**last, "number": 2}, "the last answer is that of the trained model"


def test_the_trained_model_is_shown_before_it_is_evaluated() -> None:
    worker = training(run_settings(num_steps=30, eval_fraction=0.3), 0.0001)  # in a slice or two
    worker.tell("explore", **MOMENT)
    worker.work()
    said = [posted.message for posted in worker.posted]
    last_losses = next(place for place, each in enumerate(said) if each.get("step") == 30)
    assert said[last_losses]["type"] == "progress"
    assert said[last_losses]["held_out"] == []
    shown = said[last_losses + 1]
    (again,) = worker.tell("explore", number=2, **MOMENT)
    assert again == {**shown, "number": 2}


def test_nobody_is_told_of_a_text_that_was_not_asked_about() -> None:
    worker = training(run_settings(num_steps=40), ONE_PIECE)
    worker.work()
    assert worker.of("exploration") == []


# ---- large vocabularies --------------------------------------------------------------------------


def test_of_a_large_vocabulary_the_likeliest_tokens_are_posted_and_the_following_one() -> None:
    characters = tuple(chr(0x4E00 + i) for i in range(2 * MAX_TOLD_TOKENS))
    config = ModelConfig(len(characters) + 1, n_embd=4, n_head=2, n_layer=1, block_size=6)
    weights = init_weights(config, random.Random(7))
    explorer = ExplorerDriver(to_bytes(Checkpoint(config, characters, weights)))
    told = explorer.ask([])["upcoming"]
    assert len(told["tokens"]) == len(told["model"]) == len(told["adjusted"]) == MAX_TOLD_TOKENS
    assert told["model"] == sorted(told["model"], reverse=True)
    unlikely = min(set(range(len(characters))) - set(told["tokens"]))
    answer = explorer.ask([unlikely], caret=0)
    upcoming = answer["upcoming"]
    assert upcoming["tokens"] == [*told["tokens"], unlikely]
    assert 0 < upcoming["model"][-1] <= min(told["model"])
    assert answer["probabilities"] == [upcoming["adjusted"][-1]]
    assert answer["ranks"][0] > MAX_TOLD_TOKENS
    assert explorer.ask([told["tokens"][5]], caret=0)["upcoming"]["tokens"] == told["tokens"]
