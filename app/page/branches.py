"""Branches: the tree of all texts that were written since the text was last begun anew.

It is kept while the text is written, whether somebody looks at it or not. Plain Python that
MicroPython understands.
"""

from app.page.views.tiles import token_name
from app.shared.typed import TYPE_CHECKING
from app.shared.uniform import uniform

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.shared.experiment import Experiment

CONDITIONS = ("temperature", "top_k", "top_p")  # the settings that a choice depends on
MAX_LEAVES = 50  # the ends of branches; then the oldest is forgotten


class BranchToken:
    """A token of the tree; the root stands for BOS.

    Args:
        token: its id.
        parent: the token before it, None for the root.
        origin: where it comes from, as of `Document`.
    """

    def __init__(self, token: int, parent: "BranchToken | None", origin: float) -> None:
        self.token, self.parent, self.origin = token, parent, origin
        self.depth: int = 0 if parent is None else parent.depth + 1  # how many tokens up to it
        self.children: list[BranchToken] = []
        self.newest: BranchToken | None = None  # the child that was last part of the text
        self.seed: int | None = None  # of the number that chose it, if one did
        self.conditions: list[object] = []  # that the number chose it under
        self.probability: float | None = None  # when it was last part of the text
        self.visited = 0  # when a text last ended here; a later one has a higher number

    def leaf(self) -> "BranchToken":
        """The end of the branch through this token that was last part of the text."""
        node = self
        while node.newest is not None:
            node = node.newest
        return node

    def path(self) -> "list[BranchToken]":
        """The tokens from the root to this one, the root excluded."""
        found: list[BranchToken] = []
        node = self
        while node.parent is not None:
            found.insert(0, node)
            node = node.parent
        return found


class Branches:
    """The tree, and where the text is in it."""

    def __init__(self) -> None:
        self.root = BranchToken(-1, None, 0.0)
        self.text: list[BranchToken] = []  # the tokens of the text
        self.version = 0  # another one whenever there is something else to draw
        self.said = ""  # about the last replay
        self.conditions: list[object] = []  # that the next tokens are chosen under
        self._ids: list[int] = []  # of `text`

    def follow(
        self,
        ids: "list[int]",
        origins: "list[float]",
        seed: int,
        text_of: "Callable[[list[int]], str]",
    ) -> None:
        """The text has changed: what is new in it becomes a branch.

        Args:
            ids: its tokens.
            origins: where each comes from.
            seed: that of the tokens that were sampled last.
            text_of: the characters of tokens.
        """
        if ids == self._ids:
            return
        same = 0
        if ids[: len(self._ids)] == self._ids:
            same = len(self._ids)  # as it mostly is: something was written behind it
        while same < min(len(ids), len(self._ids)) and ids[same] == self._ids[same]:
            same += 1
        left = self.text[same:]
        self.text, self._ids = self.text[:same], ids
        for place in range(same, len(ids)):
            self._step(ids[place], origins[place], seed, place)
        self.version += 1
        end = self.text[-1] if self.text else self.root
        end.visited = self.version
        if left and self._is_half_typed(left, ids[same:], text_of):
            self._cut(left[-1])
        if left:  # else no branch can have begun
            self._forget(end)

    def begin_sampling(self, model: int, experiment: "Experiment") -> None:
        """The next token is chosen by the model of this number, with these settings."""
        self.conditions = [model]
        self.conditions += [experiment.values[name] for name in CONDITIONS]

    def rate(self, ids: "list[int]", probabilities: "list[float]") -> None:
        """These are the probabilities of the text's tokens now."""
        if ids == self._ids:
            for place, node in enumerate(self.text):
                node.probability = probabilities[place]

    def leaves(self) -> "list[BranchToken]":
        """The ends of all branches, as they stand below each other in a picture."""
        found, waiting = [], [self.root]
        while waiting:
            node = waiting.pop()
            if not node.children:
                found.append(node)
            waiting.extend(reversed(node.children))
        return found

    def run(self, place: int) -> "tuple[int, int] | None":
        """From where to where in the text one seed has written: what is at `place`, or the last.

        place: the index of a token.
        """
        if not 0 <= place < len(self.text) or self.text[place].seed is None:
            sampled = [node.depth - 1 for node in self.text if node.seed is not None]
            if not sampled:
                return None
            place = sampled[-1]
        seed, first, last = self.text[place].seed, place, place + 1
        while first and self.text[first - 1].seed == seed:
            first -= 1
        while last < len(self.text) and self.text[last].seed == seed:
            last += 1
        return first, last

    # ----------------------------------------------------------------------------------------------

    def _step(self, token: int, origin: float, seed: int, place: int) -> None:
        """Go on to the token at `place`, which may be new."""
        before = self.text[-1] if self.text else self.root
        found = [child for child in before.children if child.token == token]
        if not found:
            found = [BranchToken(token, before, -1)]
            before.children.append(found[0])
        node = found[0]
        if node.origin != origin:
            node.origin, node.seed = origin, None
            if origin < 1 and uniform(seed, place) == origin:
                node.seed, node.conditions = seed, self.conditions
        before.newest = found[0]
        self.text.append(found[0])

    def _is_half_typed(
        self,
        left: "list[BranchToken]",
        ids: "list[int]",
        text_of: "Callable[[list[int]], str]",
    ) -> bool:
        """Whether what was left is the same as what is there now, as far as it had been typed.

        With merges, `lo` are other tokens than the beginning of `low`.
        """
        if left[-1].children or not all(node.origin > 1 for node in left):
            return False
        before, now = text_of([node.token for node in left]), text_of(ids)
        return now[: len(before)] == before

    def _forget(self, end: BranchToken) -> None:
        """Forget the oldest branches where there are too many, but not the one of the text."""
        leaves = self.leaves()
        while len(leaves) > MAX_LEAVES:
            others = [leaf for leaf in leaves if leaf is not end]
            oldest = min(others, key=lambda leaf: leaf.visited)
            self._cut(oldest)
            leaves.remove(oldest)

    def _cut(self, leaf: BranchToken) -> None:
        """Forget a branch, as far as no other has part in it and the text is not in it."""
        node = leaf
        while node.parent is not None and not node.children and node not in self.text:
            parent = node.parent
            parent.children.remove(node)
            if parent.newest is node:
                parent.newest = parent.children[-1] if parent.children else None
            node = parent


class Replay:
    """What one seed has written, to be compared with what it writes now.

    Args:
        before: its tokens.
        first: the place in the text that they begin at.
    """

    def __init__(self, before: "list[BranchToken]", first: int) -> None:
        self._before, self._first = before, first

    def end(self, branches: Branches, vocabulary: "list[str]") -> None:
        """Everything is written again: say whether it is the same.

        Args:
            branches: those of the text that is written now.
            vocabulary: the text of each token.
        """
        branches.said = self._words(branches, vocabulary)
        branches.version += 1

    def _words(self, branches: Branches, vocabulary: "list[str]") -> str:
        """Whether the same was written, and if not, why."""
        before = [node.token for node in self._before]
        now = [node.token for node in branches.text[self._first :]]
        if now == before:
            return "The same numbers of the dice have written the same text again."
        place = 0
        while place < min(len(now), len(before)) and now[place] == before[place]:
            place += 1
        was = token_name(vocabulary, before[min(place, len(before) - 1)])
        then, conditions = self._before[0].conditions, branches.conditions
        if then[1:] != conditions[1:]:
            reason = "temperature, top-k or top-p are others now"
        elif then != conditions:
            reason = "another model writes now"
        else:
            reason = "the model has learned since, or is changed in another way"
        return (
            f"The dice showed the same numbers, but from token {self._first + place + 1} on, where "
            f"{was} was, another text came out: {reason}."
        )
