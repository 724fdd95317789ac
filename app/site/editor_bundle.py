"""Makes one file of the editor: `static/editor.mjs` with the npm packages that it imports."""

from __future__ import annotations

from pathlib import Path

from app.site.environment import ROOT, node_and_npm, run_tool

EDITOR_SOURCE = ROOT / "static" / "editor.mjs"
# Every one of the packages is under this licence, which wants to be named in each copy.
LICENCE = (
    "/* With CodeMirror and Lezer, Copyright (C) 2018-2021 by Marijn Haverbeke "
    "<marijn@haverbeke.berlin> and others, under the MIT licence. */"
)


def bundle_editor(modules: Path, target: Path) -> None:
    """Bundles the editor with esbuild.

    Args:
        modules: the npm packages.
        target: the file to write.
    """
    options = ["--bundle", "--format=esm", "--minify", "--target=es2022", "--loader:.css=text"]
    run_tool(
        [
            *(node_and_npm().node, str(modules / "esbuild" / "bin" / "esbuild")),
            *(str(EDITOR_SOURCE), *options, f"--banner:js={LICENCE}", f"--outfile={target}"),
        ],
        "The editor could not be bundled: correct the error below.",
        folder=ROOT,
    )
