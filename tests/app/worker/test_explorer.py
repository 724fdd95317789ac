"""The explorer: its document after every command, and the probabilities of its tokens."""

from __future__ import annotations

import random
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.page.exploration import Exploration
from app.shared.events import MAX_TOLD_TOKENS, ExplorationEvent
from microgpt.checkpoint import Checkpoint, to_bytes
from microgpt.config import ModelConfig
from microgpt.model import init_weights
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


class ExplorerDriver:
    """A worker with a small model whose explorer has started."""

    def __init__(self, **sampling: Any) -> None:
        self.worker = FakeWorker()
        self.worker.tell("load_model", blob=small_model())
        self.sample(**sampling)
        self.do("start")

    def do(self, action: str, position: int | None = None, token: int | None = None) -> Message:
        """Send a command to the explorer; returns the one answer."""
        (answer,) = self.worker.tell("explore", action=action, position=position, token=token)
        return answer

    def sample(self, **sampling: Any) -> list[Message]:
        """Change the sampling settings."""
        return self.worker.tell("set_sampling", settings=sample_settings(**sampling))

    def write(self, *tokens: int) -> Message:
        """Write these tokens, whatever their probability; returns the last answer."""
        for token in tokens:
            answer = self.do("choose", self.length(), token)
        return answer

    def length(self) -> int:
        """How many tokens have been chosen."""
        return int(self.worker.of("exploration")[-1]["length"])


@pytest.fixture
def explorer() -> ExplorerDriver:
    return ExplorerDriver()


def likely(probabilities: list[float]) -> bool:
    """Whether these are probabilities of all four tokens."""
    return len(probabilities) == 4 and sum(probabilities) == pytest.approx(1)


def test_the_explorer_starts_with_the_probabilities_of_the_first_token() -> None:
    answer = ExplorerDriver().do("start")
    assert (answer["prefix"], answer["length"], answer["stop"]) == ([], 0, "")
    assert answer["choice"] is None
    assert likely(answer["upcoming"]["model"])
    assert likely(answer["upcoming"]["adjusted"])


def test_every_step_posts_its_choice_and_its_probabilities(explorer: ExplorerDriver) -> None:
    for position in range(BLOCK_SIZE):
        answer = explorer.do("next")
        choice = answer["choice"]
        assert answer["length"] == position + 1
        assert choice["position"] == position
        assert 0 <= choice["token"] <= END
        assert likely(choice["model"])
        assert likely(choice["adjusted"])
        assert answer["upcoming"] is None
        if answer["stop"]:
            assert (answer["stop"] == "end") == (choice["token"] == END)
            break
    else:
        raise AssertionError("the document must end where the context is full")


def test_nothing_follows_the_end_of_a_document(explorer: ExplorerDriver) -> None:
    answer = explorer.write(A, END)
    assert (answer["length"], answer["stop"]) == (2, "end")
    assert explorer.do("next") == answer, "nothing follows"


def test_nothing_follows_a_full_context(explorer: ExplorerDriver) -> None:
    answer = explorer.write(*[A] * BLOCK_SIZE)
    assert (answer["length"], answer["stop"]) == (BLOCK_SIZE, "context")
    assert explorer.do("next") == answer
    assert explorer.do("choose", BLOCK_SIZE, B) == answer
    assert explorer.do("back")["stop"] == ""


def test_back_removes_the_last_choice(explorer: ExplorerDriver) -> None:
    first = explorer.write(B)
    second = explorer.write(A)
    explorer.write(END)
    assert explorer.do("back") == second
    assert explorer.do("back") == first
    begun = explorer.do("back")
    assert (begun["length"], begun["choice"], begun["stop"]) == (0, None, "")
    assert explorer.do("back") == begun, "there is nothing more to take back"


def test_the_same_document_always_has_the_same_probabilities(explorer: ExplorerDriver) -> None:
    straight = explorer.write(A, B, C)
    explorer.do("reset")
    explorer.write(A, C, C, A)
    explorer.do("choose", 1, B)
    assert explorer.write(C) == straight


def test_choosing_writes_a_token_whatever_its_probability() -> None:
    answer = ExplorerDriver(temperature=0.0).write(C)
    adjusted = answer["choice"]["adjusted"]
    assert answer["choice"]["token"] == C
    assert sorted(adjusted) == [0.0, 0.0, 0.0, 1.0]
    assert 0 < answer["choice"]["model"][C] < 1


def test_choosing_at_an_earlier_position_removes_what_followed(explorer: ExplorerDriver) -> None:
    explorer.write(A, B, C, A)
    answer = explorer.do("choose", 1, C)
    assert answer["length"] == 2
    assert answer["choice"]["position"] == 1
    assert answer["choice"]["token"] == C
    assert explorer.do("back")["choice"]["token"] == A


def test_choosing_removes_the_end_of_a_document(explorer: ExplorerDriver) -> None:
    explorer.write(A, END)
    answer = explorer.do("choose", 1, B)
    assert (answer["length"], answer["stop"]) == (2, "")


@pytest.mark.parametrize(
    ("position", "token"), [(3, A), (-1, A), (None, A), (0, 4), (0, -1), (0, None)]
)
def test_an_invalid_position_or_token_is_refused(
    explorer: ExplorerDriver, position: int | None, token: int | None
) -> None:
    before = explorer.write(A, B)
    the_error([explorer.do("choose", position, token)], "explore")
    explorer.do("next")
    assert explorer.do("back") == before


def test_an_unknown_action_is_refused(explorer: ExplorerDriver) -> None:
    the_error([explorer.do("fly")], "explore")


# ---- prefix and temperature ----------------------------------------------------------------------


def test_the_document_begins_with_the_prefix() -> None:
    explorer = ExplorerDriver(prefix="ab")
    answer = explorer.do("reset")
    assert (answer["prefix"], answer["length"]) == ([A, B], 0)
    assert explorer.do("back") == answer, "the prefix is not taken back"
    after = explorer.write(C)
    assert after["prefix"] == [A, B]
    assert after["choice"]["position"] == 2


def test_a_prefix_has_the_probabilities_of_the_same_tokens_chosen() -> None:
    given_as_prefix = ExplorerDriver(prefix="ab").write(C)["choice"]
    chosen = ExplorerDriver().write(A, B, C)["choice"]
    assert given_as_prefix == chosen


def test_a_prefix_counts_towards_the_context() -> None:
    answer = ExplorerDriver(prefix="abcab").write(C)
    assert (answer["length"], answer["stop"]) == (1, "context")


@pytest.mark.parametrize("prefix", ["ax", "abcabc", "a" * 100])
def test_an_invalid_prefix_is_refused_and_the_document_stays(
    explorer: ExplorerDriver, prefix: str
) -> None:
    before = explorer.write(A, B)
    explorer.sample(prefix=prefix)
    sentence = the_error([explorer.do("reset")], "explore")
    if "x" in prefix:
        assert "'x'" in sentence
    assert explorer.write(C)["length"] == 3
    assert explorer.do("back") == before


def test_a_new_temperature_applies_from_the_next_token_on(explorer: ExplorerDriver) -> None:
    warm = explorer.do("next")["choice"]
    assert max(warm["adjusted"]) < 1
    explorer.sample(temperature=0.0)
    explorer.do("choose", 0, A)
    cold = explorer.do("next")["choice"]
    assert max(cold["adjusted"]) == 1
    assert cold["token"] == max(range(4), key=cold["model"].__getitem__)
    explorer.sample(temperature=1.0)
    explorer.do("choose", 1, A)
    plain = explorer.do("next")["choice"]
    assert plain["adjusted"] == pytest.approx(plain["model"])


def test_top_k_keeps_the_likeliest_only() -> None:
    choice = ExplorerDriver(top_k=2).do("next")["choice"]
    kept = [token for token, probability in enumerate(choice["adjusted"]) if probability]
    by_chance = sorted(range(4), key=choice["model"].__getitem__, reverse=True)
    assert kept == sorted(by_chance[:2])
    assert choice["token"] in kept


# ---- the model of a run --------------------------------------------------------------------------


def test_the_explorer_follows_the_model_as_it_learns() -> None:
    worker = training(run_settings(num_steps=40), ONE_PIECE)
    (before,) = worker.tell("explore", action="start")
    worker.work(until=lambda: len(worker.losses()) >= 20)
    (later,) = worker.tell("explore", action="reset")
    assert later["upcoming"]["model"] != before["upcoming"]["model"]


def test_a_new_model_starts_the_explorer_anew(explorer: ExplorerDriver) -> None:
    explorer.write(A, B)
    explorer.worker.tell("load_model", blob=small_model())
    answer = explorer.do("back")
    assert (answer["length"], answer["choice"]) == (0, None)


# ---- the page's memory of the document -----------------------------------------------------------

ACTIONS = st.one_of(
    st.tuples(st.sampled_from(["next", "back", "reset", "start"]), st.none(), st.none()),
    st.tuples(st.just("choose"), st.integers(0, BLOCK_SIZE), st.integers(0, END)),
)


@given(actions=st.lists(ACTIONS, max_size=25), prefix=st.sampled_from(["", "a", "cb"]))
def test_the_page_remembers_the_whole_document(
    actions: list[tuple[str, int | None, int | None]], prefix: str
) -> None:
    """Only the newest choice is sent; the page must still know them all."""
    explorer = ExplorerDriver(prefix=prefix)
    remembered = Exploration()
    remembered.take(cast(ExplorationEvent, explorer.do("start")))
    expected: list[int] = []
    stopped = False
    for action, position, token in actions:
        answer = explorer.do(action, position, token)
        if answer["type"] == "error":
            continue
        remembered.take(cast(ExplorationEvent, answer))
        if action in ("start", "reset"):
            expected = []
        elif action == "back":
            expected = expected[:-1]
        elif action == "choose" and not (stopped and position == len(expected)):
            expected = [*expected[:position], token or 0]
        elif action == "next" and not stopped:
            expected = [*expected, answer["choice"]["token"]]
        stopped = bool(answer["stop"])
        assert [choice["token"] for choice in remembered.choices] == expected
        assert remembered.prefix == answer["prefix"]
        first = len(prefix)
        places = [choice["position"] for choice in remembered.choices]
        assert places == list(range(first, first + len(expected)))
        shown = remembered.shown()
        assert shown is not None
        assert likely(shown.model)
        assert likely(shown.adjusted)
        assert shown.chosen == (expected[-1] if expected else None)


# ---- large vocabularies --------------------------------------------------------------------------


def test_of_a_large_vocabulary_the_likeliest_tokens_are_posted_and_the_chosen_one() -> None:
    characters = tuple(chr(0x4E00 + i) for i in range(2 * MAX_TOLD_TOKENS))
    config = ModelConfig(len(characters) + 1, n_embd=4, n_head=2, n_layer=1, block_size=6)
    weights = init_weights(config, random.Random(7))
    worker = FakeWorker()
    worker.tell("load_model", blob=to_bytes(Checkpoint(config, characters, weights)))
    (begun,) = worker.tell("explore", action="start")
    told = begun["upcoming"]
    assert len(told["tokens"]) == len(told["model"]) == len(told["adjusted"]) == MAX_TOLD_TOKENS
    assert told["model"] == sorted(told["model"], reverse=True)
    unlikely = min(set(range(len(characters))) - set(told["tokens"]))
    (written,) = worker.tell("explore", action="choose", position=0, token=unlikely)
    choice = written["choice"]
    assert choice["tokens"] == [*told["tokens"], unlikely]
    assert 0 < choice["model"][-1] <= min(told["model"])
    (written,) = worker.tell("explore", action="choose", position=0, token=told["tokens"][5])
    assert written["choice"]["tokens"] == told["tokens"]
