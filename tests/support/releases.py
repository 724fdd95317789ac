"""Further releases of a built site, and a host whose site changes or goes away."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from aiohttp import web

from app.site.offline import SERVICE_WORKER, write_service_worker
from app.site.server import CONTENT_TYPES

PAGE = "index.html"
# Run in the page: resolves when a release is kept, by default that of the page, and its service
# worker answers.
WAIT_KEPT = """
async (release) => {
  release ??= document.body.dataset.release;
  const { scope } = await navigator.serviceWorker.ready;
  for (let tries = 0; tries < 1200; tries += 1) {
    const page = await caches.match(scope, { cacheName: scope + release, ignoreVary: true });
    const { active, installing, waiting } = await navigator.serviceWorker.getRegistration();
    if (page && !installing && !waiting && active === navigator.serviceWorker.controller) return;
    await new Promise((resume) => setTimeout(resume, 50));
  }
  throw new Error(`${release} is not kept`);
}
"""


def release_of(site: Path) -> str:
    """The folder of a site's own files, as `r-3fa9c1d2`."""
    (folder,) = site.glob("r-*")
    return folder.name


def another_release(site: Path, target: Path, release: str) -> Path:
    """A copy of `site` whose own files lie in the folder `release`; returns `target`."""
    shutil.copytree(site, target, copy_function=os.link)
    before = release_of(target)
    (target / before).rename(target / release)
    html = (target / PAGE).read_text(encoding="utf-8")
    for name in (PAGE, SERVICE_WORKER):  # the files are shared with the other site
        for file in target.glob(f"{name}*"):
            file.unlink()
    (target / PAGE).write_text(html.replace(before, release), encoding="utf-8")
    write_service_worker(target, release)
    return target


class PlainHost:
    """Serves a site as a host does that neither compresses files nor lets browsers cache them.

    Args:
        site: the folder that is served; it can be set to another.
        prefix: the path that it is served at.
    """

    def __init__(self, site: Path, prefix: str) -> None:
        self.site = site
        self.is_down = False
        self.asked: list[str] = []  # the names of the files that were asked for
        self.app = web.Application()
        self.app.router.add_get(prefix + "{name:.*}", self._answer)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        if self.is_down:
            assert request.transport is not None
            request.transport.abort()
            raise web.HTTPServiceUnavailable
        self.asked.append(name)
        path = self.site / (name or PAGE)
        if not path.is_file():
            raise web.HTTPNotFound
        content_type = CONTENT_TYPES.get(path.suffix, "application/octet-stream")
        headers = {"Content-Type": content_type, "Cache-Control": "no-store"}
        return web.Response(body=path.read_bytes(), headers=headers)
