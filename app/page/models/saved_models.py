"""Models that the user has saved under a name; they are kept in `static/store.mjs`."""

import json

from pyscript import window

from app.page.aliases import Action, JsProxy, TakeText
from app.page.errors import spawn
from app.page.models.model_file import model_file
from app.page.models.models_html import (
    NO_MODEL,
    NONE_SAVED,
    model_words,
    row_html,
    size_words,
)
from app.page.run import RunRecord
from app.page.views.dom import HtmlPlace, find, listen, on_press, write_text
from app.page.workplace import Workplace
from app.shared.experiment import OWN
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from app.page.data_source import DataSource

MAX_SAVED_BYTES = 200_000_000  # of all models together
MODEL_BUTTONS = [("open", "Open"), ("download", "Download"), ("delete", "Delete")]
SAVING_PROBLEMS = {
    "full": "The browser's storage is full, so the model is not saved: download it instead.",
    "forbidden": "This browser, or this private window, keeps nothing: download the model instead.",
    "newer": "A newer version of this page keeps the models here: reload the page to get it.",
    "bound": "The saved models would take more than 200 MB: delete one, or download this.",
}
GONE = "The model ‘{}’ is not there any more."


class SavedModels:
    """The model that there is now, and the list of those that are saved.

    Args:
        workplace: the page's controllers.
        say: called with a sentence on what was done, and with what undoes it or None.
        refuse: called with a sentence on what cannot be done.
        ask: as for `Opening`.
        open_model: called with a blob and a name.
        changed: called when others may be saved.
    """

    def __init__(
        self,
        workplace: Workplace,
        say: "Callable[[str, Callable[[], None] | None], None]",
        refuse: TakeText,
        ask: "Callable[[str, str, str, Callable[[], None]], None]",
        open_model: "Callable[[JsProxy, str], None]",
        changed: Action,
    ) -> None:
        self._work, self._changed = workplace, changed
        self._say, self._refuse, self._ask, self._open = say, refuse, ask, open_model
        self._sizes: dict[str, int] = {}  # in bytes, by name
        self._listed: dict[str, str] = {}  # what was said of each when it was saved
        self._suggested = ""  # the name that stands in the field if the user has typed none
        self._list = HtmlPlace(find("saved-models"))
        listen(find("save-model"), "submit", self._submit)
        listen(find("saved-models"), "click", self._press)
        on_press("download-model", lambda: spawn(self._download()))

    @property
    def bytes_used(self) -> int:
        """How large all of them are together."""
        return sum(self._sizes.values())

    def show_current(self) -> None:
        """Show what there is to save."""
        run = self._current()
        words = model_words(about_model(run)) if run is not None else ""
        write_text("model-facts", f"The model here: {words}." if run is not None else NO_MODEL)
        for name in ("model-title", "save-model-button", "download-model", "export-model"):
            find(name).disabled = run is None
        title = find("model-title")
        if run is not None and title.value in ("", self._suggested):
            self._suggested = title.value = suggested(run)

    async def current_file(self) -> JsProxy:
        """The file of the model that there is, as a blob; None if there is none."""
        run = self._current()
        return None if run is None else await model_file(run, self._source(run))

    def current_name(self) -> str:
        """A name for it."""
        run = self._current()
        return suggested(run) if run is not None else ""

    async def show_list(self) -> None:
        """List what is saved."""
        store = await window.microgpt.loadStore()
        found = await store.listModels()
        self._sizes, self._listed, rows = {}, {}, []
        for model in list(found) if found is not None else []:
            name, size = str(model.name), int(model.size)
            self._sizes[name], self._listed[name] = size, str(model.about)
            words = f"{described(str(model.about))}; {size_words(size)}, {model.when}"
            rows.append(row_html(name, name, words, MODEL_BUTTONS))
        empty = SAVING_PROBLEMS["forbidden"] if found is None else NONE_SAVED
        self._list.write("".join(rows) or f'<li class="empty">{empty}</li>')

    # ----------------------------------------------------------------------------------------------

    def _current(self) -> RunRecord | None:
        run = self._work.run.current
        return run if run is not None and run.checkpoint is not None else None

    def _source(self, run: RunRecord) -> "DataSource | None":
        return run.source or (self._work.own.source if run.data_name == OWN else None)

    def _submit(self, event: JsProxy) -> None:
        event.preventDefault()
        run, name = self._current(), str(find("model-title").value).strip()
        if run is not None and name:
            spawn(self._save(run, name, False))

    async def _save(self, run: RunRecord, name: str, replace: bool) -> None:
        about = json.dumps(about_model(run))
        content = await model_file(run, self._source(run))
        if self.bytes_used - self._sizes.get(name, 0) + content.size > MAX_SAVED_BYTES:
            self._refuse(SAVING_PROBLEMS["bound"])
            return
        problem = await self._put(name, about, content, replace)
        if problem == "taken":
            self._ask(
                f"There is a model called ‘{name}’ already.",
                "",
                "Replace it",
                lambda: spawn(self._save(run, name, True)),
            )
        elif problem:
            self._refuse(SAVING_PROBLEMS[problem])
        else:
            self._say(f"‘{name}’ is saved.", None)

    async def _put(self, name: str, about: str, content: JsProxy, replace: bool) -> str:
        store = await window.microgpt.loadStore()
        problem = str(await store.saveModel(name, about, content, replace))
        self._changed()
        return problem

    async def _download(self) -> None:
        content = await self.current_file()
        if content is not None:
            window.microgpt.download(f"{file_name(self.current_name())}.safetensors", content)

    def _press(self, event: JsProxy) -> None:
        button = event.target.closest("[data-action]")
        if button is not None:
            spawn(self._act(str(button.dataset.action), str(button.closest("li").dataset.key)))

    async def _act(self, action: str, name: str) -> None:
        store = await window.microgpt.loadStore()
        content = await store.loadModel(name)
        if content is None:
            self._refuse(GONE.format(name))
            self._changed()
        elif action == "open":
            self._open(content, name)
        elif action == "download":
            window.microgpt.download(f"{file_name(name)}.safetensors", content)
        else:
            about = self._listed.get(name, "{}")
            problem = str(await store.deleteModel(name))
            self._changed()
            if problem:
                self._refuse(SAVING_PROBLEMS[problem])
            else:
                self._say(f"‘{name}’ is deleted.", lambda: spawn(self._undo(name, about, content)))

    async def _undo(self, name: str, about: str, content: JsProxy) -> None:
        problem = await self._put(name, about, content, False)
        if problem:
            self._refuse(SAVING_PROBLEMS.get(problem, f"There is a model called ‘{name}’ already."))
        else:
            self._say(f"‘{name}’ is there again.", None)


def about_model(run: RunRecord) -> "dict[str, Any]":
    """What is said of the run's model in a list."""
    return {
        "num_params": run.num_params,
        "data": run.data_name,
        "step": run.checkpoint_step,
        "held_out": run.series.held_out_loss,
        "has_code": bool(run.code),
    }


def described(about: str) -> str:
    """The same in words, out of the browser's storage: "" where it is none of ours."""
    try:
        return model_words(json.loads(about))
    except (ValueError, KeyError, TypeError, AttributeError):
        return "a model"


def suggested(run: RunRecord) -> str:
    """A name for the run's model."""
    if run.only_model:
        return run.opened.strip("‘’").replace(".safetensors", "")
    name = run.data_name if run.data_name != OWN else "own text"
    return f"{name}, {run.checkpoint_step:,} steps"


def file_name(title: str) -> str:
    """A name for a file: letters, digits and hyphens."""
    kept = "".join([char if char.isalpha() or char.isdigit() else " " for char in title])
    return "-".join(kept.split()) or "model"
