"""Arithmetic: one number of the model, and how it is computed, down to the weights."""

from app.page.aliases import JsProxy
from app.page.inside.callbacks import ViewCallbacks
from app.page.inside.moment import Moment
from app.page.inside.step_names import StepNames
from app.page.inside.step_tree import StepTree
from app.page.views.dom import HtmlPlace, listen, write_html
from app.page.views.tiles import escape, glyph
from app.shared.inside import ArithmeticRequest, ArithmeticResult, StepFields

QUANTITIES = (
    ("probability", "Probability"),
    ("logit", "Logit"),
    ("loss", "Loss"),
    ("score", "Score of a head"),
    ("attention", "Attention of a head"),
)
OF_HEADS = ("score", "attention")
OWN_CHOICE = -1  # in a list of tokens or places: whatever the moment offers


class ArithmeticView:
    """The view.

    Args:
        body: the element to draw in.
        callbacks: the page.
    """

    def __init__(self, body: JsProxy, callbacks: ViewCallbacks) -> None:
        write_html(
            body,
            f'<div class="quantity">{select_html("number", "Number", options_html(QUANTITIES))}'
            f"{select_html('token', 'of the token', '')}{select_html('head', 'which', '')}"
            f'{select_html("place", "for", "")}</div><div class="step-tree"></div>',
        )
        fields, tree = list(body.children)
        self._kind, self._token, self._head, self._place = [
            field.lastElementChild for field in list(fields.children)
        ]
        self._callbacks = callbacks
        self._names = StepNames([], [], "", 1)
        self._steps = StepTree(tree, self._name, callbacks.ask)
        choices = {"token": self._token, "head": self._head, "place": self._place}
        self._lists = {name: HtmlPlace(choice) for name, choice in choices.items()}
        self._heads = [("", 0)]  # the attention and the head of each option
        listen(fields, "change", lambda event: self._choose())
        self._show_fields()

    def request(self, moment: Moment) -> ArithmeticRequest:
        """Ask for the steps that are open."""
        vocabulary = moment.vocabulary
        tokens = [(OWN_CHOICE, "what follows, or the likeliest")]
        tokens += [(token, glyph(vocabulary, token)) for token in range(len(vocabulary) + 1)]
        self._fill("token", self._token, tokens)
        places = [(OWN_CHOICE, "the newest token")]
        names = StepNames(vocabulary, moment.tokens, "", 1)
        places += [(place, names.place(place)) for place in range(moment.position + 1)]
        self._fill("place", self._place, places)
        token = int(self._token.value)
        if token == OWN_CHOICE and moment.following is not None:
            token = moment.following
        attention, head = self._heads[int(self._head.value or 0)]
        return ArithmeticRequest(
            kind=self._kind.value,
            token=token,
            attention=attention,
            head=head,
            place=int(self._place.value),
            open=self._steps.open,
            whole=self._steps.whole,
        )

    def show(self, result: ArithmeticResult, moment: Moment) -> None:
        """Draw the steps."""
        layers = moment.model["config"]["n_layer"]
        heads: list[tuple[str, int]] = []
        labels: list[tuple[int, str]] = []
        for attention in result["attentions"]:
            for head in range(attention["heads"]):
                words = f"head {head}"
                if layers > 1:
                    words = f"layer {attention['name'].split('.')[0][5:]}, {words}"
                labels.append((len(heads), words))
                heads.append((attention["name"], head))
        self._heads = heads or [("", 0)]
        self._fill("head", self._head, labels)
        read = moment.tokens[: moment.position]
        names = StepNames(moment.vocabulary, read, "", layers)
        root = root_words(names, self._kind.value, result)
        self._names = StepNames(moment.vocabulary, read, root, layers)
        self._steps.show(result["steps"])

    def close(self) -> None:
        """There is nothing to stop."""

    def _name(self, step: StepFields, above: "StepFields | None") -> str:
        return self._names.name(step, above)

    def _choose(self) -> None:
        """Another number has been chosen."""
        self._steps.begin()
        self._show_fields()
        self._callbacks.ask()

    def _show_fields(self) -> None:
        of_head = self._kind.value in OF_HEADS
        for field in (self._head, self._place):
            field.parentElement.hidden = not of_head
        self._token.parentElement.hidden = of_head

    def _fill(self, name: str, field: JsProxy, options: "list[tuple[int, str]]") -> None:
        """Give a list other options, if they are others; the choice stays where it can."""
        chosen = field.value
        is_new = self._lists[name].write(options_html(options))
        if is_new and chosen and int(chosen) <= options[-1][0]:
            field.value = chosen


def root_words(names: StepNames, kind: str, result: ArithmeticResult) -> str:
    """What the number is called."""
    if kind in OF_HEADS:
        what = "score" if kind == "score" else "attention"
        return f"{what} of head {result['head']} for {names.place(result['place'])}"
    token = names.token(result["token"])
    return f"loss if {token} comes" if kind == "loss" else f"{kind} of {token}"


def options_html(options: "tuple[tuple[object, str], ...] | list[tuple[int, str]]") -> str:
    """The options of a list."""
    return "".join(
        [f'<option value="{value}">{escape(words)}</option>' for value, words in options]
    )


def select_html(name: str, label: str, options: str) -> str:
    """A list to choose from, with a word before it."""
    title = name[0].upper() + name[1:]
    return (
        f'<label class="quantity-{name}"><span aria-hidden="true">{label}</span> '
        f'<select aria-label="{title}">{options}</select></label>'
    )
