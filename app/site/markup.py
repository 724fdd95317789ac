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
from app.page.glossary import Glossary
from app.page.series import introduction
from app.page.views.matrices import breakdown_html
from app.page.views.save_html import save_buttons, save_html
from app.page.views.statistics_html import (
    cut_words,
    facts,
    facts_html,
    histogram_svg,
    line_of_figures,
    preview_html,
)
from app.page.vocabulary import ABOUT_CHARACTERS, Vocabulary
from app.shared.arrangement import LOCKED, PANELS
from app.shared.commands import DescribeCommand
from app.shared.experiment import Experiment, differences, slider_position
from app.shared.presets import DEFAULT_PRESET, PRESETS, Preset, find, groups
from app.shared.views import VIEWS
from app.site.environment import ROOT
from app.site.first_paint import first_paint
from app.site.offline import MANIFEST, papers
from app.site.policy import page_policy
from app.worker.corpus_loader import data_loaded
from app.worker.outlines import outline_event
from microgpt.corpus.loading import load_corpus
from microgpt.corpus.options import CorpusOptions
from microgpt.generators import drain
from microgpt.settings import DATA, MODEL, OPTIMIZATION, SETTINGS, TOKENIZER, Setting, setting

TEMPLATE = Path(__file__).with_name("index.html")
DIALOGS = Path(__file__).with_name("dialogs.html")
DATASET_FOLDER = ROOT / "datasets"
SHIPPED_LOSSES_FILE = DATASET_FOLDER / "models" / "us-names-losses.json"
FIRST_PREVIEW_LINES = 40  # as many as the worker will send
PICTURE_WORDS = (
    "What happens to the text above: its newest token goes in on the left, and what the model "
    "expects next comes out on the right. The more numbers flow, the thicker the line."
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
    sizes = {"vocab_size": vocab_size, **shape}
    paper_light, paper_dark = papers()
    model = outline_event(DescribeCommand(type="describe", number=0, code="", sizes=sizes))
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        release=release,
        **vendor,
        policy=page_policy(),
        panels=" ".join(name for name, _ in PANELS),
        locked=LOCKED,
        manifest=MANIFEST,
        paper_light=paper_light,
        paper_dark=paper_dark,
        config=escape(json.dumps(_micropython_config(vendor))),
        presets="\n".join(_group(number, title) for number, title in enumerate(groups())),
        title=escape(default.title),
        about=escape(default.description),
        glossary=_glossary(default, vocab_size),
        dialogs=DIALOGS.read_text(encoding="utf-8"),
        preview=preview_html(documents[:FIRST_PREVIEW_LINES]),
        **_statistics(default, shape["block_size"]),
        decoding_settings=_data_rows("format", "encoding"),
        cleaning_settings=_data_rows("cut", "case", "accents", "digits", "rare", "rare_below"),
        filtering_settings=_data_rows("rare_with", "duplicates"),
        token_settings=_rows(row.name for row in TOKENIZER),
        model_settings=_rows(row.name for row in MODEL),
        training_settings=_rows(("learning_rate", "num_steps")),
        optimizer_settings=_rows(("optimizer", "schedule")),
        optimization_settings=_rows(row.name for row in OPTIMIZATION if row.stops),
        mask=_row(setting("mask")),
        advanced_settings=_rows(("batch_size", "eval_fraction")),
        run_settings=_rows(("seed", "engine", "precision")),
        pace=_widget(setting("pace")),
        num_runs=_widget(setting("num_runs")),
        play_speed=_widget(setting("play_speed")),
        engine_name=engine_name("wasm", str(setting("precision").default)),
        temperature=_row(setting("temperature")),
        top_k=_row(setting("top_k")),
        top_p=_row(setting("top_p")),
        num_samples=_row(setting("num_samples")),
        picture_words=PICTURE_WORDS,
        save_chart=save_buttons("the chart", tables=True),
        save_bars=save_html("the bars"),
        save_flow=save_html("the picture", of="picture"),
        save_lengths=save_html("the histogram"),
        view_buttons="".join(_view_button(name, title) for name, title, _ in VIEWS),
        view_regions="\n".join(_view_region(*row) for row in VIEWS),
        breakdown=breakdown_html(model["matrices"]),
        vocab_size=vocab_size,
        vocab_words=Vocabulary(vocab_size - 1).summary(),
        about_characters=ABOUT_CHARACTERS,
        num_steps=setting("num_steps").page_default,
        num_steps_words=setting("num_steps").words(setting("num_steps").page_default),
        shipped_losses=SHIPPED_LOSSES_FILE.read_text(encoding="utf-8").strip(),
        introduction=escape(introduction(Vocabulary(vocab_size - 1))),
        num_params=f"{model['num_params']:,}",
        alphabet=escape("".join(alphabet)),
        **first_paint(model, shape["block_size"]),
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


def _glossary(preset: Preset, vocab_size: int) -> str:
    """What every term means, out of sight: read out with its control, and shown on demand."""
    experiment = Experiment()
    glossary = Glossary(experiment, Vocabulary(vocab_size - 1))
    glossary.set_documents(preset.n_docs, preset.noun)
    texts = {row.name: row.help for row in DATA} | glossary.texts()
    texts["compiled"] = engine_meaning("wasm", str(setting("precision").default))
    texts["recommended"] = differences(experiment, preset.recommended)
    return "\n".join(f'<p id="{term}-help">{escape(text)}</p>' for term, text in texts.items())


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


def _view_button(name: str, title: str) -> str:
    return (
        f'<button type="button" class="view-button" data-view="{name}" data-item="{name}" '
        f'data-lock="{name}" aria-expanded="false" aria-controls="view-{name}">{title}</button>'
    )


def _view_region(name: str, title: str, question: str) -> str:
    """The place of a view of the inside: closed, and empty until it is opened."""
    return (
        f'<section class="view" id="view-{name}" data-view="{name}" data-item="{name}" '
        f'data-picture="{name}" data-title="{title}" '
        f'role="region" aria-label="{title}" hidden>'
        f'<div class="view-head"><h3>{title}</h3>{save_html(title)}'
        f'<button type="button" class="link view-close unpictured" data-lock="{name}" '
        f'aria-label="Close {title}">Close</button>'
        f'</div><p class="view-words">{escape(question)}</p>'
        '<p class="notice view-notice" role="status" hidden><span></span> '
        '<button type="button" class="small view-retry" hidden>Try again</button></p>'
        '<div class="view-body"></div><p class="exact" aria-live="polite"></p></section>'
    )


def _rows(names: Iterable[str]) -> str:
    return "\n".join(_row(setting(name)) for name in names)


def _row(row: Setting) -> str:
    """A widget with its label and its value."""
    output = ""
    if row.span or row.stops:
        shown = row.words(row.page_default)
        output = f'<output class="value" for="{row.name}" id="{row.name}-value">{shown}</output>'
    error = f'<p class="setting-error" id="{row.name}-error" hidden></p>' if _is_typed(row) else ""
    named = f' data-item="{row.name}" data-lock="{row.name}"' if row in SETTINGS else ""
    return (
        f'<div class="setting" data-setting="{row.name}"{named}>'
        f'<label for="{row.name}" data-term="{row.name}">{row.label}</label>'
        f"{output}{_widget(row)}{error}</div>"
    )


def _is_typed(row: Setting) -> bool:
    """Whether its widget is a field to type into, which can hold something invalid."""
    return not (row.choices or row.stops or row.span)


def _widget(row: Setting) -> str:
    described = f"{row.name}-help" + (f" {row.name}-error" if _is_typed(row) else "")
    common = f'id="{row.name}" name="{row.name}" aria-describedby="{described}"'
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
            f'data-style="--part: {part:.1f}%">'
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
        first, last, step = row.span
        last = slider_position(row, row.beyond[-1]) if row.beyond else last
        return first, last, step, float(row.page_default)
    return row.stops[0], row.stops[-1], row.stops[1] - row.stops[0], float(row.page_default)
