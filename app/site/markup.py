"""The page's HTML, made at build time: the template filled with widgets, data sets and a picture.

Widgets come from the one table of settings, so that the first paint is complete and nothing moves
when Python arrives. Knows nothing of what the widgets do.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from html import escape
from pathlib import Path
from string import Template

from app.page.engines import engine_meaning, engine_name
from app.page.series import introduction
from app.page.views.architecture import breakdown_html, flow_html
from app.page.views.statistics_html import (
    cut_words,
    facts,
    facts_html,
    histogram_svg,
    line_of_figures,
)
from app.page.views.tiles import case_html
from app.page.vocabulary import ABOUT_CHARACTERS, Vocabulary
from app.shared.experiment import Experiment, differences
from app.shared.presets import DEFAULT_PRESET, PRESETS, Preset, find, groups
from app.site.environment import ROOT
from app.worker.corpus_loader import data_loaded
from microgpt.config import ModelConfig
from microgpt.corpus.loading import load_corpus
from microgpt.corpus.options import CorpusOptions
from microgpt.generators import drain
from microgpt.settings import DATA, MODEL, TOKENIZER, Setting, setting

TEMPLATE = Path(__file__).with_name("index.html")
DATASET_FOLDER = ROOT / "datasets"
FIRST_PREVIEW_LINES = 40  # as many as the worker will send
PICTURE_WORDS = (
    "What happens to the text above at this moment: its tokens go in on the left, and what the "
    "model expects next comes out on the right. Widths follow the sliders."
)


def index_html(release: str, vendor: dict[str, str]) -> str:
    """The whole page.

    Args:
        release: the relative folder of this build's own files.
        vendor: the relative folders of "pyodide", "pyscript", "micropython", "uplot", "fonts".
    """
    default = find(DEFAULT_PRESET)
    assert default is not None
    documents = (DATASET_FOLDER / default.file).read_text(encoding="utf-8").splitlines()
    alphabet = sorted(set().union(*documents))
    vocab_size = len(alphabet) + 1
    shape = {row.name: int(row.page_default) for row in MODEL}
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        release=release,
        **vendor,
        config=escape(json.dumps(_micropython_config(vendor))),
        presets="\n".join(_group(number, title) for number, title in enumerate(groups())),
        title=escape(default.title),
        about=escape(default.description),
        recommendation=differences(Experiment(), default.recommended),
        preview=escape("\n".join(documents[:FIRST_PREVIEW_LINES])),
        **_statistics(default, shape["block_size"]),
        decoding_settings=_data_rows("format", "encoding"),
        cleaning_settings=_data_rows("cut", "case", "accents", "digits", "rare", "rare_below"),
        filtering_settings=_data_rows("rare_with", "duplicates"),
        token_settings=_rows(row.name for row in TOKENIZER),
        model_settings=_rows(row.name for row in MODEL),
        training_settings=_rows(("learning_rate", "num_steps")),
        advanced_settings=_rows(("batch_size", "eval_fraction")),
        run_settings=_rows(("seed", "engine", "precision")),
        pace=_widget(setting("pace")),
        pace_help=setting("pace").help,
        engine_name=engine_name("wasm", str(setting("precision").default)),
        engine_meaning=engine_meaning("wasm", str(setting("precision").default)),
        temperature=_row(setting("temperature")),
        top_k=_row(setting("top_k")),
        top_p=_row(setting("top_p")),
        prefix=_row(setting("prefix")),
        num_samples=_row(setting("num_samples")),
        picture=flow_html(shape, [], []),
        picture_words=PICTURE_WORDS,
        breakdown=breakdown_html(vocab_size, shape),
        vocab_size=vocab_size,
        vocab_words=Vocabulary(vocab_size - 1).summary(),
        about_characters=ABOUT_CHARACTERS,
        num_steps=setting("num_steps").page_default,
        introduction=escape(introduction(Vocabulary(vocab_size - 1))),
        num_params=f"{ModelConfig(vocab_size, **shape).num_params:,}",
        alphabet=escape("".join(alphabet)),
        case=case_html(alphabet),
    )


def _statistics(preset: Preset, block_size: int) -> dict[str, str]:
    """A data set's statistics, as the page will show them when the worker has computed them."""
    content = (DATASET_FOLDER / preset.file).read_bytes()
    corpus = drain(load_corpus([(preset.file, content)], CorpusOptions(block_size=block_size)))
    statistics = data_loaded(0, preset.name, corpus)["statistics"]
    eval_fraction = float(setting("eval_fraction").page_default)
    return {
        "statistics": line_of_figures(statistics, preset.noun),
        "histogram": histogram_svg(statistics, block_size),
        "cut_words": cut_words(statistics, block_size, preset.noun),
        "facts": facts_html(facts(statistics, preset.noun, eval_fraction)),
    }


def _data_rows(*names: str) -> str:
    return "\n".join(_row(row) for name in names for row in DATA if row.name == name)


def _micropython_config(vendor: dict[str, str]) -> dict[str, object]:
    return {
        "interpreter": f"{vendor['micropython']}/micropython.mjs",
        "js_modules": {"main": {f"{vendor['uplot']}/uPlot.esm.js": "uplot"}},
    }


def _group(number: int, title: str) -> str:
    """The data sets under one heading."""
    presets = "".join(_preset(preset) for preset in PRESETS if preset.group == title)
    heading = f'<h3 class="choice-group" id="group-{number}">{escape(title)}</h3>'
    return f'<div role="group" aria-labelledby="group-{number}">{heading}{presets}</div>'


def _preset(preset: Preset) -> str:
    checked = " checked" if preset.name == DEFAULT_PRESET else ""
    return (
        f'<label class="choice"><input type="radio" name="data" value="{preset.name}"{checked}>'
        f'<span class="choice-title">{escape(preset.title)}</span>'
        f'<span class="choice-count">{preset.n_docs:,}</span></label>'
    )


def _rows(names: Iterable[str]) -> str:
    return "\n".join(_row(setting(name)) for name in names)


def _row(row: Setting) -> str:
    """A widget with its label, its value and its explanation."""
    output = ""
    if row.span or row.stops:
        shown = row.words(row.page_default)
        output = f'<output class="value" for="{row.name}" id="{row.name}-value">{shown}</output>'
    return (
        f'<div class="setting" data-setting="{row.name}">'
        f'<label for="{row.name}" data-term="{row.name}">{row.label}</label>{output}{_widget(row)}'
        f'<p class="help" id="{row.name}-help">{row.help}</p></div>'
    )


def _widget(row: Setting) -> str:
    common = f'id="{row.name}" name="{row.name}" aria-describedby="{row.name}-help"'
    if row.choices:
        options = "".join(
            f'<option value="{value}"{" selected" if value == row.page_default else ""}>'
            f"{words}</option>"
            for value, words in row.choices
        )
        return f"<select {common}>{options}</select>"
    if row.stops or row.span:
        first, last, step, value = _scale(row)
        part = 100 * (value - first) / (last - first)
        return (
            f'<input type="range" {common} min="{first}" max="{last}" step="{step}" '
            f'value="{value:g}" aria-valuetext="{row.words(row.page_default)}" '
            f'style="--part: {part:.1f}%">'
        )
    if isinstance(row.default, str):
        return (
            f'<input type="text" {common} value="" autocomplete="off" autocapitalize="off" '
            'spellcheck="false">'
        )
    return (
        f'<input type="number" {common} min="{row.low}" max="{row.high}" step="1" '
        f'value="{row.page_default}" inputmode="numeric">'
    )


def _scale(row: Setting) -> tuple[float, float, float, float]:
    """First, last, step and value of a slider, in the units of its widget."""
    if row.even_stops:
        return 0, len(row.stops) - 1, 1, row.stops.index(row.page_default)
    if row.span:
        return (*row.span, float(row.page_default))
    return row.stops[0], row.stops[-1], row.stops[1] - row.stops[0], float(row.page_default)
