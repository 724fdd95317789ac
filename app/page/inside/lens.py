"""Lens: after each stage of the model, what it would say if it stopped there."""

from app.page.aliases import JsProxy
from app.page.inside.callbacks import ViewCallbacks
from app.page.inside.kit import case_row_html, in_sentence
from app.page.inside.moment import Moment
from app.page.inside.part_names import part_name
from app.page.views.dom import set_text, write_html
from app.page.views.tiles import escape, glyph, percent, token_name
from app.shared.inside import LensResult, LensStage


class LensView:
    """The view.

    Args:
        body: the element to draw in.
        _page: the page.
    """

    def __init__(self, body: JsProxy, _page: ViewCallbacks) -> None:
        write_html(body, '<div class="lens-rows"></div><p class="view-said"></p>')
        self._rows, self._said = list(body.children)

    def request(self, _moment: Moment) -> "dict[str, object]":
        """Ask for all stages."""
        return {}

    def show(self, result: LensResult, moment: Moment) -> None:
        """Draw a row for each stage."""
        rows = [stage_html(stage, result["tokens"], moment) for stage in result["stages"]]
        write_html(self._rows, "".join(rows))
        words = lens_words(result, moment)
        set_text(self._said, words)

    def close(self) -> None:
        """There is nothing to stop."""


def stage_html(stage: LensStage, tokens: "list[int]", moment: Moment) -> str:
    """A stage: its name, what is likeliest there, and the case of type in small."""
    name = part_name(stage["name"])
    best = escape(glyph(moment.vocabulary, stage["likeliest"]))
    row = case_row_html(
        moment.vocabulary,
        [(token, stage["probs"][index]) for index, token in enumerate(tokens)],
        f"{name}: {said(stage, moment)}",
    )
    lights = f' data-part="{stage["name"]}"' if stage["name"].endswith(".mlp") else ""
    return (
        f'<div class="lens-row"{lights}><p class="lens-name">{name}</p>{row}'
        f'<p class="lens-best"><span class="tile small-tile" aria-hidden="true">{best}</span> '
        f"{percent(stage['probability'])}</p></div>"
    )


def said(stage: LensStage, moment: Moment) -> str:
    """The likeliest token of a stage in words."""
    name = token_name(moment.vocabulary, stage["likeliest"])
    return f"{in_sentence(name)} is likeliest with {percent(stage['probability'])}"


def lens_words(result: LensResult, moment: Moment) -> str:
    """From which stage on the model says what it says in the end."""
    stages = result["stages"]
    last = stages[-1]["likeliest"]
    first = len(stages) - 1
    while first and stages[first - 1]["likeliest"] == last:
        first -= 1
    name = in_sentence(token_name(moment.vocabulary, last))
    if first == 0:
        words = f"Already the embedding alone would say {name}."
    else:
        words = f"{part_name(stages[first]['name'])}: it brings {name} to the front."
    if len(result["tokens"]) <= len(moment.vocabulary):
        words += f" Shown are the {len(result['tokens'])} tokens that are likeliest in the end."
    return words
