"""Recommended settings: they suit the size of the data, and give a run that starts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microgpt.config import TrainConfig
from microgpt.corpus.loading import Corpus
from microgpt.corpus.recommendation import TIERS, recommend
from microgpt.corpus.statistics import CorpusStatistics, compute_statistics
from microgpt.generators import drain
from microgpt.run import prepare_run
from microgpt.settings import MODEL, SETTINGS, setting
from tests.support.corpus import choices, load_one

MANY_CHARACTERS = "".join(map(chr, range(0x4E00, 0x4E00 + 3000)))
# From single words to texts of thousands of characters in one line.
TEXTS = st.one_of(
    st.lists(st.text("abcdé😀 ", min_size=1, max_size=40), min_size=1, max_size=60).map("\n".join),
    st.builds(lambda text, times: text * times, st.text("abc .", min_size=1), st.integers(1, 300)),
    st.integers(1, len(MANY_CHARACTERS)).map(lambda count: MANY_CHARACTERS[:count]),
).filter(str.strip)


def statistics_of(*documents: str) -> CorpusStatistics:
    return drain(compute_statistics(documents, unique=False, windowed=False))


def sized(predictions: int, length: int = 9) -> CorpusStatistics:
    """Statistics of documents with at least this many predictions."""
    return statistics_of(*["x" * length] * (predictions // (length + 1) + 1))


def first_losses(corpus: Corpus, others: dict[str, Any]) -> list[float]:
    """The losses of the first step of a run with the recommended settings and these others."""
    values: dict[str, Any] = {row.name: row.page_default for row in SETTINGS}
    values |= others | corpus.recommendation
    run = prepare_run(
        corpus.documents,
        TrainConfig.of(values),
        tokenizer=values["tokenizer"],
        vocab_limit=values["vocab_limit"],
        windowed=corpus.options.windowed,
        **{row.name: values[row.name] for row in MODEL},
    )
    return [loss for progress in run.train(stop=1) for loss in progress.losses]


@pytest.mark.parametrize(
    ("predictions", "embedding", "layers"),
    [(10, 16, 1), (2_000, 16, 1), (20_000, 32, 1), (100_000, 32, 2), (1_000_000, 64, 2)],
)
def test_more_data_gets_a_larger_model(predictions: int, embedding: int, layers: int) -> None:
    recommended = recommend(sized(predictions))
    assert (recommended["n_embd"], recommended["n_layer"]) == (embedding, layers)


@pytest.mark.parametrize(
    ("length", "block_size"), [(1, 8), (7, 8), (8, 16), (15, 16), (16, 32), (60, 64), (900, 64)]
)
def test_most_documents_fit_the_recommended_context(length: int, block_size: int) -> None:
    documents = ["x" * length] * 95 + ["x" * 2000] * 5
    assert recommend(statistics_of(*documents))["block_size"] == block_size


@pytest.mark.parametrize("tokenizer", ["characters", "bpe"])
def test_a_longer_text_gets_a_longer_context(tokenizer: str) -> None:
    for times, context in ((100, 16), (2_000, 32), (20_000, 64)):
        for block_size in (8, 128):  # that the windows were made for
            corpus = load_one(
                "one long text " * times, cut="windows", block_size=block_size, tokenizer=tokenizer
            )
            assert corpus.recommendation["block_size"] == context


@pytest.mark.parametrize("tier", TIERS, ids=lambda tier: f"{tier.min_predictions}")
def test_the_page_can_show_every_recommendation(tier: Any) -> None:
    recommended: dict[str, Any] = {**recommend(sized(tier.min_predictions))}
    assert recommended["num_steps"] == tier.num_steps
    for name, value in recommended.items():
        row = setting(name)
        assert row.check(value) == value
        if row.span:
            first, last, step = row.span
            assert first <= value <= last
            assert (value - first) % step == 0
        else:
            assert value in row.stops


def test_nothing_is_held_out_of_a_single_document() -> None:
    assert recommend(statistics_of("anna bob"))["eval_fraction"] == 0
    assert "eval_fraction" not in recommend(statistics_of("anna", "bob"))


@pytest.mark.parametrize(
    ("characters", "recommended"),
    [(1, 256), (255, 256), (256, 512), (2047, 2048), (2048, None), (3000, None)],
)
def test_a_bpe_vocabulary_has_room_for_all_characters(
    characters: int, recommended: int | None
) -> None:
    values = recommend(statistics_of(MANY_CHARACTERS[:characters]))
    assert values.get("vocab_limit") == recommended
    assert values.get("tokenizer") == (None if recommended else "characters")


@settings(max_examples=40)
@given(
    text=TEXTS,
    cut=choices("cut"),
    tokenizer=st.sampled_from(["characters", "bpe"]),
    others=st.fixed_dictionaries(
        {
            "n_head": st.sampled_from(setting("n_head").stops),
            "eval_fraction": st.sampled_from(setting("eval_fraction").stops),
            "vocab_limit": st.sampled_from(setting("vocab_limit").stops),
        }
    ),
)
def test_recommended_settings_give_a_run_that_starts(
    text: str, cut: str, tokenizer: str, others: dict[str, Any]
) -> None:
    corpus = load_one(text, cut=cut, tokenizer=tokenizer)
    # The windows of one long text follow the context length.
    block_size = corpus.recommendation["block_size"]
    corpus = load_one(text, cut=cut, tokenizer=tokenizer, block_size=block_size)
    assert first_losses(corpus, {**others, "tokenizer": tokenizer})


@pytest.mark.parametrize("tokenizer", ["characters", "bpe"])
def test_recommended_settings_for_a_long_text_without_line_breaks(tokenizer: str) -> None:
    """Its advice is to cut it into pieces; a run starts with and without."""
    text = "the quick brown fox jumps over the lazy dog. " * 5_600
    corpus = load_one(text, tokenizer=tokenizer)
    (advice,) = corpus.advice
    assert advice.text.endswith("the model would see less than 1% of the text.")
    options: dict[str, Any] = {advice.option: advice.value}
    pieces = load_one(text, tokenizer=tokenizer, **options)
    assert pieces.advice == []
    for each in (corpus, pieces):
        assert first_losses(each, {"tokenizer": tokenizer})


@pytest.mark.parametrize(
    ("text", "advised"),
    [("anna\nbob", False), ("x" * 64, False), ("x" * 120, False), ("x" * 130, True)],
)
def test_advice_is_given_where_no_context_is_long_enough(text: str, advised: bool) -> None:
    assert bool(load_one(text).advice) == advised
    assert load_one(text, cut="windows").advice == []
