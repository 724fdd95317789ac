"""The model that there is now, exported: as Python or for PyTorch, by `microgpt.export`."""

from pyscript import window
from pyscript.ffi import to_js

from app.page.aliases import TakeText
from app.page.errors import spawn
from app.page.models.models_html import size_words
from app.page.models.saved_models import SavedModels, file_name
from app.page.views.dom import find, on_press
from app.page.workplace import Workplace
from app.shared.commands import ExportModelCommand
from app.shared.events import ExportedModelEvent
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

EXPORTING = "Writing the program"
NOT_EXPORTED = "Python has stopped while it wrote the program: try once more."


class ModelExport:
    """The button beside the kinds of programs.

    Args:
        workplace: the page's controllers.
        saved: has the model.
        say, refuse: as for `SavedModels`.
    """

    def __init__(
        self,
        workplace: Workplace,
        saved: SavedModels,
        say: "Callable[[str, Callable[[], None] | None], None]",
        refuse: TakeText,
    ) -> None:
        self._work, self._saved = workplace, saved
        self._say, self._refuse = say, refuse
        self._number = 0  # of the newest command
        self._waits = False  # whether its answer is still to come
        on_press("export-model", lambda: spawn(self._export()))

    def on_exported_model(self, message: ExportedModelEvent) -> None:
        """The worker has written the program, or says why it cannot."""
        if message["number"] != self._number:
            return
        self._waits = False
        if message["problem"]:
            self._refuse(message["problem"])
            return
        content = window.Blob.new(to_js([message["blob"]]))
        window.microgpt.download(message["name"], content)
        self._say(f"‘{message['name']}’ is written, {size_words(content.size)}.", None)

    def fail(self, sentence: str) -> None:
        """It will not come; `sentence`: why."""
        if self._waits:
            self._waits = False
            self._refuse(sentence)

    async def _export(self) -> None:
        content = await self._saved.current_file()
        if content is None:
            return
        self._number += 1
        self._waits = True
        self._say(EXPORTING, None)
        command = ExportModelCommand(
            type="export_model",
            number=self._number,
            form=str(find("export-kind").value),
            name=file_name(self._saved.current_name()),
            blob=window.Uint8Array.new(await content.arrayBuffer()),
        )
        self._work.link.send(command, give=True)
