"""What scored lines look like, and as a table for other programs.

Plain Python that MicroPython understands.
"""

from math import exp

from app.page.views.tiles import FULL_SURPRISE, escape, glyph, percent, quoted, spoken
from app.shared.scores import ScoredLine
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_EXP = 700.0  # beyond it there is no float
CSV_HEAD = "line,source,tokens,loss,perplexity,cut"


class LineScore:
    """A line that was scored.

    Args:
        line: what the worker says of it.
        html: the item of a list that shows it.
    """

    def __init__(self, line: ScoredLine, html: str) -> None:
        self.text, self.own, self.cut, self.html = line["text"], line["own"], line["cut"], html
        self.total, self.count = sum(line["losses"]), len(line["losses"])
        self.mean = self.total / self.count


def perplexity(mean: float) -> float:
    """exp of a mean loss: as uncertain as a choice among this number of tokens."""
    return exp(min(mean, MAX_EXP))


def line_html(
    vocabulary: "list[str]", line: ScoredLine, faces: "dict[int, tuple[str, str]]"
) -> str:
    """A line as an item of a list: its loss, its perplexity, its tokens inked by their surprise.

    faces: how tokens look and what they are called, as HTML; the function fills it.
    """
    marks = []
    losses = line["losses"]
    for place, token in enumerate(line["tokens"]):
        face = faces.get(token)
        if face is None:
            said = "the end" if token == len(vocabulary) else f"“{spoken(vocabulary, token)}”"
            face = faces[token] = (escape(glyph(vocabulary, token)), quoted(said))
        loss = losses[place]
        kind = "inked end" if token == len(vocabulary) else "inked"
        surprise = min(1.0, max(0.0, loss / FULL_SURPRISE))
        chance = percent(exp(-loss)) if loss < MAX_EXP else "0%"
        marks.append(
            f'<span class="{kind}" data-token="{token}" data-style="--surprise: {surprise:.2f}"'
            f' data-exact="{face[1]}: expected with {chance}, loss {loss:.3f}">{face[0]}</span>'
        )
    mean = sum(losses) / len(losses)
    content = "".join(marks)
    cut = ' <span class="score-cut">cut: the context is full</span>' if line["cut"] else ""
    return (
        f'<li><span class="score-loss">{mean:.2f}</span>'
        f'<span class="score-perplexity">{perplexity_words(mean)}</span>'
        f'<span class="score-text"><span class="hidden">{escape(line["text"])}</span>'
        f'<span aria-hidden="true">{content}</span>{cut}</span></li>'
    )


def perplexity_words(mean: float) -> str:
    """The perplexity with three digits or so."""
    value = perplexity(mean)
    return f"{value:.1f}" if value < 100 else f"{value:,.0f}" if value < 1e6 else "over 1M"


def mean_of(scores: "Sequence[LineScore]") -> float:
    """The mean loss of all tokens of these lines, as of the loss while training."""
    return sum([score.total for score in scores]) / sum([score.count for score in scores])


def mean_words(scores: "list[LineScore]") -> str:
    """The two means in words."""
    mine = [score for score in scores if not score.own]
    own = [score for score in scores if score.own]
    words = ""
    if mine:
        mean = mean_of(mine)
        lines = "Your line has" if len(mine) == 1 else f"Your {len(mine):,} lines have"
        words = (
            f"{lines} a mean loss of {mean:.2f}, perplexity {perplexity_words(mean)}: the model "
            f"was as unsure as if it chose among {perplexity_words(mean)} tokens each time."
        )
    if own:
        mean = mean_of(own)
        also = ": less than yours" if mine and mean < mean_of(mine) else ""
        also = ": more than yours" if mine and mean > mean_of(mine) else also
        words += (
            f" Held-out lines of the data have {mean:.2f}, perplexity {perplexity_words(mean)}"
            f"{also}."
        )
    return words.strip()


def strip_html(ordered: "list[LineScore]") -> str:
    """All lines as strokes on a scale of the mean loss: the user's above, the data's below."""
    if not ordered:
        return ""
    top = max(1.0, ordered[0].mean)
    rows = []
    for own, title in ((False, "yours"), (True, "the data's")):
        strokes = [
            f'<i data-style="--at: {score.mean / top:.4f}"></i>'
            for score in ordered
            if score.own == own
        ]
        if strokes:
            kind = "strip of-data" if own else "strip"
            content = "".join(strokes)
            rows.append(f'<span>{title}</span><div class="{kind}">{content}</div>')
    content = "".join(rows)
    return (
        f'<div class="strips" aria-hidden="true">{content}<span></span><p class="strip-scale">'
        f"<span>0 expected</span><span>mean loss</span><span>{top:.1f} surprising</span></p></div>"
    )


def csv_text(scores: "list[LineScore]") -> str:
    """A table with a row for each line, as CSV (RFC 4180)."""
    rows = [CSV_HEAD]
    for score in sorted(scores, key=lambda one: -one.mean):
        text = score.text.replace('"', '""')
        source = "data" if score.own else "own"
        cut = "yes" if score.cut else "no"
        rows.append(
            f'"{text}",{source},{score.count},{score.mean:.6f},{perplexity(score.mean):.4f},{cut}'
        )
    return "\r\n".join(rows) + "\r\n"
