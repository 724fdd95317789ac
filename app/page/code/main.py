"""The entry of the panel: the editor, what is known of its text, and edits to try."""

import json

from pyscript import window
from pyscript.ffi import create_proxy

from app.page.aliases import Action, JsProxy, TakeText, TakeToken
from app.page.code.panel_html import panel_html, state_words
from app.page.code_check import CodeCheck
from app.page.errors import guarded
from app.page.views.dom import find, listen, on_press, write_html, write_text
from app.shared.experiment import Experiment

TEXTS = "app/page/code/code.json"  # written by the build
LABEL = "Model code"


class CodePanel:
    """Shows and edits the code of the experiment.

    Args:
        experiment: holds the code.
        check: whether it fits.
        edited: called with a code that was typed, "" for the model of the repository.
        apply: called when it is to count at once.
        train: trains a model of it.
        mark_line: called with the line that the cursor has come to.
    """

    def __init__(
        self,
        experiment: Experiment,
        check: CodeCheck,
        edited: TakeText,
        apply: Action,
        train: Action,
        mark_line: TakeToken,
    ) -> None:
        self._experiment, self._check = experiment, check
        self._edited, self._apply, self._mark_line = edited, apply, mark_line
        with open(TEXTS) as file:  # noqa: PTH123 - MicroPython has no pathlib
            texts = json.load(file)
        self._source: str = texts["source"]
        self._shows_changes = False  # whether it is compared with that text
        self._edits = {each["name"]: each["code"] for each in texts["edits"]}
        write_html(find("code-body"), panel_html(texts["edits"], texts["held_out"]))
        self._editor = self._make_editor(texts, train)
        on_press("code-train", train)
        on_press("code-reset", lambda: self._replace(self._source))
        on_press("code-of-run", lambda: self._replace(check.run_code or self._source))
        on_press("code-changes", self._toggle_changes)
        on_press("code-line", self._go_to_problem)
        listen(find("code-gallery"), "click", self._press_edit)
        listen(find("code-editor"), "focusout", lambda event: apply())
        self._show_text()

    def show_check(self) -> None:
        """There is something new on whether the code fits."""
        check, edited = self._check, bool(self._experiment.code)
        write_text("code-state", state_words(check, edited))
        find("code-state").classList.toggle("wrong", bool(check.problem))
        button = find("code-line")
        button.hidden = not (check.problem and check.line)
        if button.hidden:
            self._editor.clearMark()
        else:
            button.textContent = f"Go to line {check.line}"
            self._editor.mark(check.line, check.problem)
        self._show_text()

    def show_code(self) -> None:
        """The code is another, which was not typed."""
        self._editor.setText(self._experiment.code or self._source)
        self._show_text()

    def show_line(self, line: int) -> None:
        """Highlight a line and scroll to it; 0: highlight none."""
        self._editor.highlight(line)
        if line:
            self._editor.show(line)

    def set_text(self, text: str) -> None:
        """Show another text, "" for the model of the repository; the editor can undo that."""
        self._editor.setText(text or self._source)

    def focus(self) -> None:
        """Put the cursor into the editor."""
        self._editor.focus()

    # ----------------------------------------------------------------------------------------------

    def _make_editor(self, texts: "dict[str, list[dict[str, str]]]", train: Action) -> JsProxy:
        names = []
        for owner, listed in (("ops", texts["operations"]), ("config", texts["config"])):
            for each in listed:
                each["kind"] = owner
                names.append(each)
        text = self._experiment.code or self._source
        options = {"text": text, "label": LABEL, "names": names}
        made = window.JSON.parse(json.dumps(options))
        made.changed = create_proxy(guarded(self._take_text))
        made.run = create_proxy(guarded(train))
        made.cursor = create_proxy(guarded(self._take_cursor))
        return window.microgpt.createEditor(find("code-editor"), made)

    def _take_cursor(self, line: int) -> None:
        self._editor.highlight(0)
        self._mark_line(line)

    def _take_text(self, text: str) -> None:
        # No code means the model of the repository, so a text that is empty gets a line.
        self._edited("" if text == self._source else text or "\n")

    def _replace(self, text: str) -> None:
        """Another text, as one step that can be undone; it counts at once."""
        self._editor.setText(text)
        self._apply()

    def _press_edit(self, event: JsProxy) -> None:
        pressed = event.target.closest("[data-edit]")
        if pressed is not None:
            self._replace(self._edits[pressed.dataset.edit])

    def _toggle_changes(self) -> None:
        """Compare with the text as it came, or no longer."""
        self._shows_changes = not self._shows_changes
        self._editor.setOriginal(self._source if self._shows_changes else None)
        pressed = "true" if self._shows_changes else "false"
        find("code-changes").setAttribute("aria-pressed", pressed)

    def _go_to_problem(self) -> None:
        self._editor.show(self._check.line)
        self._editor.focus()

    def _show_text(self) -> None:
        """Show which known text it is, and offer the others."""
        code = self._experiment.code
        find("code-reset").disabled = not code
        find("code-changes").disabled = not (code or self._shows_changes)
        find("code-of-run").hidden = self._check.run_code in (None, code)
        for name, source in self._edits.items():
            button = find("code-gallery").querySelector(f"[data-edit={name}]")
            button.setAttribute("aria-pressed", "true" if source == code else "false")
