"""Branches: the tree of what was written, to walk through; the dice write a branch again."""

from app.page.aliases import JsProxy
from app.page.branches import Branches, BranchToken
from app.page.inside.callbacks import ViewCallbacks
from app.page.inside.kit import BEGIN, attributes
from app.page.inside.moment import Moment
from app.page.inside.tree import Tree
from app.page.views.dom import listen, set_text, write_html
from app.page.views.tiles import escape, glyph, percent, quoted, spoken
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from app.shared.typed import ViewData

MAX_REFRESHED = 300  # tokens: of a larger tree the probabilities follow with the next change only


class BranchesView:
    """The view.

    Args:
        body: the element to draw in.
        callbacks: the page.
    """

    def __init__(self, body: JsProxy, callbacks: ViewCallbacks) -> None:
        write_html(
            body,
            '<div class="branch-tree" role="tree" tabindex="0" aria-label="Branches of the text: '
            'arrow keys walk through it, Enter goes there"></div>'
            '<p class="branch-legend"><span class="tile small-tile sampled">a</span> written by '
            'the dice <span class="tile small-tile">a</span> written by you '
            '<span class="tile small-tile on-path">a</span> the text as it stands</p>'
            '<p class="view-said branch-run"><span></span> '
            '<button type="button" class="small">Replay</button></p>'
            '<p class="view-said branch-said" aria-live="polite"></p>',
        )
        tree, _, self._run, self._said = list(body.children)
        self._callbacks = callbacks
        self._tree = Tree(tree, self._go, self._visit)
        self._nodes: list[BranchToken] = []  # as they are drawn; an item bears its index
        self._rows: list[int] = []  # of each the row that it stands in
        self._drawn: tuple[Branches, int, int] | None = None
        listen(self._run.querySelector("button"), "click", lambda event: callbacks.replay())

    def request(self, _moment: Moment) -> None:
        """The worker is not asked: the page has recorded everything."""

    def show(self, _result: "ViewData", moment: Moment) -> None:
        """Draw the tree, and what can be replayed."""
        branches = moment.branches
        drawn = (branches, branches.version, moment.caret)
        if drawn != self._drawn or len(self._nodes) <= MAX_REFRESHED:
            active = self._nodes[int(self._tree.active)] if self._tree.active else None
            self._lay_out(branches)
            current = branches.text[moment.caret - 1] if moment.caret else branches.root
            if drawn != self._drawn or active not in self._nodes:
                active = current
            self._tree.active = str(self._nodes.index(active)) if active in self._nodes else "0"
            self._tree.show(self._html(moment, current))
            self._drawn = drawn
        run = branches.run(moment.caret - 1)
        self._run.classList.toggle("without", run is None)
        if run is not None:
            words = run_words(moment.vocabulary, branches.text[run[0] : run[1]])
            set_text(self._run.firstElementChild, words)
        set_text(self._said, branches.said)

    def close(self) -> None:
        """There is nothing to stop."""

    # ----------------------------------------------------------------------------------------------

    def _lay_out(self, branches: Branches) -> None:
        """The first child of a token stands in its row, each further one begins another."""
        self._nodes, self._rows = [], []
        row, waiting = 0, [(branches.root, False)]
        while waiting:
            node, is_fork = waiting.pop()
            row += is_fork
            self._nodes.append(node)
            self._rows.append(row)
            children = [(child, number > 0) for number, child in enumerate(node.children)]
            waiting.extend(reversed(children))

    def _html(self, moment: Moment, current: BranchToken) -> str:
        vocabulary, path = moment.vocabulary, [moment.branches.root] + moment.branches.text
        row_of = {}
        items = []
        for index, node in enumerate(self._nodes):
            row = self._rows[index]
            row_of[id(node)] = row
            up = row - row_of[id(node.parent)] if node.parent is not None else 0
            on_path = node.depth < len(path) and path[node.depth] is node
            kind = "tile small-tile branch"
            for name, is_so in (
                ("sampled", node.seed is not None),
                ("on-path", on_path),
                ("current", node is current),
                ("fork", up > 0),
                ("end", node.parent is None or node.token == len(vocabulary)),
            ):
                if is_so:
                    kind += " " + name
            words = node_words(vocabulary, node)
            lights: dict[str, object] = {"token": node.token} if node.parent is not None else {}
            if on_path:
                lights["place"] = node.depth
            state = ' aria-current="true"' if node is current else ""
            siblings = [node] if node.parent is None else node.parent.children
            shown = BEGIN if node.parent is None else escape(glyph(vocabulary, node.token))
            share = node.probability or 0
            items.append(
                f'<span role="treeitem" id="branch-{index}" data-at="{index}" class="{kind}"'
                f' aria-level="{node.depth + 1}" aria-setsize="{len(siblings)}"'
                f' aria-posinset="{siblings.index(node) + 1}" aria-label="{quoted(words)}"{state}'
                f'{attributes(words, lights)} data-style="--row: {row + 1};'
                f" --column: {node.depth + 1}; --up: {up}; --share: {share:.4f}"
                f'"><i class="branch-ink"></i>{shown}</span>'
            )
            if not node.children and node.seed is not None:
                items.append(
                    f'<span class="branch-seed" aria-hidden="true" data-style="--row: {row + 1};'
                    f' --column: {node.depth + 2}">seed {node.seed}</span>'
                )
        return "".join(items)

    def _go(self, key: str, at: str) -> str:
        """The token that a key leads to."""
        place = int(at) if at else 0
        if place >= len(self._nodes):
            return "0"
        node, row = self._nodes[place], self._rows[place]
        there: BranchToken | None = None
        if key == "ArrowLeft":
            there = node.parent
        elif key == "ArrowRight":
            there = node.children[0] if node.children else None
        elif key == "Home":
            there = self._nodes[0]
        elif key == "End":
            there = node.leaf()
        else:
            step = 1 if key == "ArrowDown" else -1
            near = [
                other
                for index, other in enumerate(self._nodes)
                if self._rows[index] == row + step and (step > 0 or other.depth <= node.depth)
            ]
            if near:
                there = min(near, key=lambda other: abs(other.depth - node.depth))
        return str(self._nodes.index(there)) if there is not None else str(place)

    def _visit(self, at: str) -> None:
        self._callbacks.visit(self._nodes[int(at)])


def node_words(vocabulary: "list[str]", node: BranchToken) -> str:
    """What is said about a token of the tree."""
    if node.parent is None:
        return "begin: the place before the first token"
    words = spoken(vocabulary, node.token)
    if node.probability is not None:
        words += f", {percent(node.probability)}"
    if node.seed is None:
        words += ", written by you" if node.origin >= 1 else ", written by the dice"
    else:
        words += f", written by the dice: {node.origin:.3f}, seed {node.seed}"
    if len(node.children) > 1:
        words += f", {len(node.children)} branches follow"
    return words


def run_words(vocabulary: "list[str]", run: "list[BranchToken]") -> str:
    """What can be replayed."""
    text = "".join([glyph(vocabulary, node.token) for node in run if node.token < len(vocabulary)])
    end = " and the end" if run[-1].token == len(vocabulary) else ""
    if not text:
        return f"The dice wrote the end with seed {run[0].seed}."
    return f"The dice wrote “{text}”{end} with seed {run[0].seed}."
