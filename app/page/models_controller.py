"""Models: a dialog whose contents are fetched when it is first opened, and the opening of one.

The rest of it is in `app/page/models/`, which is no part of the page until then.
"""

from app.page.aliases import Action, JsProxy
from app.page.later_dialog import LaterDialog
from app.page.views.dom import find, listen
from app.page.workplace import Workplace
from app.shared.events import ErrorEvent, ExportedModelEvent, ModelReadEvent
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from app.page.models.main import ModelsDialog


class ModelsController:
    """The button, the file that was dropped, and the dialog as far as it is there.

    Args:
        workplace: what a model is opened into.
    """

    def __init__(self, workplace: Workplace) -> None:
        self._workplace = workplace
        self._contents: ModelsDialog | None = None
        self._waiting: list[tuple[JsProxy, str, str]] = []  # models to open once the part is there
        self._later = LaterDialog("models", self._make)
        listen(find("model-file"), "change", lambda event: self._take_file())

    def open_model(self, content: JsProxy, origin: str, name: str = "") -> None:
        """Open a model: check it, and show it as a run, with its settings, at the text.

        The user's own work is kept first, and can be shown again. Whatever is wrong with the
        model is said in one sentence. Code in it is run only once the user has allowed that.

        Args:
            content: a .safetensors file, a Uint8Array or a Blob.
            origin: `file`, `kept` (under a name, in this browser) or `link`.
            name: of the file or the kept model.
        """
        if self._contents is not None:
            self._contents.open_model(content, origin, name)
        else:
            self._waiting.append((content, origin, name))
            self._later.want()

    def on_model_read(self, message: ModelReadEvent) -> None:
        """The worker says what is in a model's file."""
        if self._contents is not None:
            self._contents.on_model_read(message)

    def on_exported_model(self, message: ExportedModelEvent) -> None:
        """The worker has exported the model."""
        if self._contents is not None:
            self._contents.on_exported_model(message)

    def on_error(self, message: ErrorEvent) -> None:
        """The worker could not export the model."""
        if self._contents is not None:
            self._contents.on_error(message)

    def lose_worker(self) -> None:
        """The worker is gone, perhaps because of a model that it was reading."""
        if self._contents is not None:
            self._contents.lose_worker()

    # ----------------------------------------------------------------------------------------------

    def _take_file(self) -> None:
        """A file was chosen or dropped."""
        field = find("model-file")
        if field.files.length:
            file = field.files[0]
            field.value = ""  # so that the same file can be chosen again
            self.open_model(file, "file", str(file.name))

    def _make(self) -> Action:
        """Make the contents, and do what has waited for them."""
        from app.page.models.main import ModelsDialog

        self._contents = contents = ModelsDialog(self._workplace, self._later.dialog)
        waiting, self._waiting = self._waiting, []
        for content, origin, name in waiting[-1:]:
            contents.open_model(content, origin, name)
        return contents.show
