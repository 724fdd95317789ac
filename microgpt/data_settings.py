"""The settings of how files become documents: a group of the table in `settings.py`.

It is plain Python, because the page reads it in MicroPython. These do not belong to a run, so
they are not among `SETTINGS`.
"""

from microgpt.setting import Setting

KEEP, DROP = ("keep", "Keep"), ("drop", "Leave out")

DATA = (
    Setting(
        "format",
        "Format",
        "auto",
        "What a file holds; automatic goes by its name and by what is in it.",
        choices=(
            ("auto", "Automatic"),
            ("text", "Plain text"),
            ("table", "Table with a head (CSV, TSV)"),
            ("rows", "Table without a head"),
            ("json", "JSON"),
            ("jsonl", "JSON Lines"),
        ),
    ),
    Setting(
        "encoding",
        "Encoding",
        "auto",
        "How the bytes of a file stand for characters; automatic tells most files apart.",
        choices=(
            ("auto", "Automatic"),
            ("utf-8", "Unicode (UTF-8)"),
            ("utf-16", "Unicode (UTF-16)"),
            ("cp1252", "Western European (Latin-1)"),
            ("cp1250", "Central European"),
            ("cp1251", "Cyrillic"),
            ("cp932", "Japanese (Shift JIS)"),
            ("gb18030", "Chinese (GB 18030)"),
            ("cp949", "Korean (EUC-KR)"),
        ),
    ),
    Setting("column", "Column", "", "The column or field of a table to take; empty chooses one."),
    Setting(
        "cut",
        "Documents",
        "lines",
        "Where one document ends and the next begins.",
        choices=(
            ("lines", "Lines"),
            ("paragraphs", "Paragraphs"),
            ("sentences", "Sentences"),
            ("windows", "One long text in pieces"),
        ),
    ),
    Setting(
        "case",
        "Case",
        "keep",
        "Lower case alone leaves the model fewer characters to learn.",
        choices=(KEEP, ("lower", "Lower case")),
    ),
    Setting(
        "accents",
        "Accents",
        "keep",
        "Without them é is e; letters such as ø and ß stay.",
        choices=(KEEP, ("remove", "Remove")),
    ),
    Setting(
        "digits",
        "Digits",
        "keep",
        "Digits can be left out, or all become 0.",
        choices=(KEEP, DROP, ("zero", "As 0")),
    ),
    Setting(
        "rare",
        "Rare characters",
        "keep",
        "What becomes of characters that are too rare to be learnt.",
        choices=(
            KEEP,
            DROP,
            ("replace", "Replace"),
            ("document", "Leave out their documents"),
        ),
    ),
    Setting(
        "rare_below",
        "Rare below",
        10,
        "A character that occurs fewer times than this is rare.",
        low=2,
        high=1_000_000,
        stops=(2, 5, 10, 20, 50, 100, 1000),
        even_stops=True,
    ),
    Setting("rare_with", "Replacement", "?", "The one character that rare ones are replaced by."),
    Setting(
        "duplicates",
        "Duplicates",
        "keep",
        "Whether a document that is there twice counts twice.",
        choices=(KEEP, ("drop", "Keep the first")),
    ),
)
