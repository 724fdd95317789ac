"""Firefox, driven by WebDriver BiDi, which it speaks itself: https://w3c.github.io/webdriver-bidi.

A command is a JSON object sent over a WebSocket; its result comes back with the same number.
"""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp

from tests.browsers.driver import Driver, held_keys, mouse_click, running, typed_keys, until
from tests.setup.other_browsers import find_firefox

COMMAND_SECONDS = 300.0
SERVER_FILE = "WebDriverBiDiServer.json"  # in the profile: where Firefox listens


class Connection:
    """A WebSocket to Firefox; commands are answered one after the other."""

    def __init__(self, runner: asyncio.Runner, url: str) -> None:
        self._runner = runner
        self._url = url
        self._count = 0

    def open(self) -> None:
        self._session, self._socket = self._runner.run(self._connect())

    def close(self) -> None:
        self._runner.run(self._close())

    def command(self, method: str, **params: object) -> dict[str, Any]:
        """The result of a command.

        Raises:
            RuntimeError: Firefox refuses it.
        """
        return self._runner.run(asyncio.wait_for(self._command(method, params), COMMAND_SECONDS))

    async def _connect(self) -> tuple[aiohttp.ClientSession, aiohttp.ClientWebSocketResponse]:
        session = aiohttp.ClientSession()
        return session, await session.ws_connect(self._url, max_msg_size=0)

    async def _close(self) -> None:
        await self._socket.close()  # else its connection is left open
        await self._session.close()

    async def _command(self, method: str, params: dict[str, object]) -> dict[str, Any]:
        self._count += 1
        await self._socket.send_json({"id": self._count, "method": method, "params": params})
        while True:
            answer = await self._socket.receive_json()
            if answer.get("id") == self._count:
                break
        if answer["type"] == "error":
            raise RuntimeError(f"Firefox refuses {method}: {answer['message']}")
        result: dict[str, Any] = answer["result"]
        return result


class FirefoxDriver:
    """A page in Firefox."""

    def __init__(self, connection: Connection) -> None:
        self._command = connection.command
        version = self._command("session.new", capabilities={})["capabilities"]["browserVersion"]
        self.name = f"Firefox {version}"
        tree = self._command("browsingContext.getTree")
        self._page = tree["contexts"][0]["context"]

    def open(self, url: str) -> None:
        self._command("browsingContext.navigate", context=self._page, url=url, wait="complete")

    def reload(self) -> None:
        self._command("browsingContext.reload", context=self._page, wait="complete")

    def evaluate(self, function: str, *arguments: object) -> Any:
        in_json = f"async (args) => JSON.stringify(await ({function})(...JSON.parse(args)) ?? null)"
        answer = self._command(
            "script.callFunction",
            functionDeclaration=in_json,
            arguments=[{"type": "string", "value": json.dumps(arguments)}],
            awaitPromise=True,
            target={"context": self._page},
        )
        if answer["type"] == "exception":
            raise RuntimeError(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"]["value"])

    def click(self, x: int, y: int) -> None:
        self._command("input.performActions", context=self._page, actions=[mouse_click(x, y)])

    def press_keys(self, *keys: str) -> None:
        self._command("input.performActions", context=self._page, actions=[held_keys(keys)])

    def type_text(self, text: str) -> None:
        self._command("input.performActions", context=self._page, actions=[typed_keys(text)])

    def choose_files(self, selector: str, paths: Sequence[Path]) -> None:
        locator = {"type": "css", "value": selector}
        found = self._command("browsingContext.locateNodes", context=self._page, locator=locator)
        element = {"sharedId": found["nodes"][0]["sharedId"]}
        files = [str(path) for path in paths]
        self._command("input.setFiles", context=self._page, element=element, files=files)

    def resize(self, width: int, height: int) -> None:
        viewport = {"width": width, "height": height}
        self._command("browsingContext.setViewport", context=self._page, viewport=viewport)

    def screenshot(self) -> bytes:
        return b64decode(
            self._command("browsingContext.captureScreenshot", context=self._page)["data"]
        )


@contextmanager
def firefox(folder: Path) -> Iterator[Driver]:
    """Starts Firefox with a new profile in `folder`.

    Raises:
        SetupError: there is no Firefox.
    """
    profile = folder / "profile"
    profile.mkdir()
    options = ["--headless", "--no-remote", "--profile", str(profile)]
    command = [str(find_firefox()), *options, "--remote-debugging-port", "0"]
    with running(command, folder), asyncio.Runner() as runner:
        server = profile / SERVER_FILE
        until(server.is_file, "Firefox listens")
        address = json.loads(server.read_text(encoding="utf-8"))
        connection = Connection(runner, f"ws://{address['ws_host']}:{address['ws_port']}/session")
        connection.open()
        yield FirefoxDriver(connection)
        connection.close()
