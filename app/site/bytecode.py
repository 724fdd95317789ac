"""Compiles Python archives ahead of time, so that the browser need not at every start.

Runs inside Pyodide under Node, because bytecode fits only the Python that made it. The bytecode
is marked as never to be checked against its source: files of a built site do not change.
"""

from __future__ import annotations

import py_compile
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

# What no module here imports: debuggers, profilers, tests, servers, mail, databases, XML, and tools
# of the command line. Python packages and modules, by their names.
LEFT_OUT = {
    *("__hello__", "__phello__", "_pyio", "_pyrepl", "antigravity", "bdb", "cProfile", "cmd"),
    *("colorsys", "compileall", "configparser", "doctest", "filecmp", "fileinput", "getpass"),
    *("imaplib", "mailbox", "modulefinder", "multiprocessing", "netrc", "nturl2path", "optparse"),
    *("pdb", "pickletools", "plistlib", "poplib", "profile", "pstats", "pty", "pyclbr", "pydoc"),
    *("runpy", "sched", "shelve", "smtplib", "socketserver", "sqlite3", "symtable", "tabnanny"),
    *("this", "timeit", "tomllib", "trace", "tty", "unittest", "wave", "webbrowser", "wsgiref"),
    *("xml", "xmlrpc", "zipapp", "zoneinfo"),
}
# Their docstrings are read when Python starts.
WITH_DOCSTRINGS = {"_pyodide", "pyodide"}


def compile_library(source: str, target: str, home: str) -> None:
    """Writes what is needed of the archive `source` to `target`, with `x.pyc` for each `x.py`.

    Docstrings are left out. Tracebacks name `home`, the path that the archive is imported from.
    """
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for entry in sorted(old.infolist(), key=lambda entry: entry.filename):
            path, data = PurePosixPath(entry.filename), old.read(entry)
            package = path.parts[0].removesuffix(".py")
            if package in LEFT_OUT:
                continue
            if path.suffix == ".py":
                optimize = 0 if package in WITH_DOCSTRINGS else 2
                bytecode = compiled(data, f"{home}/{path}", optimize)
                _store(new, str(path.with_suffix(".pyc")), bytecode)
            elif not entry.is_dir():
                _store(new, str(path), data)


def add_bytecode(sources: list[str], target: str, tag: str) -> None:
    """Writes the bytecode of the Python files in `sources` to `target`.

    Each lies where the import system looks for it once the archives are unpacked over one
    another: `app/worker/session.py` gives `app/worker/__pycache__/session.<tag>.pyc`.
    """
    with zipfile.ZipFile(target, "w") as new:
        for source in sources:
            with zipfile.ZipFile(source) as old:
                for name in sorted(old.namelist()):
                    path = PurePosixPath(name)
                    if path.suffix == ".py":
                        cached = path.parent / "__pycache__" / f"{path.stem}.{tag}.pyc"
                        _store(new, str(cached), compiled(old.read(name), name))


def compiled(source: bytes, shown_as: str, optimize: int = 0) -> bytes:
    """The contents of the `.pyc` of one Python file; `optimize` is that of `compile`."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "module.py"
        file.write_bytes(source)
        bytecode = file.with_suffix(".pyc")
        py_compile.compile(
            str(file),
            cfile=str(bytecode),
            dfile=shown_as,
            doraise=True,
            optimize=optimize,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )
        return bytecode.read_bytes()


def _store(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    """Adds an entry dated 1980, not deflated: the archive as a whole compresses better."""
    archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_STORED)
