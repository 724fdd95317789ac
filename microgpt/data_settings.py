"""The settings of how files become documents: one group of the table in `settings.py`.

Plain Python, because the page reads it in MicroPython. They do not belong to a run, so they are
not among `SETTINGS`.
"""

from microgpt.setting import Setting

KEEP, DROP = ("keep", "Keep"), ("drop", "Leave out")

DATA = (
    Setting(
        "format",
        "Format",
        "auto",
        "The format of the files; automatic goes by their names and contents.",
        choices=(
            ("auto", "Automatic"),
            ("text", "Plain text"),
            ("table", "Table with a header (CSV, TSV)"),
            ("rows", "Table without a header"),
            ("json", "JSON"),
            ("jsonl", "JSON Lines"),
        ),
    ),
    Setting(
        "encoding",
        "Encoding",
        "auto",
        "The character encoding of the files; automatic detects most of them.",
        choices=(
            ("auto", "Automatic"),
            ("utf-8", "Unicode (UTF-8)"),
            ("utf-16", "Unicode (UTF-16)"),
            ("cp1252", "Western European (Latin-1)"),
            ("cp1250", "Central European"),
            ("cp1251", "Cyrillic"),
            ("koi8-r", "Cyrillic (KOI8-R)"),
            ("cp866", "Cyrillic (DOS)"),
            ("cp1253", "Greek"),
            ("cp1254", "Turkish"),
            ("cp1257", "Baltic"),
            ("cp1255", "Hebrew"),
            ("cp1256", "Arabic"),
            ("cp932", "Japanese (Shift JIS)"),
            ("euc-jp", "Japanese (EUC-JP)"),
            ("gb18030", "Chinese (GB 18030)"),
            ("cp950", "Chinese (Big5)"),
            ("cp949", "Korean (EUC-KR)"),
            ("cp874", "Thai"),
        ),
    ),
    Setting("column", "Column", "", "The column or field of the documents; empty picks one."),
    Setting(
        "cut",
        "Documents",
        "lines",
        "What counts as one document.",
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
        "Lower case only leaves the model fewer characters to learn.",
        choices=(KEEP, ("lower", "Lower case")),
    ),
    Setting(
        "accents",
        "Accents",
        "keep",
        "Without accents é becomes e; letters such as ø and ß stay.",
        choices=(KEEP, ("remove", "Remove")),
    ),
    Setting(
        "digits",
        "Digits",
        "keep",
        "Digits can be left out, or all replaced by 0.",
        choices=(KEEP, DROP, ("zero", "As 0")),
    ),
    Setting(
        "rare",
        "Rare characters",
        "keep",
        "What to do with characters that occur too seldom to learn.",
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
        "A character that occurs fewer times than this counts as rare.",
        low=2,
        high=1_000_000,
        stops=(2, 5, 10, 20, 50, 100, 1000),
        even_stops=True,
    ),
    Setting("rare_with", "Replacement", "?", "The character that replaces rare ones."),
    Setting(
        "duplicates",
        "Duplicates",
        "keep",
        "Whether to keep copies of the same document.",
        choices=(KEEP, ("drop", "Keep the first")),
    ),
    Setting(
        "leave_out",
        "Leave out",
        "",
        "Documents to leave out: *a are those that end in a, q* begin with q, *zz* contain zz; "
        "capitals count as small letters, and commas separate several.",
    ),
)
