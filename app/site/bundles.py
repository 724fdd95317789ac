"""Makes one file each of our JavaScript modules that import npm packages, with these packages."""

from __future__ import annotations

from pathlib import Path

from app.site.environment import ROOT, node_and_npm, run_tool

STATIC = ROOT / "static"
# By module: the licence of its packages, which wants to be named in each copy.
BUNDLED = {
    STATIC / "editor.mjs": (
        "With CodeMirror and Lezer, Copyright (C) 2018-2021 by Marijn Haverbeke "
        "<marijn@haverbeke.berlin> and others, under the MIT licence."
    ),
    STATIC / "qr.mjs": (
        "With qr, Copyright (c) 2023 Paul Miller (paulmillr.com), under the MIT licence."
    ),
}


def bundle(modules: Path, folder: Path) -> None:
    """Bundles each of these modules with esbuild.

    Args:
        modules: the npm packages.
        folder: where to write a file of the same name for each.
    """
    options = ["--bundle", "--format=esm", "--minify", "--target=es2022", "--loader:.css=text"]
    for source, licence in BUNDLED.items():
        run_tool(
            [
                *(node_and_npm().node, str(modules / "esbuild" / "bin" / "esbuild"), str(source)),
                *(*options, f"--banner:js=/* {licence} */", f"--outfile={folder / source.name}"),
            ],
            f"{source.name} could not be bundled: correct the error below.",
            folder=ROOT,
        )
