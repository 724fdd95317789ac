"""The entry of the dialog of models."""

from app.page.aliases import Action, JsProxy
from app.page.models.models_html import models_html
from app.page.models.opening import Opening
from app.page.models_controller import Workplace
from app.page.views.dialog import Dialog
from app.page.views.dom import find, notice, on_press, write_html, write_text
from app.shared.events import ModelReadEvent


class ModelsDialog:
    """The contents of the dialog, once they are fetched.

    Args:
        workplace: what a model is opened into.
        dialog: the dialog.
    """

    def __init__(self, workplace: Workplace, dialog: Dialog) -> None:
        self._dialog = dialog
        self._agree: Action | None = None  # what the question's button does
        write_html(find("models-body"), models_html())
        self._opening = Opening(
            workplace, self._show_reading, self._refuse, self._ask, dialog.close
        )
        on_press("open-model", lambda: find("model-file").click())
        on_press("models-agree", self._press_agree)
        on_press("models-cancel", self._cancel)

    def show(self) -> None:
        """Show what there is now."""
        notice("models-problem", "")
        find("models-question").hidden = True

    def open_model(self, content: JsProxy, origin: str, name: str) -> None:
        """Open a model; arguments as of `ModelsController`."""
        self.show()
        self._opening.open(content, "this link" if origin == "link" else f"‘{name}’")

    def on_model_read(self, message: ModelReadEvent) -> None:
        """The worker says what is in a model's file."""
        notice("models-reading", "")
        self._opening.on_model_read(message)

    def lose_worker(self) -> None:
        """The worker is gone."""
        notice("models-reading", "")
        self._opening.lose_worker()

    # ----------------------------------------------------------------------------------------------

    def _show_reading(self, title: str) -> None:
        self._dialog.open()
        notice("models-reading", f"Reading {title}")

    def _refuse(self, sentence: str) -> None:
        self._dialog.open()
        notice("models-problem", sentence)

    def _ask(self, words: str, code: str, button: str, agree: Action) -> None:
        self._dialog.open()
        self._agree = agree
        write_text("models-asked", words)
        find("models-code").textContent = code
        find("models-code").hidden = not code
        write_text("models-agree", button)
        find("models-question").hidden = False
        find("models-agree").focus()

    def _press_agree(self) -> None:
        agree, self._agree = self._agree, None
        find("models-question").hidden = True
        if agree is not None:
            agree()

    def _cancel(self) -> None:
        self._opening.cancel()
        find("models-question").hidden = True
