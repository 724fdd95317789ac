"""The BPE merges step by step: two tiles pressed into one, and what that makes of the text."""

import asyncio

from app.page.errors import spawn
from app.page.views.dom import find, listen, on_press, write_text
from app.page.views.tiles import escape, face, name
from app.page.vocabulary import ABOUT_CHARACTERS, Vocabulary

MAX_MERGE_ROWS = 8  # merges that are shown at a time
MAX_LINES, MAX_LINE_CHARS = 3, 48  # of the data, shown as tokens
PLAY_SECONDS = 0.3  # between two steps
MERGES_PER_SPEEDUP = 20  # playing takes one merge more a step after each this many


class MergesView:
    """The details below the settings of the model.

    Args:
        vocabulary: holds the merges.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._lines: list[str] = []
        self._step = 0  # how many merges are shown as applied
        self._follows = True  # whether that is all of them, however many come
        self._playing = 0  # the number of the current playback, 0 for none
        self._num_plays = 0  # how many there have been
        listen(find("merge-step"), "input", lambda event: self._go_to(int(event.target.value)))
        listen(find("merges"), "toggle", lambda event: self.show())
        on_press("merge-play", self._press_play)

    def set_lines(self, lines: list[str]) -> None:
        """Lines of the data, of which the first few are shown as tokens."""
        self._lines = [line[:MAX_LINE_CHARS] for line in lines[:MAX_LINES]]

    def show(self) -> None:
        """Draw everything anew."""
        vocabulary = self._vocabulary
        write_text("vocab-size", f"{vocabulary.vocab_size:,}")
        write_text("vocab-words", vocabulary.summary())
        write_text("merges-none", vocabulary.problem or ABOUT_CHARACTERS)
        find("model-settings").classList.toggle("with-bpe", vocabulary.bpe)
        find("merges-none").hidden = vocabulary.bpe and not vocabulary.problem
        find("merges-shown").hidden = not find("merges-none").hidden
        if self._follows or self._step > vocabulary.num_merges:
            self._step = vocabulary.num_merges
        if find("merges").open and vocabulary.bpe:
            self._draw()

    def _draw(self) -> None:
        count, step = self._vocabulary.num_merges, self._step
        slider = find("merge-step")
        slider.max = str(count)
        slider.value = str(step)
        slider.style.setProperty("--part", f"{100 * step / max(1, count):.1f}%")
        find("merge-step-value").textContent = f"{step:,} of {count:,}"
        rows = self._vocabulary.merges[max(0, step - MAX_MERGE_ROWS) : step]
        html = [_row_html(row, i == 0) for i, row in enumerate(reversed(rows))]
        find("merge-rows").innerHTML = "".join(html)
        lines = [self._vocabulary.tokenize(line, step) for line in self._lines]
        find("token-lines").innerHTML = "".join([_line_html(pieces) for pieces in lines])

    def _go_to(self, step: int) -> None:
        self._play(False)
        self._step = step
        self._follows = step == self._vocabulary.num_merges
        self._draw()

    def _press_play(self) -> None:
        if self._playing:
            self._play(False)
            return
        if self._step >= self._vocabulary.num_merges:
            self._step = 0
        self._follows = False
        self._play(True)
        spawn(self._play_on(self._playing))

    async def _play_on(self, number: int) -> None:
        while self._playing == number and self._step < self._vocabulary.num_merges:
            self._step = min(
                self._vocabulary.num_merges, self._step + 1 + self._step // MERGES_PER_SPEEDUP
            )
            self._draw()
            await asyncio.sleep(PLAY_SECONDS)
        if self._playing == number:
            self._follows = True
            self._play(False)

    def _play(self, playing: bool) -> None:
        if playing:
            self._num_plays += 1
        self._playing = self._num_plays if playing else 0
        find("merge-play").textContent = "Stop" if playing else "Play"


def _line_html(pieces: list[str]) -> str:
    """A line of text as its tokens."""
    tiles = [
        f'<span class="{"tile" if len(piece) == 1 else "tile made"}">{escape(face(piece))}</span>'
        for piece in pieces
    ]
    return f'<p class="token-line">{"".join(tiles)}</p>'


def _row_html(row: tuple[str, str, int, int], newest: bool) -> str:
    """A merge as a row of the table: two tiles, the one that they become, two figures."""
    left, right, count, num_tokens = row
    pressed = "tile made pressed" if newest else "tile made"
    return (
        f'<tr><th scope="row"><span class="merge" aria-hidden="true">'
        f'<span class="tile">{escape(face(left))}</span>'
        f'<span class="tile">{escape(face(right))}</span>'
        f'<span class="{pressed}">{escape(face(left + right))}</span></span>'
        f'<span class="hidden">{escape(name(left))} and {escape(name(right))}</span></th>'
        f"<td>{count:,}</td><td>{num_tokens:,}</td></tr>"
    )
