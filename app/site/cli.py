"""The command line of serve.py: serve the playground here, or build it for another host."""

from __future__ import annotations

import argparse
import sys
import webbrowser
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from app.site import assemble
from app.site.address import listen, url_of
from app.site.environment import SetupError, say
from app.site.packages import import_server_packages


class SiteArgumentParser(argparse.ArgumentParser):
    """Reports wrong arguments in one line that says where to read more."""

    def error(self, message: str) -> NoReturn:
        """Ends the program with a usage error."""
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def run(arguments: list[str]) -> int:
    """Builds or serves the site, as the arguments say; returns the exit code."""
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
        print(f"Set-up failed: {error}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted; the same command starts the set-up again.", file=sys.stderr)
        return 130
    return 0


def _serve(host: str, port: int, *, open_page: bool) -> None:
    # The port is taken before the long build, so that one in use is reported at once.
    with listen(host, port) as listening:
        assemble.build(assemble.SITE)
        import_server_packages()
        from app.site.server import serve  # its aiohttp lies in that environment

        with suppress(KeyboardInterrupt):
            url = url_of(host, listening)
            say(f"microgpt playground: {url} (Ctrl+C stops it)")
            if open_page:
                webbrowser.open(url)
            serve(assemble.SITE, listening)
        say("\nStopped.")


def _parser() -> argparse.ArgumentParser:
    parser = SiteArgumentParser(
        prog="serve.py", description="Set up, build and serve the microgpt playground."
    )
    parser.add_argument("--port", type=_port, default=8000, help="the port to serve on (8000)")
    parser.add_argument("--host", default="localhost", help="the address to serve on (localhost)")
    parser.add_argument("--open", action="store_true", help="open the page in a browser")
    commands = parser.add_subparsers(dest="command")
    build = commands.add_parser("build", help="build the static site for any host")
    build.add_argument("--out", type=Path, required=True, help="the folder to put it in")
    return parser


def _port(text: str) -> int:
    if not (text.isdecimal() and int(text) < 65536):
        raise argparse.ArgumentTypeError(f"{text} is not a port: choose one from 1 to 65535")
    return int(text)
