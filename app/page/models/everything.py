"""All that the browser keeps of the page: earlier work, one file with everything, its end."""

import json

from pyscript import window

from app.page.aliases import JsProxy, TakeText
from app.page.errors import spawn
from app.page.models.models_html import row_html, session_words, size_words
from app.page.views.dom import HtmlPlace, find, listen, on_press, write_text
from app.page.workplace import Workplace
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

FILE_ENDING = ".microgpt"
SESSION_BUTTONS = [("show", "Show"), ("forget", "Forget")]
IMPORT_PROBLEMS = {
    "damaged": "The file is no export of this page, or it is damaged: nothing was imported.",
    "unreadable": "The file could not be read: choose it once more.",
    "newer-file": "The file was exported by a newer version of this page: import it there.",
    "full": "The browser's storage is full: nothing was imported. Free some space.",
    "forbidden": "This browser, or this private window, keeps nothing for the page.",
    "newer": "A newer version of this page keeps your work here: reload the page to get it.",
}
FORGETS = (
    "Forget every model, run, text and code that this browser keeps for the page, and what is here "
    "now? That cannot be undone."
)


class Everything:
    """Earlier work, and the three buttons below it.

    Args:
        workplace: the page's controllers.
        say, refuse, ask: as for `SavedModels`.
        changed: called when other models may be saved.
    """

    def __init__(
        self,
        workplace: Workplace,
        say: "Callable[[str, Callable[[], None] | None], None]",
        refuse: TakeText,
        ask: "Callable[[str, str, str, Callable[[], None]], None]",
        changed: "Callable[[], None]",
    ) -> None:
        self._work, self._changed = workplace, changed
        self._say, self._refuse, self._ask = say, refuse, ask
        self._fragments: dict[str, str] = {}  # of the listed sessions, by id
        self._list = HtmlPlace(find("earlier-work"))
        listen(find("earlier-work"), "click", self._press)
        on_press("export-all", lambda: spawn(self._export()))
        on_press("forget-all", self._ask_to_forget)

    async def show(self, bytes_of_models: int) -> None:
        """List earlier work, and say how much is kept."""
        store = await window.microgpt.loadStore()
        found = await store.listSessions()
        rows, self._fragments = [], {}
        for session in list(found) if found is not None else []:
            key, fragment = str(session.id), str(session.fragment)
            self._fragments[key] = fragment
            try:
                run = json.loads(session.about) if session.about is not None else None
                words = session_words(fragment, run)
            except (ValueError, KeyError, TypeError, AttributeError):
                words = "Earlier work"
            rows.append(row_html(key, words, str(session.when), SESSION_BUTTONS))
        self._list.write("".join(rows))
        find("earlier").hidden = not rows
        write_text("storage-used", await storage_words(bytes_of_models))

    async def import_all(self, file: JsProxy) -> None:
        """Add what is in a file to what is kept."""
        exchange = await window.microgpt.loadExchange()
        done = await exchange.importAll(file)
        problem = str(done.problem)
        if problem:
            self._refuse(IMPORT_PROBLEMS.get(problem, IMPORT_PROBLEMS["forbidden"]))
            return
        self._changed()
        await self._work.run.past.recall()
        self._say(imported_words(int(done.models), int(done.runs)), None)

    # ----------------------------------------------------------------------------------------------

    async def _export(self) -> None:
        await self._work.keeper.keep_now()
        exchange = await window.microgpt.loadExchange()
        content = await exchange.exportAll()
        if content is None:
            self._refuse(IMPORT_PROBLEMS["forbidden"])
            return
        day = str(window.Date.new().toISOString())[:10]
        window.microgpt.download(f"everything-{day}{FILE_ENDING}", content)
        self._say(f"Everything is in the file, {size_words(content.size)}.", None)

    def _press(self, event: JsProxy) -> None:
        button = event.target.closest("[data-action]")
        if button is None:
            return
        key = str(button.closest("li").dataset.key)
        if button.dataset.action == "show":
            spawn(self._show_session(key))
        else:
            spawn(self._forget_session(key))

    async def _show_session(self, key: str) -> None:
        await self._work.keeper.keep_now()
        self._work.keeper.show_session(key, self._fragments[key])

    async def _forget_session(self, key: str) -> None:
        store = await window.microgpt.loadStore()
        await store.forgetSession(key)
        self._changed()

    def _ask_to_forget(self) -> None:
        self._ask(FORGETS, "", "Forget everything", lambda: spawn(self._forget()))

    async def _forget(self) -> None:
        store = await window.microgpt.loadStore()
        problem = str(await store.forgetAll())
        if problem:
            self._refuse(IMPORT_PROBLEMS[problem])
            return
        window.microgpt.writeAddress("", False)
        window.location.reload()


async def storage_words(bytes_of_models: int) -> str:
    """How much of the browser's storage is used, as far as it says."""
    words = f"Saved models take {size_words(bytes_of_models)} of 200 MB."
    estimate = await (await window.microgpt.loadExchange()).storageUsed()
    if estimate is None:
        return words
    used, quota = size_words(1e6 * estimate.used), size_words(1e6 * estimate.quota)
    return f"{words} The page takes {used} of the {quota} that this browser grants."


def imported_words(models: int, runs: int) -> str:
    """What was imported, as a sentence."""
    if not models and not runs:
        return "All that is in the file was here already."
    return (
        f"Imported {models:,} model{'' if models == 1 else 's'} and {runs:,} "
        f"run{'' if runs == 1 else 's'}, beside what was here."
    )
