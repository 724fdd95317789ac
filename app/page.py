"""The page's entry: puts its parts together and passes the worker's messages to them.

It also starts another worker when one dies. It knows nothing of what its parts do.
"""

import asyncio

from pyscript import document, window

from app.choosing import Choosing
from app.link import Link
from app.running import Running
from app.types import JsProxy, Message
from app.views.dom import find
from app.writing import Writing

RESTARTS = 3  # workers that may die before the page gives up
WRITING_COMMANDS = ("sampling", "generate", "explore", "load")


class Page:
    """The parts of the page, and what passes between them."""

    def __init__(self) -> None:
        self.deaths = 0
        self.link = Link(self.receive, self.died)
        self.choosing = Choosing(self.link, self.changed, self.complain)
        self.running = Running(self.choosing, self.link)
        self.writing = Writing(self.choosing, self.link)

    async def begin(self) -> None:
        """Show what the address says, and do what was clicked before Python was here."""
        self.choosing.read_address()
        self.link.open()
        mark("page")
        await self.writing.begin()
        for button in window.microgpt.clicks():
            button.click()

    def changed(self, name: str) -> None:
        """A setting or the data has changed."""
        self.running.changed(name)
        self.writing.changed(name)

    def complain(self, text: str) -> None:
        """Something is wrong with the address."""
        self.running.view.complain(text)

    def receive(self, message: Message, blob: JsProxy) -> None:
        """Pass a message from the worker to the part that it is for."""
        kind = message["type"]
        if kind == "error":
            self.part_about(message["about"]).on_error(message)
            return
        for part in (self.choosing, self.running, self.writing, self):
            handler = getattr(part, f"on_{kind}", None)
            if handler is not None:
                if blob is None:
                    handler(message)
                else:
                    handler(message, blob)
                return
        self.complain(f"The page did not understand its worker ('{kind}'): reload the page.")

    def part_about(self, command: str) -> Choosing | Running | Writing:
        """The part that a command came from."""
        if command == "data":
            return self.choosing
        return self.writing if command in WRITING_COMMANDS else self.running

    def on_boot(self, message: Message) -> None:
        stage = f"{message['stage']} of {message['of']}"
        find("python-state").textContent = f"Starting Python, {stage}: {message['what']}"

    def on_ready(self, message: Message) -> None:
        find("python-state").textContent = f"Python {message['python']} is ready"
        mark("worker")

    def died(self, reason: str) -> None:
        """The worker is dead: start another and go on with what the page knows."""
        self.deaths += 1
        document.body.dataset.worker = "dead"
        if self.deaths > RESTARTS:
            find("python-state").textContent = "Python has stopped"
            self.complain(
                f"{reason}. Python has stopped {self.deaths} times now: reload the page to go on. "
                "Your settings and your text are kept."
            )
            return
        self.complain(f"{reason}. A new Python is being started{self.running.prospects()}.")
        self.link.restart()
        asyncio.create_task(self.writing.begin())
        self.running.go_on()
        asyncio.create_task(self.choosing.bring_data())


def mark(what: str) -> None:
    """Tell tests and benchmarks that the page or the worker is ready, and when it was."""
    document.body.setAttribute(f"data-{what}", "ready")
    window.performance.mark(f"{what} ready")


page = Page()
asyncio.create_task(page.begin())
