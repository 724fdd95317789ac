"""The glossary: every term is explained, with the numbers of the page."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.page.glossary import SMOOTHED, Glossary
from app.page.vocabulary import Vocabulary
from app.shared.experiment import Experiment
from app.shared.smoothing import NEWEST_LOSS_WEIGHT
from microgpt.settings import SETTINGS
from tests.support.page_events import merges

# The terms of the page that are no settings; `app.page.engines` explains the engine's name.
TERMS = {
    "mlp",
    "parameters",
    "vocabulary",
    "bpe",
    "band",
    "live_training",
    "loss",
    "smoothed",
    "held_out",
    "guessing",
}
TERMS |= {"accuracy", "train_accuracy", "baselines", "probability", "model_code"}
TERMS |= {"band", "live_training"}


def glossary(fragment: str = "", num_chars: int = 26, num_docs: int = 29910) -> Glossary:
    """The glossary of these settings, for names of this many different characters."""
    experiment = Experiment()
    assert experiment.read_address(fragment) == []
    made = Glossary(experiment, vocabulary(experiment, num_chars))
    made.set_documents(num_docs, "name")
    return made


def vocabulary(experiment: Experiment, num_chars: int) -> Vocabulary:
    made = Vocabulary(num_chars)
    values = experiment.values
    made.configure(values["tokenizer"] == "bpe", int(values["vocab_limit"]), (42, 0.1))
    return made


def test_every_term_is_explained_in_whole_sentences() -> None:
    texts = glossary().texts()
    assert texts.keys() == {row.name for row in SETTINGS} | TERMS
    for term, text in texts.items():
        assert re.fullmatch(r"[A-Z0-9].*[^. ]\.", text), term
        assert "  " not in text, term
        assert len(text) < 300, f"{term}: one or two sentences"


@pytest.mark.parametrize("row", SETTINGS, ids=lambda row: row.name)
def test_a_setting_is_explained_as_in_the_table(row: object) -> None:
    name, text = row.name, row.help  # type: ignore[attr-defined]
    assert glossary().texts()[name].startswith(text)


@pytest.mark.parametrize(
    ("term", "fragment", "words"),
    [
        ("n_embd", "", "Here each of the 27 tokens becomes 16 numbers."),
        ("n_embd", "n_embd=64", "becomes 64 numbers."),
        ("n_head", "", "each of the 4 heads works with 4 of 16 numbers."),
        ("n_head", "n_head=1", "the one head works with all 16 numbers."),
        ("n_layer", "", "Here there is 1 block, whose MLP widens 16 numbers to 64."),
        (
            "n_layer",
            "n_layer=3&n_embd=8",
            "Here there are 3 blocks, whose MLPs widen 8 numbers to 32",
        ),
        ("block_size", "block_size=32", "from at most 32 tokens."),
        ("learning_rate", "num_steps=500", "starts at 0.01 and reaches zero after 500 steps."),
        ("learning_rate", "schedule=cosine", "rises to 0.01 and reaches zero after 1,000 steps."),
        ("learning_rate", "schedule=constant", "Here it is 0.01 in all 1,000 steps."),
        ("num_steps", "batch_size=8", "1,000 steps learn from 8,000 names in all"),
        ("num_steps", "", "26,919 to train on."),
        ("batch_size", "batch_size=4", "each step learns from 4 names, and there are 26,919 to"),
        ("seed", "seed=7", "Here it is 7."),
        ("eval_fraction", "", "Here that is 2,991 of 29,910 names."),
        ("eval_fraction", "eval_fraction=0", "Here that is 0 of 29,910 names."),
        ("temperature", "", "at 0.5, a token twice as likely is sampled 4 times as often."),
        ("temperature", "temperature=2", "is sampled 1.4 times as often."),
        ("temperature", "temperature=0.05", "is sampled 1,048,576 times as often."),
        ("temperature", "temperature=0", "Here it is 0."),
        ("top_k", "", "Here all 27 can be sampled."),
        ("top_k", "top_k=5", "Here 5 of 27 can be sampled."),
        ("top_k", "top_k=30", "Here all 27 can be sampled."),
        ("top_p", "", "Here it is off."),
        ("top_p", "top_p=0.9", "Here they have 90% together."),
        ("tokenizer", "", "Here there are 27 tokens: 26 characters and the end."),
        ("vocab_limit", "", "Here it has no effect"),
        ("mlp", "n_embd=32", "widens 32 numbers to 128"),
        ("parameters", "", "Here there are 4,192."),
        ("vocabulary", "", "Here there are 27 tokens"),
        ("bpe", "", "each character is a token of its own."),
        ("loss", "", "guessing costs 3.30"),
        ("held_out", "", "Here that is 2,991 names."),
        ("guessing", "", "1 in 27. Its loss is the logarithm of that number, 3.30."),
    ],
)
def test_an_explanation_has_the_numbers_of_the_page(term: str, fragment: str, words: str) -> None:
    assert words in glossary(fragment).texts()[term]


def test_sampling_is_explained_by_the_model_that_writes() -> None:
    made = glossary()
    made.writing_size = 13
    assert "Here all 13 can be sampled." in made.texts()["top_k"]
    assert "all 13 together" in made.texts()["probability"]
    assert "each of the 27 tokens" in made.texts()["n_embd"]


def test_while_merges_are_learned_numbers_are_upper_limits() -> None:
    texts = glossary("tokenizer=bpe&vocab_limit=64").texts()
    assert "each of at most 64 tokens" in texts["n_embd"]
    assert "64 tokens at most, 0 pairs found." in texts["vocab_limit"]


def test_learned_merges_are_counted() -> None:
    experiment = Experiment()
    experiment.read_address("tokenizer=bpe")
    tokens = vocabulary(experiment, 3)
    tokens.add_merges(merges(0, [("a", "n", 9, 40)], 5))
    made = Glossary(experiment, tokens)
    made.set_documents(10, "line")
    assert made.texts()["bpe"].endswith("Here it has joined 1 pair.")
    assert (
        "Here there are 5 tokens: 3 characters, 1 pair and the end." in made.texts()["vocabulary"]
    )


def test_without_data_settings_are_explained_without_numbers() -> None:
    texts = glossary(num_chars=0, num_docs=0).texts()
    for row in SETTINGS:
        assert texts[row.name] == row.help
    assert "Here there are 2" not in texts["vocabulary"]


@given(
    values=st.fixed_dictionaries(
        {row.name: st.sampled_from(row.stops or [row.default]) for row in SETTINGS}
    ),
    num_docs=st.integers(0, 100),
)
def test_any_settings_can_be_explained(values: dict[str, object], num_docs: int) -> None:
    experiment = Experiment()
    for name, value in values.items():
        experiment.set(name, str(value))
    made = Glossary(experiment, vocabulary(experiment, 26))
    made.set_documents(num_docs, "line")
    assert all(made.texts().values())


def test_smoothing_is_described_as_it_is_done() -> None:
    assert "a tenth" in SMOOTHED
    assert NEWEST_LOSS_WEIGHT == 0.1
