"""Switch off: parts of the model taken out by a press, and what they were worth."""

from app.page.aliases import JsProxy
from app.page.inside.callbacks import ViewCallbacks
from app.page.inside.kit import attributes
from app.page.inside.moment import Moment
from app.page.part_words import button_words, layer_name, part_words
from app.page.switched_off import SwitchedOff
from app.page.views.dom import find, listen, set_text, write_html
from app.page.views.tiles import escape
from app.shared.inside import SwitchOffResult
from app.shared.typed import ViewData

NOTHING_OFF = "All parts are at work. Press one to see how the model does without it."
NOT_MEASURED = (
    "What a part is worth is measured on held-out lines of the chosen data, and these have "
    "characters that this model does not know, or are not there."
)
SWITCH_OFF_HTML = """
<p class="switch-words" role="status"></p>
<div class="switch-parts"></div>
<div class="switch-more unpictured">
  <form class="switch-neuron">
    <label>Neuron <input type="number" min="1" step="1" value="1" inputmode="numeric"></label>
    <label>of <select aria-label="MLP"></select></label>
    <button class="small">Switch off</button>
  </form>
  <fieldset class="switch-by">
    <legend>In its place</legend>
    <label><input type="radio" name="switch-by" value="zero" checked> nothing (zero)</label>
    <label><input type="radio" name="switch-by" value="mean"> what it says on average</label>
  </fieldset>
  <button type="button" class="link switch-restore" hidden>Restore all</button>
</div>
"""


class SwitchOffView:
    """The view.

    Args:
        body: the element to draw in.
        callbacks: the page.
    """

    def __init__(self, body: JsProxy, callbacks: ViewCallbacks) -> None:
        write_html(body, SWITCH_OFF_HTML)
        self._body = body
        self._switched_off = callbacks.switched_off
        self._words = body.querySelector(".switch-words")
        self._parts = body.querySelector(".switch-parts")
        self._form = body.querySelector(".switch-neuron")
        self._number = self._form.querySelector("input")
        self._mlp = self._form.querySelector("select")
        self._restore = body.querySelector(".switch-restore")
        self._result = SwitchOffResult(parts=[], neurons=[])
        self._drawn: object = None  # what the buttons show
        listen(body, "click", self._press)
        listen(self._form, "submit", self._submit)
        listen(body, "change", self._change)
        listen(find("regions"), "click", self._notice_neuron)

    def request(self, _moment: Moment) -> ViewData:
        """Ask what can be switched off."""
        self._switched_off.listen(self._show)
        return {}

    def show(self, result: SwitchOffResult, _moment: Moment) -> None:
        """Draw a button for each part."""
        if result["parts"] != self._result["parts"] or result["neurons"] != self._result["neurons"]:
            self._result = result
            options = [
                f'<option value="{name}">{escape(part_words(name))}</option>'
                for name, _ in result["neurons"]
            ]
            write_html(self._mlp, "".join(options))
            self._form.hidden = not options
            self._show_limit()
        self._show()

    def close(self) -> None:
        """Nobody looks any more; what is off stays off."""
        self._switched_off.listen(None)

    # ---- what the user does ----------------------------------------------------------------------

    def _press(self, event: JsProxy) -> None:
        button = event.target.closest("button[data-switch]")
        if button is not None:
            self._switched_off.switch(button.dataset.switch)
        elif event.target.closest(".switch-restore") is not None:
            self._switched_off.restore()

    def _submit(self, event: JsProxy) -> None:
        event.preventDefault()
        name = f"{self._mlp.value}.neuron{int(self._number.value) - 1}"
        if name not in self._switched_off.parts:
            self._switched_off.switch(name)

    def _change(self, event: JsProxy) -> None:
        if event.target.name == "switch-by":
            self._switched_off.change(self._switched_off.parts, event.target.value)
        elif event.target == self._mlp:
            self._show_limit()

    def _notice_neuron(self, event: JsProxy) -> None:
        """A neuron that is pressed in another view is the one to switch off here."""
        element = event.target.closest("[data-part]")
        part = "" if element is None else element.dataset.part
        mlp, _, neuron = part.partition(".neuron")
        if neuron.isdigit() and mlp in [name for name, _ in self._result["neurons"]]:
            self._mlp.value, self._number.value = mlp, str(int(neuron) + 1)
            self._show_limit()

    # ----------------------------------------------------------------------------------------------

    def _show_limit(self) -> None:
        """The field takes the numbers that the chosen MLP has neurons for."""
        for name, count in self._result["neurons"]:
            if name == self._mlp.value:
                self._number.max = str(count)

    def _show(self) -> None:
        """Show what is off, and what it costs."""
        state = self._switched_off
        words = state_words(state)
        set_text(self._words, words)
        self._restore.hidden = not state.parts
        self._body.querySelector(f'[name="switch-by"][value="{state.by}"]').checked = True
        worth = state.newest["worth"] if state.newest is not None else []
        drawn = (self._result["parts"], list(state.parts), worth)
        if drawn == self._drawn:
            return
        if self._drawn is None or not self._update(worth, drawn):
            write_html(self._parts, parts_html(self._result["parts"], state.parts, worth))
        self._drawn = drawn

    def _update(self, worth: "list[tuple[str, float]]", drawn: object) -> bool:
        """Change the buttons that are there, so that none loses the focus; whether that did it."""
        before = self._drawn
        if before[0] != drawn[0]:  # type: ignore[index]
            return False
        names = shown_parts(drawn[0], drawn[1])  # type: ignore[index]
        if names != shown_parts(before[0], before[1]):  # type: ignore[index]
            return False
        tops = shares(worth)
        buttons = self._parts.querySelectorAll("button[data-switch]")
        for place, name in enumerate(names):
            button = buttons.item(place)
            button.setAttribute("aria-pressed", "true" if name in drawn[1] else "false")  # type: ignore[index]
            if before[2] != worth:  # type: ignore[index]
                button.dataset.exact = exact_words(name, tops)
                button.style.setProperty("--share", str(share_of(name, tops)))
                button.lastElementChild.textContent = cost_words(name, tops)
        return True


def state_words(state: SwitchedOff) -> str:
    """The sentence above the buttons."""
    words = state.words()
    if words:
        return f"{state.problem} {words}".strip()
    if state.newest is not None and not state.newest["num_documents"]:
        return f"{NOTHING_OFF} {NOT_MEASURED}"
    if state.newest is not None and state.newest["whole"] is not None:
        whole = state.newest["whole"]
        said = f"{NOTHING_OFF} The held-out loss is {whole['loss']:.2f} with all of them"
        if whole["accuracy"] is not None:
            said += f", and {whole['accuracy']:.0%} are right"
        return f"{said}, over {state.newest['num_documents']:,} held-out lines."
    return NOTHING_OFF


def shown_parts(parts: "list[str]", off: "list[str]") -> "list[str]":
    """All parts with a button, in order: those of the model, and the neurons that are off."""
    names = []
    for layer in layers_of(parts):
        names += [name for name in parts if layer_name(name) == layer]
        names += [name for name in off if layer_name(name) == layer and name not in parts]
    return names


def layers_of(parts: "list[str]") -> "list[str]":
    """What the rows of buttons are called, in order; "" is what the model reads."""
    layers: list[str] = []
    for name in parts:
        if layer_name(name) not in layers:
            layers.append(layer_name(name))
    return layers


def shares(worth: "list[tuple[str, float]]") -> "dict[str, tuple[float, float]]":
    """What each part costs, and its share of the highest cost."""
    top = max([cost for _, cost in worth] + [1e-9])
    result = {}
    for name, cost in worth:
        result[name] = (cost, max(0.0, cost / top))
    return result


def share_of(name: str, tops: "dict[str, tuple[float, float]]") -> float:
    """The length of a button's bar."""
    return round(tops[name][1], 4) if name in tops else 0.0


def cost_words(name: str, tops: "dict[str, tuple[float, float]]") -> str:
    """What a part costs, on its button: +0.031."""
    if name not in tops:
        return ""
    cost = tops[name][0]
    return ("−" if cost < 0 else "+") + f"{abs(cost):.3f}"


def exact_words(name: str, tops: "dict[str, tuple[float, float]]") -> str:
    """What is said about a part that is pointed at."""
    words = part_words(name)
    words = words[0].upper() + words[1:]
    if name not in tops:
        return words
    cost = tops[name][0]
    return f"{words}: without it alone the held-out loss is {abs(cost):.3f} " + (
        "higher" if cost >= 0 else "lower"
    )


def name_html(name: str) -> str:
    """What a part's button says, within the name that it has for screen readers."""
    words, shown = part_words(name), button_words(name)
    before, _, after = words.partition(shown)
    if before == words:  # the whole of "layer 1"
        before, after = "", words[len("layer") :]
    return (
        f'<span class="hidden">Switch off {escape(before)}</span><span>{escape(shown)}</span>'
        f'<span class="hidden">{escape(after)}</span>'
    )


def parts_html(parts: "list[str]", off: "list[str]", worth: "list[tuple[str, float]]") -> str:
    """A row of buttons for what the model reads, and one for each layer."""
    tops, rows = shares(worth), []
    names = shown_parts(parts, off)
    for layer in layers_of(parts):
        buttons = []
        for name in names:
            if layer_name(name) != layer:
                continue
            pressed = "true" if name in off else "false"
            marks = attributes(exact_words(name, tops), {"part": name, "switch": name})
            kind = "switch whole" if layer and "." not in name else "switch"
            buttons.append(
                f'<button type="button" class="{kind}" aria-pressed="{pressed}"{marks}'
                f' data-style="--share: {share_of(name, tops)}">'
                f"{name_html(name)}"
                f'<span class="switch-cost" aria-hidden="true">{cost_words(name, tops)}</span>'
                "</button>"
            )
        title = (layer[0].upper() + layer[1:]) if layer else "What it reads"
        content = "".join(buttons)
        rows.append(
            f'<div class="switch-row" role="group" aria-label="{title}">'
            f'<span class="switch-layer" aria-hidden="true">{title}</span>'
            f'<div class="switches">{content}</div></div>'
        )
    return "".join(rows)
