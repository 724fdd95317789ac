"""Score a text: lines inked by how surprising each character was, beside the data's own lines."""

from pyscript import window

from app.page.aliases import JsProxy
from app.page.inside.callbacks import ViewCallbacks
from app.page.inside.moment import Moment
from app.page.inside.score_html import (
    LineScore,
    csv_text,
    line_html,
    mean_words,
    strip_html,
)
from app.page.views.dom import OncePerFrame, listen, set_text, write_html
from app.page.views.tiles import name as spoken_name
from app.shared.commands import ScoreCommand
from app.shared.events import ScoresEvent

NUM_OWN = 100  # held-out lines of the data that are scored beside
NUM_TAKEN = 20  # of them, that a press takes as the user's own
MAX_OWN_LINES = 1000
MAX_SHOWN_UNKNOWN = 8
FILE_NAME = "scores.csv"
SCORE_HTML = """
<label class="score-label unpictured" for="score-lines">Your lines</label>
<textarea id="score-lines" class="unpictured" rows="4" spellcheck="false"
 autocomplete="off" autocapitalize="off"
 placeholder="Type or paste lines, one text a line"></textarea>
<div class="score-tools unpictured">
  <button type="button" class="small" data-score="take">Take some of the data's own lines</button>
  <button type="button" class="link" data-score="download" disabled>Download CSV</button>
</div>
<p class="score-words" role="status"></p>
<div class="score-strip"></div>
<div class="score-columns"></div>
"""
NONE_YET = "None yet."
NO_DATA_LINES = "The chosen data are not there, or have characters that this model does not know."


class ScoreView:
    """The view.

    Args:
        body: the element to draw in.
        callbacks: the page.
    """

    def __init__(self, body: JsProxy, callbacks: ViewCallbacks) -> None:
        write_html(body, SCORE_HTML)
        write_html(
            body.querySelector(".score-columns"),
            column_html("Your lines", NONE_YET)
            + column_html("Held-out lines of the data", NO_DATA_LINES),
        )
        self._callbacks = callbacks
        self._box = body.querySelector("textarea")
        self._words = body.querySelector(".score-words")
        self._strip = body.querySelector(".score-strip")
        self._lists = list(body.querySelectorAll("ol"))
        self._empty = list(body.querySelectorAll(".score-empty"))
        self._take_button = body.querySelector("[data-score=take]")
        self._download_button = body.querySelector("[data-score=download]")
        self._number = 0  # of the newest command
        self._model = 0  # the number of the model that was asked last, 0 while the view is closed
        self._vocabulary: list[str] = []
        self._scores: list[LineScore] = []
        self._own: list[str] = []  # the data's lines, in their order
        self._faces: dict[int, tuple[str, str]] = {}  # of tokens, for `line_html`
        self._ask_soon = OncePerFrame(self._ask)
        listen(body, "input", lambda _event: self._ask_soon.request())
        listen(body, "click", self._press)

    def request(self, moment: Moment) -> None:
        """The view's own command asks; it follows the model, not the moment."""
        self._vocabulary = moment.vocabulary
        if self._model != moment.model["number"]:
            self._model, self._faces = moment.model["number"], {}
            self._ask()

    def show(self, _result: object, _moment: Moment) -> None:
        """What is shown does not depend on the moment."""

    def close(self) -> None:
        """Have nothing scored any more; the lines stay."""
        if self._model:
            self._send([], 0)
        self._model = 0

    def take(self, message: ScoresEvent) -> None:
        """Take over lines that were scored; when all are there, show them."""
        if message["number"] != self._number:
            return
        if message["first"]:
            self._scores, self._own = [], []
        for line in message["lines"]:
            html = line_html(self._vocabulary, line, self._faces)
            self._scores.append(LineScore(line, html))
            if line["own"]:
                self._own.append(line["text"])
        if message["done"] == message["of"]:
            self._show(message)
        else:
            self._words.textContent = f"Scored {message['done']:,} of {message['of']:,} lines."

    # ---- what the user does ----------------------------------------------------------------------

    def _press(self, event: JsProxy) -> None:
        button = event.target.closest("[data-score]")
        if button is None:
            return
        if button.dataset.score == "download":
            window.microgpt.download(FILE_NAME, csv_text(self._scores))
        else:
            self._box.value = "\n".join(self._own[:NUM_TAKEN])
            self._ask()

    # ----------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        lines = [line.strip() for line in str(self._box.value).split("\n")]
        self._send([line for line in lines if line][:MAX_OWN_LINES], NUM_OWN)

    def _send(self, lines: "list[str]", num_own: int) -> None:
        if not self._model:
            return
        self._number += 1
        self._callbacks.send(
            ScoreCommand(
                type="score", number=self._number, model=self._model, lines=lines, num_own=num_own
            )
        )

    def _show(self, message: ScoresEvent) -> None:
        ordered = sorted(self._scores, key=lambda score: -score.mean)
        for own in (False, True):
            items = [score.html for score in ordered if score.own == own]
            write_html(self._lists[own], "".join(items))
            self._lists[own].hidden = not items
            self._empty[own].hidden = bool(items)
        self._download_button.disabled = not ordered
        self._take_button.disabled = not self._own
        write_html(self._strip, strip_html(ordered))
        words = mean_words(self._scores) + left_out_words(message)
        set_text(self._words, words)


def column_html(title: str, empty: str) -> str:
    """A list of lines with its title, and what is said while it is empty."""
    return (
        f'<div><h4>{title}</h4><p class="score-head" aria-hidden="true"><span>loss</span>'
        '<span>perplexity</span></p><ol class="scored" tabindex="0" data-walk'
        f' aria-label="{title}, most surprising first"></ol>'
        f'<p class="score-empty">{empty}</p></div>'
    )


def left_out_words(message: ScoresEvent) -> str:
    """Why some lines are missing, "" where none is."""
    count = message["left_out"]
    if not count:
        return ""
    shown = [f"“{spoken_name(one)}”" for one in message["unknown"][:MAX_SHOWN_UNKNOWN]]
    more = len(message["unknown"]) - len(shown)
    characters = ", ".join(shown) + (f" and {more} more" if more > 0 else "")
    lines = "1 line is" if count == 1 else f"{count:,} lines are"
    return f" {lines} left out: the model does not know {characters}."
