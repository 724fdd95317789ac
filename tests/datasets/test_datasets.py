"""The files in `datasets/`, and their table in `app/shared/presets.py`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from copy import copy
from functools import cache

import pytest

from app.shared.experiment import check_slider
from app.shared.presets import DEFAULT_PRESET, PRESETS, RECOMMENDED_SETTINGS, Preset, find
from datasets.build import BUILT_NAMES
from datasets.building.sources import PACKAGE_SOURCES
from datasets.results import prepare_recommended_run, train_preset
from microgpt.config import TrainConfig
from microgpt.generators import drain
from microgpt.interpret.ablation import patches_of
from microgpt.interpret.embedding_map import embedding_map
from microgpt.interpret.heads import label, score_heads
from microgpt.interpret.parts import anatomy
from microgpt.run import Run, prepare_run
from microgpt.settings import check_heads, setting
from microgpt.tasks import TASK_CHECKERS
from tests.support.imports import ROOT

DATASETS = ROOT / "datasets"
WRITTEN_BY_HAND = {"baby-names", "dinosaurs", "emoji-stories", "fortunes", "movies"}
BEYOND_ASCII = {"emoji-stories", "icelandic-names", "japanese-names", "pokemon-japanese"}
LETTERS = re.compile("[a-z]+")

each_preset = pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)


@cache
def lines_of(name: str) -> list[str]:
    return (DATASETS / f"{name}.txt").read_text("utf-8").removesuffix("\n").split("\n")


@cache
def vocabulary_of(name: str) -> set[str]:
    return set().union(*lines_of(name))


# --- the files and their table ----------------------------------------------------------------


@each_preset
def test_files_contain_clean_unique_lines(preset: Preset) -> None:
    raw = (DATASETS / preset.file).read_bytes()
    assert raw.endswith(b"\n")
    assert b"\r" not in raw
    lines = lines_of(preset.name)
    assert all(lines)
    assert [line for line in lines if line != " ".join(line.split())] == []
    assert [line for line in lines if line != unicodedata.normalize("NFC", line)] == []
    assert len(set(lines)) == len(lines) == preset.n_docs


@each_preset
def test_vocabularies_are_small_and_of_single_code_points(preset: Preset) -> None:
    vocabulary = vocabulary_of(preset.name)
    print(preset.name, len(vocabulary), "".join(sorted(vocabulary)))
    assert all(character.isprintable() for character in vocabulary)
    assert [character for character in vocabulary if unicodedata.category(character) == "Mn"] == []
    assert len(vocabulary) < (200 if preset.name in BEYOND_ASCII else 100)
    assert all(map(str.isascii, vocabulary)) != (preset.name in BEYOND_ASCII)


@each_preset
def test_sources_list_the_figures(preset: Preset) -> None:
    row = f"| `{preset.file}` | {preset.n_docs:,} | {len(vocabulary_of(preset.name))} |"
    assert row in (DATASETS / "SOURCES.md").read_text("utf-8")


@each_preset
def test_sources_list_the_results_of_the_suggestion(preset: Preset) -> None:
    suggested = " · ".join(f"{value:g}" for value in preset.recommended.values())
    assert f"| {preset.name} | {suggested} | " in (DATASETS / "SOURCES.md").read_text("utf-8")


@each_preset
def test_presets_are_found_by_name(preset: Preset) -> None:
    assert preset.file == f"{preset.name}.txt"
    assert find(preset.name) is preset
    assert re.fullmatch("[a-z]+(-[a-z]+)*", preset.name)
    assert preset.title
    assert preset.description.endswith(".")
    assert re.fullmatch("[a-z]+[^sxy]", preset.noun), "an s makes it many"


def test_table_lists_every_file_once_and_the_default_first() -> None:
    files = {file.stem for file in DATASETS.glob("*.txt")}
    assert sorted(preset.name for preset in PRESETS) == sorted(files)
    assert len({preset.title for preset in PRESETS}) == len(PRESETS)
    assert PRESETS[0].name == DEFAULT_PRESET == "us-names"
    assert find("no-such-data") is None


def test_every_file_is_built_or_written_by_hand() -> None:
    assert {preset.name for preset in PRESETS} == set(BUILT_NAMES) | WRITTEN_BY_HAND
    assert not set(BUILT_NAMES) & WRITTEN_BY_HAND


def test_every_package_is_listed_in_sources() -> None:
    text = (DATASETS / "SOURCES.md").read_text("utf-8")
    for source in PACKAGE_SOURCES.values():
        assert f"`{source.package}` {source.version}" in text


# --- what each preset suggests ----------------------------------------------------------------


@each_preset
def test_suggested_values_are_stops_of_the_sliders(preset: Preset) -> None:
    assert tuple(preset.recommended) == RECOMMENDED_SETTINGS
    for name, value in preset.recommended.items():
        row = setting(name)
        assert row.check(value) == value
        check_slider(row, value)
    check_heads(int(preset.recommended["n_embd"]), int(preset.recommended["n_head"]))


@each_preset
def test_nearly_all_documents_fit_the_suggested_context(preset: Preset) -> None:
    room = preset.recommended["block_size"] - 1  # the end of the document is predicted as well
    cut = sum(len(line) > room for line in lines_of(preset.name))
    assert cut <= 0.1 * preset.n_docs


def test_the_suggested_settings_solve_a_task() -> None:
    preset = find("sums")
    assert preset is not None
    result = train_preset(preset)
    assert result.right is not None
    assert result.right > 0.8
    assert result.new > 0.2, "the sums are not only memorized"


@pytest.mark.parametrize(("n_layer", "lowest", "highest"), [(2, 0.94, 1.0), (1, 0.2, 0.4)])
def test_the_code_book_takes_two_layers(n_layer: int, lowest: float, highest: float) -> None:
    preset = find("code-book")
    assert preset is not None
    changed = copy(preset)
    changed.recommended = preset.recommended | {"n_layer": n_layer}
    run = prepare_recommended_run(changed, lines_of(preset.name))
    run.add_task_eval(preset.name)
    assert run.task_eval is not None
    for _ in run.train():
        pass
    accuracy = drain(run.task_eval.accuracy(run.engine))
    assert lowest <= accuracy <= highest
    heads = induction_heads(run)
    assert bool(heads) == (n_layer == 2)
    if heads:  # what the model knows of the code, it knows by them
        parts = anatomy(run.engine.config)
        without = run.engine.patched(patches_of(parts, heads))
        assert drain(run.task_eval.accuracy(without)) < accuracy - 0.2


def induction_heads(run: Run) -> list[str]:
    """The heads that are labelled so by their scores over held-out documents."""
    parts = anatomy(run.engine.config)

    def attention_of(tokens: Sequence[int]) -> list[list[list[list[float]]]]:
        activations = run.engine.activations(tokens)
        return [
            [activations.attention(name, position) for position in range(len(tokens))]
            for name in parts.attentions
        ]

    scores = drain(score_heads([tokens[:-1] for tokens in run.held_out.documents], attention_of))
    labels = {
        f"layer{layer}.head{head}": label(found)
        for layer, heads in enumerate(scores)
        for head, found in enumerate(heads)
    }
    return [name for name, found in labels.items() if found and found[0] == "induction"]


def test_after_a_default_run_vowels_lie_at_one_end_of_the_embeddings_map() -> None:
    run = prepare_run(lines_of("us-names"), TrainConfig())
    for _ in run.train():
        pass
    found = embedding_map(run.engine.weights()["wte"])
    tokens = "".join(run.tokenizer.characters) + "."
    order = "".join(sorted(tokens, key=lambda token: found.points[tokens.index(token)][0]))
    assert set("aeiou") in (set(order[:5]), set(order[-5:]))
    assert found.shares[0] == pytest.approx(1 / 3, abs=0.05), "a third of the variance"


# --- single data sets -------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["us-names", "baby-names", "dinosaurs", "words"])
def test_lower_case_lists_consist_of_letters(name: str) -> None:
    assert [line for line in lines_of(name) if not LETTERS.fullmatch(line)] == []


def test_there_are_at_least_a_thousand_movies() -> None:
    titles = [title.lower() for title in lines_of("movies")]
    assert len(set(titles)) == len(titles) >= 1000


def test_no_company_has_a_legal_form() -> None:
    legal = re.compile(r"Class [A-Z]\b|[()]| (Inc|Corp|plc)\b")
    assert [line for line in lines_of("companies") if legal.search(line)] == []


def test_the_tasks_are_data_sets() -> None:
    assert set(TASK_CHECKERS) <= {preset.name for preset in PRESETS}


def test_no_sum_is_in_both_orders() -> None:
    questions = [line.split("=")[0].split("+") for line in lines_of("sums")]
    assert len({frozenset(question) for question in questions}) == len(questions)


def test_no_two_answers_of_sorting_are_equal() -> None:
    answers = [line.split(">")[1] for line in lines_of("sorting")]
    assert len(set(answers)) == len(answers)


def test_every_emoji_is_a_single_code_point() -> None:
    assert not vocabulary_of("emoji-stories") & {"\ufe0f", "\u200d"}
    assert all(
        unicodedata.category(sign) in ("So", "Sk") for sign in vocabulary_of("emoji-stories")
    )
