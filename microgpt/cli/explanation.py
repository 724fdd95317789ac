"""Why a model expects what it expects after a text: votes, attention and lens, as data or tables.

The analyses are those of `interpret/`; the module knows nothing of files or options.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from microgpt.cli.terminal import one_line
from microgpt.engine import Engine
from microgpt.generators import drain
from microgpt.interpret.ablation import activation_means, patches_of, sources_of
from microgpt.interpret.lens import lens
from microgpt.interpret.parts import anatomy
from microgpt.interpret.votes import votes
from microgpt.sampler import softmax
from microgpt.settings import SettingError
from microgpt.tokenizer import Tokenizer

BOS_TEXT = "<bos>"
MAX_SHOWN_TOKENS = 10
MAX_SHOWN_POSITIONS = 12  # of attention, in a table
MAX_SHOWN_GUESSES = 3  # of a stage of the lens


def explain(
    engine: Engine,
    tokenizer: Tokenizer,
    text: str,
    without: Sequence[str] = (),
    documents: Iterable[Sequence[int]] | None = None,
) -> dict[str, Any]:
    """What the model computes after `text`, as data for JSON.

    Args:
        engine: the model.
        tokenizer: its own.
        text: what it reads after BOS.
        without: names of parts that are switched off.
        documents: their mean over these takes their place; None: nothing does.

    Returns:
        `tokens` that it reads, as texts; `logits` and `probs` of the next token, (vocab_size,);
        `votes`, a list of `{part, logits}` that adds up to `logits`; `attention` of the newest
        token, [layer][head][position]; `lens`, a list of `{stage, probs}`.

    Raises:
        UnknownCharacterError: the text has a character that the model does not know.
        SettingError: the text does not fit into the context, or there is no part of a name.
    """
    tokens = [tokenizer.bos, *tokenizer.encode_prefix(text)]
    block_size = engine.config.block_size
    if len(tokens) > block_size:
        raise SettingError(
            f"The text must be shorter than the context length of {block_size}, "
            f"but has {len(tokens) - 1} tokens."
        )
    parts = anatomy(engine.config)
    means = None
    if documents is not None:
        sources = sources_of(parts, without)
        means = drain(activation_means(engine, documents, sources))
    made = engine.patched(patches_of(parts, without, means)).activations(tokens)
    weights, newest = engine.weights(), len(tokens) - 1
    logits = made.vector(parts.logits.name, newest)
    names = token_texts(tokenizer)
    return {
        "tokens": [names[token] for token in tokens],
        "logits": logits,
        "probs": softmax(logits),
        "votes": [
            {"part": part, "logits": vote} for part, vote in votes(parts, made, weights, newest)
        ],
        "attention": [made.attention(name, newest) for name in parts.attentions],
        "lens": [
            {"stage": stage, "probs": probs} for stage, probs in lens(parts, made, weights, newest)
        ],
    }


def token_texts(tokenizer: Tokenizer) -> list[str]:
    """The text of each token by id, (vocab_size,)."""
    return [*tokenizer.tokens, BOS_TEXT]


def explanation_text(
    explained: dict[str, Any], names: Sequence[str], without: Sequence[str], data: str
) -> str:
    """The tables for people.

    Args:
        explained: as `explain` returns it.
        names: the text of each token.
        without: the parts that are switched off.
        data: the name of the data whose means are in their place; "" for zeros.
    """
    probs, logits = explained["probs"], explained["logits"]
    order = sorted(range(len(probs)), key=probs.__getitem__, reverse=True)
    first, second = order[0], order[1]
    lines = [f"text: {' '.join(map(_shown, explained['tokens']))}"]
    if without:
        instead = f"in their place their means over {one_line(data)}" if data else "by zero"
        lines.append(f"without: {one_line(', '.join(without))} ({instead})")
    lines += ["", "next token  probability   logit"]
    for token in order[:MAX_SHOWN_TOKENS]:
        lines.append(f"{_shown(names[token]):10} {probs[token]:11.2%} {logits[token]:8.3f}")

    one, other = _shown(names[first]), _shown(names[second])
    lines += ["", f"votes: what each part adds to the logit of {one}, and to its lead over {other}"]
    rows = [
        (vote["logits"][first], vote["logits"][first] - vote["logits"][second], vote["part"])
        for vote in explained["votes"]
    ]
    rows.sort(key=lambda row: abs(row[0]), reverse=True)
    rows.append((logits[first], logits[first] - logits[second], "= all parts"))
    lines += [f"{vote:+9.3f} {lead:+9.3f}  {part}" for vote, lead, part in rows]

    places = explained["tokens"][-MAX_SHOWN_POSITIONS:]
    cut = ", the newest tokens" if len(places) < len(explained["tokens"]) else ""
    lines += ["", f"attention: how much of each token the heads read, in percent{cut}"]
    lines.append("            " + "".join(f"{_shown(place):>7}" for place in places))
    for layer, heads in enumerate(explained["attention"]):
        for head, weights in enumerate(heads):
            shares = "".join(f"{100 * weight:7.1f}" for weight in weights[-MAX_SHOWN_POSITIONS:])
            lines.append(f"{f'layer{layer}.head{head}':12}{shares}")

    lines += ["", "lens: what the model would say if it stopped after a stage"]
    for stage in explained["lens"]:
        likeliest = sorted(range(len(probs)), key=stage["probs"].__getitem__, reverse=True)[
            :MAX_SHOWN_GUESSES
        ]
        guesses = ", ".join(f"{_shown(names[t])} {stage['probs'][t]:.1%}" for t in likeliest)
        lines.append(f"{stage['stage']:17} {guesses}")
    return "\n".join(lines)


def _shown(token: str) -> str:
    """A token on a line, in quotes if it has spaces at an end."""
    return one_line(token if token == token.strip() else repr(token))
