"""What a single step learned from, as HTML: every token with its loss before and after.

Plain Python that MicroPython understands.
"""

from app.page.views.tiles import escape
from app.shared.events import StepDocument, StepDocumentsEvent

HIGHEST_LOSS = 6.0  # that a bar is drawn for


def step_documents_html(message: StepDocumentsEvent) -> str:
    """A heading, and for each document its tokens with two bars above each."""
    documents, of = message["documents"], message["of"]
    words = f"Step {message['step']:,} learned from "
    if of == 1:
        words += "this line"
    elif len(documents) < of:
        words += f"{of:,} lines, such as"
    else:
        words += f"these {of:,} lines"
    html = [f"<h3>{words}</h3>"]
    html += [_document(document) for document in documents]
    html.append(
        '<p class="step-key"><i class="before"></i> loss before the step '
        '<i class="after"></i> and after</p>'
    )
    return "".join(html)


def _document(document: StepDocument) -> str:
    before, after, first = document["before"], document["after"], document["counted_from"]
    tokens = []
    for place, token in enumerate(document["tokens"]):
        tokens.append(_token(token, before[place], after[place], place >= first))
    before, after = before[first:], after[first:]
    means = "what counts is further behind"
    if before:
        count = len(before)
        means = f"on average {sum(before) / count:.3f} → {sum(after) / count:.3f}"
    return (
        f'<ol class="step-line" aria-label="Losses of its tokens">{"".join(tokens)}</ol>'
        f'<p class="step-mean">{means}</p>'
    )


def _token(token: str, before: float, after: float, counts: bool) -> str:
    shown = escape(token) if token.strip() else ("␣" if token else "end")
    kind = ("" if token else " end") + ("" if counts else " uncounted")
    heights = f"--before: {_height(before)}; --after: {_height(after)}"
    name = shown if token.strip() else ("space" if token else "end")
    words = f"{name}: {before:.3f} before, {after:.3f} after"
    if not counts:
        words += ", does not count"
    return (
        f'<li class="step-token{kind}" data-style="{heights}">'
        f'<span class="hidden">{words}</span>'
        '<i class="before"></i><i class="after"></i>'
        f'<b aria-hidden="true">{shown}</b><span class="loss" aria-hidden="true">{after:.1f}</span>'
        "</li>"
    )


def _height(loss: float) -> str:
    return f"{min(1.0, loss / HIGHEST_LOSS):.3f}"
