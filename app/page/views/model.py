"""The model's picture, whose boxes are buttons, its number of parameters, and its matrices."""

from app.page.aliases import JsProxy, TakeNumber
from app.page.views.architecture import flow_html
from app.page.views.dom import OncePerFrame, find, listen, set_text, write_text
from app.page.views.flow.ends import bars_html, looked_up_texts, slots_html
from app.page.views.matrices import breakdown_html
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from app.shared.models import NodeOutline

KEY_MOVES = {"ArrowRight": 1, "ArrowDown": 1, "ArrowLeft": -1, "ArrowUp": -1}


class ModelView:
    """Shows a model and what it makes of the text; it remembers both.

    The boxes are one tab stop, which the arrow keys go through.

    Args:
        press: called with the line of the model code that a pressed box comes from.
    """

    def __init__(self, press: TakeNumber) -> None:
        self._press = press
        self._matrices: list[tuple[str, int, int, int]] = []
        # What is drawn; nothing while the picture is the one that the page came with.
        self._nodes: list[NodeOutline] = []
        self._shapes: list[tuple[str, int, int, int]] = []
        self._opened = False  # whether equal layers are all drawn
        self._marked = 0  # the line of the marked boxes
        self._block_size = 0
        self._read: list[str] = []
        self._probs: list[tuple[str, float]] = []
        self._pointed = ""  # the number of the box that is pointed at
        self._focused: JsProxy = None  # the box that has the focus
        self._ends = OncePerFrame(self._draw_ends)
        self._picture = find("picture")
        listen(self._picture, "click", self._click)
        listen(self._picture, "keydown", self._key)
        listen(self._picture, "pointerover", lambda event: self._point(event.target))
        listen(self._picture, "pointerleave", lambda event: self._point(self._focused))
        listen(self._picture, "focusin", lambda event: self._focus(event.target))
        listen(self._picture, "focusout", lambda event: self._focus(None))

    def show_matrices(self, matrices: list[tuple[str, int, int, int]]) -> None:
        """Show how many weights there are, and in which matrices.

        Args:
            matrices: name, rows, columns and the first operation that uses it (-1: none).
        """
        if matrices != self._matrices:
            self._matrices = matrices
            count = sum([rows * columns for _, rows, columns, _ in matrices])
            for name in ("num-params", "model-chip-words"):
                write_text(name, f"{count:,}")
            find("breakdown").innerHTML = breakdown_html(matrices)

    def show_model(
        self, nodes: "list[NodeOutline]", matrices: list[tuple[str, int, int, int]]
    ) -> None:
        """Draw a model."""
        self._nodes, self._shapes = nodes, matrices
        self._draw()

    def show_context(self, block_size: int) -> None:
        """The model reads no more tokens than this at a time."""
        if block_size != self._block_size:
            first, self._block_size = not self._block_size, block_size
            if not first:  # the picture that the page came with is that of the defaults
                self._ends.request()

    def show_problem(self, problem: str) -> None:
        """Say that the picture is out of date, and why; "" if it is not."""
        write_text("picture-problem-words", problem)
        find("picture-problem").hidden = not problem
        self._picture.classList.toggle("outdated", bool(problem))

    def show_waiting(self, waiting: bool) -> None:
        """Whether the picture is still that of another model."""
        self._picture.classList.toggle("waiting", waiting)

    def show_moment(self, read: list[str], probs: list[tuple[str, float]]) -> None:
        """Show what the model reads and what it expects next; as of `slots_html`, `bars_html`."""
        self._read, self._probs = read, probs
        self._ends.request()

    def mark_line(self, line: int) -> None:
        """Mark the boxes that come from this line of the model code; 0 marks none."""
        if line != self._marked:
            for box in self._all("[aria-current]"):
                box.removeAttribute("aria-current")
            self._marked = line
            for box in self._all(f'[data-line="{line}"]'):
                box.setAttribute("aria-current", "true")

    # ---- what the user does ----------------------------------------------------------------------

    def _click(self, event: JsProxy) -> None:
        box = event.target.closest(".box")
        if box is not None:
            self._press_box(box)
        elif event.target.closest("#fold-layers") is not None:
            self._open_layers(False)

    def _key(self, event: JsProxy) -> None:
        box = event.target.closest(".box")
        if box is None or event.ctrlKey or event.altKey or event.metaKey:
            return
        if event.key in ("Enter", " "):
            event.preventDefault()  # it would scroll the page
            self._press_box(box)
        elif event.key in KEY_MOVES or event.key in ("Home", "End"):
            event.preventDefault()
            boxes = self._all(".box")
            numbers = [int(other.dataset.step) for other in boxes]
            place = {"Home": 0, "End": -1}.get(event.key)
            if place is None:
                place = (numbers.index(int(box.dataset.step)) + KEY_MOVES[event.key]) % len(boxes)
            self._give_focus(boxes[place])

    def _press_box(self, box: JsProxy) -> None:
        line = box.getAttribute("data-line")
        if line:
            self._press(int(line))
        else:
            self._open_layers(True)

    def _open_layers(self, opened: bool) -> None:
        """Draw equal layers each, or all but the first in one box."""
        self._opened = opened
        self._draw()
        # What was pressed is gone: go on with what stands in its place.
        box = self._picture.querySelector(".box.folded, #fold-layers")
        if box is not None:
            self._give_focus(box)

    def _give_focus(self, box: JsProxy) -> None:
        for other in self._all('.box[tabindex="0"]'):
            other.setAttribute("tabindex", "-1")
        if box.matches(".box"):
            box.setAttribute("tabindex", "0")
        box.focus()

    def _focus(self, target: JsProxy) -> None:
        self._focused = target.closest(".box") if target is not None else None
        self._point(target)

    def _point(self, target: JsProxy) -> None:
        """Light up a box that is pointed at and what it is connected with, and say what it is."""
        box = target.closest(".box") if target is not None else None
        number = box.dataset.step if box is not None else ""
        if number == self._pointed:
            return
        self._pointed = number
        for element in self._all(".linked"):
            element.classList.remove("linked")
        words = box.querySelector("title").textContent if box is not None else ""
        set_text(find("picture-exact"), words)
        if box is None:
            return
        ends = {number}
        for line in self._all(f'.line:is([data-from="{number}"], [data-to="{number}"])'):
            line.classList.add("linked")
            ends.update((line.dataset["from"], line.dataset.to))
        weight = box.getAttribute("data-weight")
        for other in self._all(".box"):
            shared = weight and other.getAttribute("data-weight") == weight
            if other.dataset.step in ends or shared:
                other.classList.add("linked")

    # ---- drawing ---------------------------------------------------------------------------------

    def _draw(self) -> None:
        focused = self._focused.dataset.step if self._focused is not None else ""
        moment = self._block_size, self._read, self._probs
        html = flow_html(self._nodes, self._shapes, moment, self._opened, self._marked)
        self._focused = None
        self._picture.innerHTML = html
        self._pointed = ""
        set_text(find("picture-exact"), "")
        box = self._picture.querySelector(f'.box[data-step="{focused}"]') if focused else None
        if box is not None:
            self._give_focus(box)

    def _draw_ends(self) -> None:
        find("flow-read").innerHTML = slots_html(self._block_size, self._read)
        find("flow-next").innerHTML = bars_html(self._probs)
        looked_up = looked_up_texts(self._read)
        for element in self._all("[data-index]"):
            set_text(element, looked_up[element.dataset.index])

    def _all(self, selector: str) -> list[JsProxy]:
        """The elements of the picture that match, in order."""
        found = self._picture.querySelectorAll(selector)
        return [found.item(i) for i in range(found.length)]
