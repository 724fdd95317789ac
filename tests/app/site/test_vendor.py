"""What is taken from the packages of others."""

from __future__ import annotations

import re

from app.site.packages import NODE_MODULES
from app.site.vendor import style_sheet


def test_the_one_style_sheet_finds_the_fonts_and_styles_the_chart() -> None:
    sheet = style_sheet(NODE_MODULES, "../../fonts-1")
    files = re.findall(r"url\((.*?)\)", sheet)
    assert files
    assert [
        file for file in files if not re.fullmatch(r"\.\./\.\./fonts-1/[\w-]+\.woff2", file)
    ] == []
    assert sheet.count("@font-face") == len(files)
    assert ".uplot" in sheet
