"""The page's entry: puts its parts together and passes the worker's messages to them.

It also starts another worker when one dies. It knows nothing of what its parts do.
"""

import asyncio

from pyscript import document, window

from app.page.data_controller import Bringing
from app.page.generation_controller import Writing
from app.page.link import Link
from app.page.run_controller import Running
from app.page.setup_controller import Choosing
from app.page.types import JsProxy, Message
from app.page.views.dom import find

RESTARTS = 3  # workers that may die in a short while before the page gives up
LATELY = 300_000.0  # milliseconds
DATA_COMMANDS = ("data", "options", "cancel")
WRITING_COMMANDS = ("sampling", "generate", "explore", "load")


class Page:
    """The parts of the page, and what passes between them."""

    def __init__(self) -> None:
        self.deaths: list[float] = []  # when workers died lately
        self.link = Link(self.receive, self.died)
        self.choosing = Choosing(self.link, self.changed, self.complain)
        self.running = Running(self.choosing, self.link, self.forgotten)
        self.writing = Writing(self.choosing, self.link)

    async def begin(self) -> None:
        """Show what the address says, and do what was done before Python was here."""
        self.link.open()
        self.choosing.read_address()
        window.microgpt.edit()
        clicked = window.microgpt.clicks()
        mark("page")
        await self.writing.begin()
        for i in range(clicked.length):
            clicked[i].click()

    def changed(self, name: str) -> None:
        """A setting or the data has changed."""
        self.running.changed(name)
        self.writing.changed(name)

    def forgotten(self) -> None:
        """The run's model is given up: write with the one that comes with the page again."""
        asyncio.create_task(self.writing.begin())

    def complain(self, text: str) -> None:
        """Something is wrong with the address."""
        self.running.view.complain(text)

    def receive(self, message: Message, blob: JsProxy) -> None:
        """Pass a message from the worker to the part that it is for."""
        kind = message["type"]
        if kind == "error":
            self.part_about(message["about"]).on_error(message)
            return
        for part in (self.choosing, self.choosing.data, self.running, self.writing, self):
            handler = getattr(part, f"on_{kind}", None)
            if handler is not None:
                if blob is None:
                    handler(message)
                else:
                    handler(message, blob)
                return
        self.complain(f"The page did not understand its worker ('{kind}'): reload the page.")

    def part_about(self, command: str) -> Bringing | Running | Writing:
        """The part that a command came from."""
        if command in DATA_COMMANDS:
            return self.choosing.data
        return self.writing if command in WRITING_COMMANDS else self.running

    def on_boot(self, message: Message) -> None:
        stage = f"{message['stage']} of {message['of']}"
        find("python-state").textContent = f"Starting Python, {stage}: {message['what']}"

    def on_ready(self, message: Message) -> None:
        self.running.know_engines(message["compiles"])
        find("python-state").textContent = f"Python {message['python']} is ready"
        if self.deaths:
            self.complain("")
        mark("worker")

    def died(self, reason: str) -> None:
        """The worker is dead: start another and go on with what the page knows."""
        now = window.performance.now()
        self.deaths = [when for when in self.deaths if now - when < LATELY] + [now]
        document.body.dataset.worker = "dead"
        if len(self.deaths) > RESTARTS:
            self.link.give_up()
            find("python-state").textContent = "Python has stopped"
            self.complain(
                f"{reason}. Python has stopped {len(self.deaths)} times in a short while: reload "
                "the page to go on. Your settings are kept."
            )
            return
        prospects = self.running.lose_worker()
        self.complain(f"{reason}. A new Python is being started{prospects}.")
        self.choosing.data.lose_worker()
        self.link.restart()
        asyncio.create_task(self.bring_up())

    async def bring_up(self) -> None:
        """Hand a new worker what the one before it had."""
        await self.writing.begin()
        await self.running.go_on()
        self.choosing.data.bring_left()


def mark(what: str) -> None:
    """Tell tests and benchmarks that the page or the worker is ready, and when it was."""
    document.body.setAttribute(f"data-{what}", "ready")
    window.performance.mark(f"{what} ready")


page = Page()
asyncio.create_task(page.begin())
