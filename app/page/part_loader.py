"""Fetches a later part of the page: what most visits do without."""

from pyscript import window

from app.page.aliases import Action
from app.page.errors import spawn


class PartLoader:
    """A later part, which is fetched when it is first wanted.

    Args:
        name: of the part, see `LATER` of `app/site/release.py`.
        use: called once it is there, so that it can be imported.
        fail: called where it could not be fetched; that is tried again when it is next wanted.
    """

    def __init__(self, name: str, use: Action, fail: Action) -> None:
        self._name, self._use, self._fail = name, use, fail
        self._wanted = False  # whether it is there, or on its way

    def want(self) -> None:
        """Fetch it, if that has not been done."""
        if not self._wanted:
            self._wanted = True
            spawn(self._fetch())

    async def _fetch(self) -> None:
        try:
            await window.microgpt.loadPart(self._name)
        except Exception as error:
            window.console.warn(str(error))
            self._wanted = False
            self._fail()
            return
        self._use()
