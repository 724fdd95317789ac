"""The data, on the page: those that are picked, those in force, and the way from one to the other.

What is picked or brought is shown and handed to the worker at once; in force is what the worker has
read. The module knows nothing of what is trained on the data.
"""

import asyncio
import json

from pyscript import window

from app.page.data_source import ReadSettings, Source, pasted, preset_source
from app.page.link import Link
from app.page.types import Act, JsProxy, Message
from app.page.views.corpus_options import ReadView
from app.page.views.data import DataPanel
from app.page.views.statistics import StatisticsView
from app.page.vocabulary import Tokens
from app.shared import commands, events
from app.shared.experiment import OWN, Experiment
from app.shared.presets import DEFAULT_PRESET

PATIENCE = 300.0  # milliseconds without an answer before it is shown how far the worker is
LARGEST_KEPT = 1_000_000  # bytes of what was brought that are kept for the next visit
SIZING = ("block_size", "tokenizer")  # settings on which the pieces of one long text hang


class Bringing:
    """The data that a run would be on.

    Args:
        experiment: holds the name of what is picked, and the context length.
        tokens: what the data are made of.
        link: the line to the worker.
        picked: called when other data are picked.
        known: called when it is known what is in those that are.
    """

    def __init__(
        self, experiment: Experiment, tokens: Tokens, link: Link, picked: Act, known: Act
    ) -> None:
        self._experiment = experiment
        self._tokens = tokens
        self._link = link
        self._picked = picked
        self._known = known
        self.preview: list[str] = []  # its first documents
        self.recommendation: dict[str, float] = {}  # settings that suit what is in force
        self.texts = 0  # how often what the person brought, or how it is read, has been another
        self.source: Source | None = None  # in force
        self._there = False  # whether the worker has it
        self._own: Source | None = None  # what the person brought last and could be read
        self._sent: list[tuple[int, Source]] = []  # what is not in force yet, by its number
        self._number = 0  # of the newest command
        self._posted = 0  # of the newest command that is with the worker
        self._since = 0.0  # when it was given
        self._left: Source | None = None  # what a new worker should have
        self._settled = asyncio.Event()  # nothing is on its way
        self._settings = ReadSettings()
        self._panel = DataPanel(self.pick, self._paste, self._take_files, self._cancel)
        self._read = ReadView(self._settings, self._read_otherwise)
        self._statistics = StatisticsView()

    # ---- what others ask -------------------------------------------------------------------------

    @property
    def settled(self) -> bool:
        """Whether what is picked is in force."""
        return bool(self._settled.is_set())

    @property
    def in_pieces(self) -> bool:
        """Whether what is in force was cut into pieces that suit the context length."""
        return self.source is not None and self.source.in_pieces

    async def settle(self) -> None:
        """Wait until what is picked is in force, or given up."""
        await self._settled.wait()

    def recall(self) -> None:
        """Put back what the person had brought on an earlier visit, if it was kept."""
        if self._own is not None:
            return
        self._settings.restore(json.loads(window.microgpt.recall("own-settings") or "{}"))
        self._read.show()
        self._panel.recall_text()
        kept = window.microgpt.recallFiles("own-files")
        if kept is not None:
            files = [(kept.names[i], kept.sizes[i]) for i in range(kept.names.length)]
            self._own = Source(OWN, kept.blob, files, self._settings.copy())
            self._panel.show_files(files)

    def pick(self, name: str) -> None:
        """Have the data set `name` in force."""
        self._panel.complain("")
        own = self._own or pasted(self._settings.copy())
        self._take(own if name == OWN else preset_source(name))

    def see(self, name: str) -> None:
        """The setting `name` of the experiment has changed, or the `tokens` are measured."""
        self._statistics.mark(self._experiment, self._tokens)
        source = self._newest()
        if name in SIZING and source is not None and source.in_pieces:
            self._ask(source)

    # ---- when the worker dies --------------------------------------------------------------------

    def lose_worker(self) -> None:
        """The worker that had the data is gone, perhaps over what it was reading."""
        self._left = self.source or self._newest()
        self._there = False
        self._sent = []
        self._number += 1  # what is still being fetched is for nobody
        self._settled.clear()
        self._panel.show_progress("", 0)

    async def bring_back(self, source: Source) -> bool:
        """Hand a new worker data that the last one had; whether it has taken them."""
        self._hand_over(source)
        await self.settle()
        return self.source is source

    def bring_left(self) -> None:
        """Hand a new worker what was in force, unless the person has brought something else."""
        source, self._left = self._left, None
        if source is not None and not (self.source is source and self._there):
            self._show(source)
            self._hand_over(source)

    # ---- what the worker says --------------------------------------------------------------------

    def on_reading(self, message: Message) -> None:
        waited = window.performance.now() - self._since
        if message["number"] == self._number and waited > PATIENCE:
            self._panel.show_progress(message["what"], message["share"])

    def on_described(self, message: Message) -> None:
        source = self._answered(message["number"])
        if source is None:
            return
        self.source, self._there = source, True
        if source.name == OWN:
            self._own = source
            self._keep(source)
        if self._sent:
            return  # something newer will be described soon
        self._tokens.begin(message["statistics"]["num_chars"])
        self.preview = message["preview"]
        self.recommendation = message["reading"]["recommendation"]
        self._statistics.describe(message, source.noun, self._experiment, self._tokens)
        self._panel.describe(message)
        self._read.describe(message["reading"])
        self._settle()

    def on_refused(self, message: Message) -> None:
        source = self._answered(message["number"])
        if source is not None and not self._sent:
            self._fall_back(source, message["message"])

    def on_error(self, message: Message) -> None:
        self._panel.complain(message["message"])

    # ---- what the person does --------------------------------------------------------------------

    def _paste(self) -> None:
        self._forget_files()
        self._bring(pasted(self._settings.copy()))

    def _take_files(self, blob: JsProxy, files: list[tuple[str, int]]) -> None:
        """Take files, or those away that there are, where there is no blob."""
        self._forget_files()
        self._panel.show_files(files)
        settings = self._settings.copy()
        self._bring(pasted(settings) if blob is None else Source(OWN, blob, files, settings))

    def _forget_files(self) -> None:
        self._panel.show_files([])
        self._own = None
        self._settings.forget_file()
        self._read.show()

    def _bring(self, source: Source) -> None:
        self.texts += 1
        self._panel.complain("")
        self._take(source)

    def _read_otherwise(self) -> None:
        source = self._newest()
        if source is not None and source.name == OWN:
            self.texts += 1
            self._panel.complain("")
            self._ask(source.otherwise(self._settings.copy()))

    def _cancel(self) -> None:
        number = self._sent[-1][0] if self._sent else 0
        if number > self._posted:
            self._number += 1
            self.on_refused(events.refused(number, ""))
        else:
            self._link.send(commands.cancel())

    # ---- on the way to the worker ----------------------------------------------------------------

    def _take(self, source: Source) -> None:
        """The person wants these data."""
        self._left = None
        self._show(source)
        self._hand_over(source)

    def _newest(self) -> Source | None:
        return self._sent[-1][1] if self._sent else self.source

    def _hand_over(self, source: Source) -> None:
        """Have the worker read these data."""
        self._number += 1
        self._since = window.performance.now()
        if source.is_nothing:
            self._sent = []
            self.source, self._there = source, True
            self._link.send(commands.data(self._number, OWN, [], {}))
            self._keep(source)
            self.recommendation = {}
            self._tokens.begin(0)
            self._panel.show_nothing()
            self._read.show_nothing()
            self._statistics.show_nothing()
            self._settle()
            return
        self._sent.append((self._number, source))
        self._settled.clear()  # at once: a press on Train may come before the task begins
        asyncio.create_task(self._send(self._number, source))

    async def _send(self, number: int, source: Source) -> None:
        try:
            content = await source.load()
        except Exception:
            if number == self._number:
                self.on_refused(events.refused(number, source.missing))
            return
        if number != self._number:
            return  # something else is wanted by now
        if not self._link.up and not source.has_files:
            self._statistics.show_beginning(content)
        self._posted = number
        options = self._options(source)
        self._link.send(commands.data(number, source.name, source.files, options), content, True)
        self._link.send(commands.prepare(self._experiment.run()))

    def _ask(self, source: Source) -> None:
        """Have the worker read what it has in another way."""
        on_its_way = self._sent and self._sent[-1][0] > self._posted
        if source.is_nothing:
            return
        if on_its_way or not (self._sent or self._there):
            self._hand_over(source)
            return
        self._number += 1
        self._since = window.performance.now()
        self._posted = self._number
        self._sent.append((self._number, source))
        self._settled.clear()
        self._link.send(commands.options(self._number, self._options(source)))
        self._link.send(commands.prepare(self._experiment.run()))  # which measures them anew

    def _options(self, source: Source) -> dict[str, int | float | str]:
        options = dict(source.settings)
        for name in SIZING:
            options[name] = self._experiment.values[name]
        return options

    def _answered(self, number: int) -> Source | None:
        """What has that number; it and all before it are not waited for any more."""
        found = [source for sent, source in self._sent if sent == number]
        self._sent = [(sent, source) for sent, source in self._sent if sent > number]
        return found[0] if found else None

    def _settle(self) -> None:
        self._panel.show_progress("", 0)
        self._settled.set()
        self._known()

    def _fall_back(self, failed: Source, words: str) -> None:
        """Something could not be read: say so, and go back to what there was."""
        self._panel.show_progress("", 0)
        self._panel.complain(words)
        back = self.source or preset_source(DEFAULT_PRESET)
        if self.source is None and failed.name == back.name:
            self._settled.set()  # there is nothing to go back to
            return
        self._show(back)
        if self._there:
            self._settle()
        else:
            self._hand_over(back)

    def _show(self, source: Source) -> None:
        """Show that these are the data, and how they are read."""
        self._experiment.set("data", source.name)
        self._panel.pick(source.name)
        self._read.show_for(source.name)
        if source.name == OWN:
            self._panel.show_files(source.files)
            self._settings.restore(source.settings)
        elif self._own is not None:
            self._panel.show_files(self._own.files)
            self._settings.restore(self._own.settings)
        else:
            self._panel.show_files([])
        self._read.show()
        self._picked()

    def _keep(self, source: Source) -> None:
        """Keep what the person brought for the next visit, unless it is too large for that."""
        small = source.blob.size <= LARGEST_KEPT
        window.microgpt.keep("own-settings", json.dumps(source.settings))
        if source.has_files:
            names, sizes = [name for name, _ in source.files], [size for _, size in source.files]
            window.microgpt.keepFiles(
                "own-files", source.blob if small else None, json.dumps([names, sizes])
            )
        else:
            window.microgpt.keep("own-files", "")
            window.microgpt.keepText("own-text", source.blob if small else None)
