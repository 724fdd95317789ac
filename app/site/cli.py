"""The command line of serve.py: serve the playground here, or build it for another host."""

from __future__ import annotations

import argparse
import sys
import webbrowser
from pathlib import Path
from typing import NoReturn

from app.site import assemble
from app.site.environment import SetupError, say
from app.site.server import make_server


class Parser(argparse.ArgumentParser):
    """Says what is wrong with the arguments in one line, and where to read more."""

    def error(self, message: str) -> NoReturn:
        """Ends the program as a usage error."""
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def run(arguments: list[str]) -> int:
    """Does what the arguments say; returns the exit code, or exits where they make no sense."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "build":
            say(f"The site is in {assemble.build(options.out)}")
        else:
            _serve(options.host, options.port, open_page=options.open)
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"Set-up could not go on: {error}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted; the same command starts the set-up again.", file=sys.stderr)
        return 130
    return 0


def _serve(host: str, port: int, *, open_page: bool) -> None:
    # The port is taken before the long build, so that one in use is said at once.
    with make_server(assemble.SITE, host, port) as server:
        assemble.build(assemble.SITE)
        try:
            say(f"microgpt playground: {server.url} (Ctrl+C stops it)")
            if open_page:
                webbrowser.open(server.url)
            server.serve_forever()
        except KeyboardInterrupt:
            say("\nStopped.")


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="serve.py", description="Set up, build and serve the microgpt playground.")
    parser.add_argument("--port", type=_port, default=8000, help="the port to serve on (8000)")
    parser.add_argument("--host", default="localhost", help="the address to serve on (localhost)")
    parser.add_argument("--open", action="store_true", help="open the page in a browser")
    commands = parser.add_subparsers(dest="command")
    build = commands.add_parser("build", help="build the static site for any host")
    build.add_argument("--out", type=Path, required=True, help="the folder to put it in")
    return parser


def _port(text: str) -> int:
    if not (text.isdecimal() and int(text) < 65536):
        raise argparse.ArgumentTypeError(f"{text} is no port, choose one from 1 to 65535")
    return int(text)
