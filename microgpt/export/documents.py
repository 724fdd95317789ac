"""The documents of a run, inside its program where they are small, else in a file beside it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from microgpt.export.excerpts import INDENTATION
from microgpt.export.layout import safe_words, value_text

MAX_INSIDE_CHARS = 10_000  # of all documents together


@dataclass(frozen=True, slots=True)
class ExportedDocuments:
    """How a program has its documents.

    Args:
        definition: of `DOCUMENTS`, a list.
        imports: lines that import something.
        file_name: of the file beside the program, "" for none.
        content: of that file.
    """

    definition: str
    imports: Sequence[str] = ()
    file_name: str = ""
    content: bytes = b""


def exported_documents(documents: Sequence[str], name: str, data: str) -> ExportedDocuments:
    """Put documents into a program, or beside it.

    Args:
        documents: all of them, in order.
        name: of the program's files, without an ending.
        data: what the documents are called.
    """
    of_lines = all(document.isprintable() and document for document in documents)
    if sum(map(len, documents)) <= MAX_INSIDE_CHARS:
        return ExportedDocuments(_inside(documents, of_lines))
    # No name that the user's own file may have, which would be overwritten.
    file_name = f"{name}.documents.{'txt' if of_lines else 'json'}"
    text = "\n".join(documents) if of_lines else json.dumps(list(documents), ensure_ascii=False)
    read = 'DOCUMENTS_FILE.read_text("utf-8")'
    content = f'{read}.split("\\n")' if of_lines else f"json.loads({read})"
    words = "one a line" if of_lines else "as a list in JSON"
    definition = f"""\
DOCUMENTS_FILE = Path(__file__).with_name({value_text(file_name)})
if not DOCUMENTS_FILE.is_file():
    sys.exit(f"Put {{DOCUMENTS_FILE.name}}, exported with this, beside it.")
# {words.capitalize()}, as they were prepared from the data: {safe_words(data)}.
DOCUMENTS = {content}
"""
    return ExportedDocuments(definition, ["from pathlib import Path"], file_name, text.encode())


def _inside(documents: Sequence[str], of_lines: bool) -> str:
    if of_lines:
        text = "\n".join(documents).replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
        return f'DOCUMENTS = """\\\n{text}\n"""[:-1].split("\\n")\n'
    lines = "".join(f"{INDENTATION}{value_text(document)},\n" for document in documents)
    return f"DOCUMENTS = [\n{lines}]\n"
