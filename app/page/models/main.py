"""The entry of the dialog of models: what is shown in it, and what is asked."""

from app.page.aliases import Action, JsProxy
from app.page.errors import spawn
from app.page.models.everything import FILE_ENDING, Everything
from app.page.models.exporting import NOT_EXPORTED, ModelExport
from app.page.models.models_html import contents_html
from app.page.models.opening import Opening
from app.page.models.saved_models import SavedModels
from app.page.views.dialog import Dialog
from app.page.views.dom import find, notice, on_press, write_html, write_text
from app.page.workplace import Workplace
from app.shared.events import ErrorEvent, ExportedModelEvent, ModelReadEvent


class ModelsDialog:
    """The contents of the dialog, once they are fetched.

    Args:
        workplace: what a model is opened into.
        dialog: the dialog.
    """

    def __init__(self, workplace: Workplace, dialog: Dialog) -> None:
        self._dialog = dialog
        self._agree: Action | None = None  # what the question's button does
        self._undo: Action | None = None
        write_html(find("models-body"), contents_html())
        self._opening = Opening(workplace, self._show_reading, self._refuse, self._ask, self._close)
        self._saved = SavedModels(
            workplace,
            self._say,
            self._refuse,
            self._ask,
            lambda content, name: self.open_model(content, "kept", name),
            lambda: spawn(self._refresh()),
        )
        self._export = ModelExport(workplace, self._saved, self._say, self._refuse)
        self._everything = Everything(
            workplace, self._say, self._refuse, self._ask, lambda: spawn(self._refresh())
        )
        for button in ("open-model", "import-all"):
            on_press(button, lambda: find("model-file").click())
        on_press("models-agree", self._press_agree)
        on_press("models-cancel", self._cancel)
        on_press("models-undo", self._press_undo)

    def show(self) -> None:
        """Show what there is now."""
        self._clear()
        spawn(self._refresh())

    def open_model(self, content: JsProxy, origin: str, name: str) -> None:
        """Open a model; arguments as of `ModelsController`."""
        self._clear()
        if origin == "file" and name.lower().endswith(FILE_ENDING):
            self._dialog.open()
            spawn(self._everything.import_all(content))
            return
        self._opening.open(content, "this link" if origin == "link" else f"‘{name}’")

    def on_model_read(self, message: ModelReadEvent) -> None:
        """The worker says what is in a model's file."""
        self._say("", None)
        self._opening.on_model_read(message)

    def on_exported_model(self, message: ExportedModelEvent) -> None:
        """The worker has exported the model."""
        self._export.on_exported_model(message)

    def on_error(self, message: ErrorEvent) -> None:
        """The worker could not export the model."""
        self._export.fail(message["message"])

    def lose_worker(self) -> None:
        """The worker is gone."""
        self._opening.lose_worker()
        self._export.fail(NOT_EXPORTED)

    # ----------------------------------------------------------------------------------------------

    async def _refresh(self) -> None:
        self._saved.show_current()
        await self._saved.show_list()
        await self._everything.show(self._saved.bytes_used)

    def _clear(self) -> None:
        """What was said and asked is past."""
        notice("models-problem", "")
        self._say("", None)
        find("models-question").hidden = True
        self._agree = None

    def _close(self) -> None:
        self._clear()
        if self._dialog.is_open:
            self._dialog.close()

    def _show_reading(self, title: str) -> None:
        self._dialog.open()
        self._say(f"Reading {title}", None)

    def _say(self, words: str, undo: Action | None) -> None:
        find("models-said").firstElementChild.textContent = words
        find("models-said").hidden = not words
        find("models-undo").hidden = undo is None
        self._undo = undo

    def _refuse(self, sentence: str) -> None:
        self._dialog.open()
        self._clear()
        notice("models-problem", sentence)

    def _ask(self, words: str, code: str, button: str, agree: Action) -> None:
        self._dialog.open()
        self._clear()
        self._agree = agree
        write_text("models-asked", words)
        find("models-code").textContent = code
        find("models-code").hidden = not code
        write_text("models-agree", button)
        find("models-question").hidden = False
        find("models-cancel").focus()  # what is asked is not agreed to by mistake

    def _press_agree(self) -> None:
        agree = self._agree
        self._clear()
        if agree is not None:
            agree()

    def _cancel(self) -> None:
        self._opening.cancel()
        self._clear()

    def _press_undo(self) -> None:
        undo = self._undo
        self._clear()
        if undo is not None:
            undo()
