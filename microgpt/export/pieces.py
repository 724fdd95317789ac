"""The pieces of an exported program that are not the package's own functions.

Each is text, and a program has those that its run needs.
"""

from __future__ import annotations

import math
from itertools import chain

from microgpt.bpe import WORD_PATTERN
from microgpt.config import SampleConfig, TrainConfig
from microgpt.export.exported_run import ExportedRun
from microgpt.export.function_writer import plain
from microgpt.export.layout import call_text, constants_text
from microgpt.optimizer import OPTIMIZERS
from microgpt.sampler import MIN_TEMPERATURE
from microgpt.schedules import make_schedule
from microgpt.tokenizer import Tokenizer

VALUE_HEAD = '''\
class Value:
    """A number that records how it was computed; `backward` follows that back to the weights."""

    __slots__ = ("children", "data", "grad", "local_grads")

    def __init__(self, data, children=(), local_grads=()):
        self.data, self.grad = data, 0.0
        self.children, self.local_grads = children, local_grads

'''
BACKWARD_METHOD = '''
    def backward(self, grad=1.0):
        """Add this number's derivative by each that it was computed from, times `grad`."""
        order, seen = [], {self}  # each number behind those that it was computed from
        path = [(self, iter(self.children))]
        while path:
            for child in path[-1][1]:
                if child not in seen:
                    seen.add(child)
                    path.append((child, iter(child.children)))
                    break
            else:
                order.append(path.pop()[0])
        self.grad = grad
        for value in reversed(order):
            for child, local_grad in zip(value.children, value.local_grads, strict=True):
                child.grad += local_grad * value.grad
'''
OPERATIONS_HEAD = '''\
class Operations:
    """What `gpt` is written in: operations on vectors, which are lists of numbers."""

'''
OPERATIONS = "ops = Operations()\n"
MEAN_LOSS = "sum(losses, Value(0.0)) * (1 / len(losses))"
CHARACTER_IDS = "IDS = {character: token for token, character in enumerate(CHARACTERS)}\n"
MERGED_TOKENS = """\
PARTS = [int(token) for token in MERGES.split()]  # of each merged token two, one behind the other
PAIRS = list(zip(PARTS[::2], PARTS[1::2], strict=True))
MERGED_IDS = {pair: len(CHARACTERS) + number for number, pair in enumerate(PAIRS)}
TOKENS = list(CHARACTERS)  # the text of each token but BOS
for left, right in PAIRS:
    TOKENS.append(TOKENS[left] + TOKENS[right])
"""
CHARACTER_TOKENS = "TOKENS = CHARACTERS  # the text of each token but BOS\n"
CHARACTER_TOKEN_IDS = '''\
def token_ids(text):
    """The tokens of a text: its characters."""
    return [IDS[character] for character in text]
'''
BPE_TOKEN_IDS = f'''\
def token_ids(text):
    """The tokens of a text: those of its words, each with the space before it (BPE)."""
    tokens = []
    for word in re.findall(r"{WORD_PATTERN.pattern}", text):
        tokens += merged([IDS[character] for character in word], MERGED_IDS, BOS)
    return tokens
'''
DECODE = '''\
def decode(tokens):
    """The text of tokens; BOS, which begins and ends a document, has none."""
    return "".join(TOKENS[token] for token in tokens if token != BOS)
'''
COUNTED_FROM = '''\
def counted_from(sequence):
    """The position of the first prediction that counts in the loss; None if none does."""
    return first_counted(sequence, MASK, decode, config.block_size)
'''
ENCODE = '''\
def encode(document):
    """The sequence of tokens that a document is trained on as."""
    return [[BOS, *token_ids(document), BOS]]
'''
ENCODED_CHARACTERS = "[BOS, *map(CHARACTERS.index, document), BOS]"
ENCODE_CHARACTERS = f'''\
def encode(document):
    """The sequence that a document is trained on as: its characters, with BOS around them."""
    return [{ENCODED_CHARACTERS}]
'''
ENCODE_WINDOWS = '''\
def encode(document):
    """The sequences that a piece of one long text is trained on as: a context of tokens each."""
    tokens = token_ids(document)
    starts = range(0, len(tokens), config.block_size)
    return [[BOS, *tokens[start : start + config.block_size]] for start in starts]
'''


def settings_of_tokenizer(tokenizer: Tokenizer) -> str:
    """The alphabet, the merges if there are any, and BOS."""
    values: dict[str, object] = {"CHARACTERS": "".join(tokenizer.characters)}
    if tokenizer.merges:
        values["MERGES"] = " ".join(map(str, chain.from_iterable(tokenizer.merges)))
    return constants_text({**values, "BOS": tokenizer.bos})


def tokenizer_parts(tokenizer: Tokenizer, is_plain: bool) -> list[str]:
    """The definitions that turn text into tokens and back; for what `is_plain` none are needed."""
    if is_plain:
        return []
    if tokenizer.merges:
        return [MERGED_TOKENS, CHARACTER_IDS, BPE_TOKEN_IDS, DECODE]
    return [CHARACTER_TOKENS, CHARACTER_IDS, CHARACTER_TOKEN_IDS, DECODE]


def encode_part(windowed: bool, is_plain: bool) -> str:
    """The function that makes sequences of a document."""
    if is_plain:
        return ENCODE_CHARACTERS
    return ENCODE_WINDOWS if windowed else ENCODE


def losses_part(masked: bool) -> str:
    """The function that runs the model over a sequence."""
    words, first = "each prediction", ""
    loss = "yield ops.softmax(logits)[target].log() * -1"
    if masked:
        words, first = "each prediction behind the mark", "    first = counted_from(sequence)\n"
        loss = f"if position >= first:\n            {loss}"
    return f'''\
def losses_of(weights, sequence):
    """The loss of {words}, up to the context length."""
    caches = defaultdict(list)
{first}    for position, target in enumerate(sequence[1 : config.block_size + 1]):
        logits = gpt(ops, config, weights, sequence[position], position, caches)
        {loss}
'''


def schedule_parts(training: TrainConfig) -> tuple[dict[str, object], str]:
    """The constants of a run's schedule, and the lines that compute the learning rate of a step."""
    schedule = make_schedule(training, 0, training.num_steps)
    constants: dict[str, object] = {}
    lines, factors = [], []
    if schedule.warmup_steps:
        constants["WARMUP_STEPS"] = schedule.warmup_steps
        lines.append("rise = (step + 1) / (WARMUP_STEPS + 1)")
        factors.append("rise")
    if schedule.decay_begin == 0 and schedule.decay_steps == training.num_steps:
        lines.append("fall = 1 - step / NUM_STEPS")
        factors.append("fall")
    elif math.isfinite(schedule.decay_begin):
        constants["DECAY_BEGIN"], constants["DECAY_STEPS"] = (
            schedule.decay_begin,
            schedule.decay_steps,
        )
        lines.append("fall = min(max(1 - (step - DECAY_BEGIN) / DECAY_STEPS, 0.0), 1.0)")
        factors.append("fall")
    if schedule.cosine and "fall" in factors:
        lines.append("fall = math.sin(math.pi / 2 * fall) ** 2")
    factor = f"min({', '.join([*factors, '1.0'][:2])})" if "rise" in factors else "".join(factors)
    lines.append(f"rate = LEARNING_RATE * {factor}" if factor else "rate = LEARNING_RATE")
    if lines[-2:-1] == ["fall = 1 - step / NUM_STEPS"] and factor == "fall":
        lines[-2:] = ["rate = LEARNING_RATE * (1 - step / NUM_STEPS)"]
    return constants, "".join(f"        {line}\n" for line in lines)


def train_part(training: TrainConfig, rate: str, with_losses: bool) -> str:
    """The training loop.

    Args:
        training: the settings.
        rate: the lines that compute the learning rate.
        with_losses: whether there is a function for the losses.
    """
    optimizer = OPTIMIZERS[training.optimizer]
    slots, hyperparameters = len(optimizer.slots), optimizer.hyperparameters
    state = ", ".join(["[0.0] * len(flat)"] * slots) + ("," if slots == 1 else "")
    gradients = "[value.grad for value in flat]"
    if training.clip:
        gradients = f"clipped({gradients}, CLIP)"
    given = [f"{name}={name.upper()}" for name in hyperparameters]
    update = call_text(
        f"        updates, state = {plain(optimizer.form.__name__)}",
        ["state", "now", "gradients", "rate", "step", *given],
    )
    losses = """\
        losses = list(losses_of(weights, sequences[step % len(sequences)]))
"""
    if not with_losses:
        losses = """\
        tokens, caches, losses = sequences[step % len(sequences)], defaultdict(list), []
        for position, target in enumerate(tokens[1 : config.block_size + 1]):
            logits = gpt(ops, config, weights, tokens[position], position, caches)
            losses.append(ops.softmax(logits)[target].log() * -1)
"""
    document = f"""\
{losses}\
        loss = {MEAN_LOSS}
        loss.backward()
"""
    batch = f"""\
        batch = []
        for number in range(step * BATCH_SIZE, (step + 1) * BATCH_SIZE):
            losses = list(losses_of(weights, sequences[number % len(sequences)]))
            loss = {MEAN_LOSS}
            loss.backward(1 / BATCH_SIZE)
            batch.append(loss.data)
        loss = {MEAN_LOSS.replace("losses", "batch")}
"""
    return f'''\
def train(weights, sequences):
    """Yield the loss of each step: forward, backward, update."""
    flat = [value for matrix in weights.values() for row in matrix for value in row]
    state = ({state})  # of the optimizer
    for step in range(NUM_STEPS):
{document if training.batch_size == 1 else batch}\

{rate}        now = [value.data for value in flat]
        gradients = {gradients}
{update}        if not all(map(math.isfinite, updates)):
            raise OverflowError("an update is not a finite number")
        for value, update in zip(flat, updates, strict=True):
            value.data -= update
            value.grad = 0.0
        yield loss.data
'''


def needs_truncated(run: ExportedRun) -> bool:
    """Whether only the likeliest tokens are drawn from."""
    sampling = run.sampling
    return bool(sampling.temperature and (sampling.top_k or sampling.top_p < 1))


def sampling_settings(run: ExportedRun) -> dict[str, object]:
    """The constants of writing."""
    sampling = run.sampling
    settings: dict[str, object] = {"NUM_SAMPLES": run.num_samples}
    if sampling.temperature:
        settings["TEMPERATURE"] = max(sampling.temperature, MIN_TEMPERATURE)
    if needs_truncated(run):
        settings |= {"TOP_K": sampling.top_k, "TOP_P": sampling.top_p}
    return settings


def begin_text(begin: str) -> str:
    """The expression of what a sample begins with, as a further argument."""
    return f", {begin}" if begin else ""


def write_part(sampling: SampleConfig, begins: bool, numbers: str, is_plain: bool) -> str:
    """The function that writes a document.

    Args:
        sampling: how.
        begins: whether it is given tokens to begin with.
        numbers: what makes a plain number of one of the program's: `.data`, or nothing.
        is_plain: whether tokens are characters, and BOS the first token alone.
    """
    tokens, argument = ("[BOS, *begin]", ", begin") if begins else ("[BOS]", "")
    given = (
        """\
        if position + 1 < len(tokens):
            continue  # given, not written
"""
        if begins
        else ""
    )
    if sampling.temperature == 0:
        choose = f"""\
        numbers = [logit{numbers} for logit in logits]
        token = numbers.index(max(numbers))
"""
    else:
        probs = "ops.softmax([logit * TEMPERATURE**-1 for logit in logits])"
        choose = f"        probs = {f'[prob{numbers} for prob in {probs}]' if numbers else probs}\n"
        if sampling.top_k or sampling.top_p < 1:
            choose += "        probs = truncated(probs, TOP_K, TOP_P)\n"
        choose += "        token = random.choices(range(len(probs)), weights=probs)[0]\n"
    return f'''\
def write(weights{argument}):
    """One document, token by token, until the model ends it or the context is full."""
    caches, tokens = defaultdict(list), {tokens}
    for position in range(config.block_size):
        logits = gpt(ops, config, weights, tokens[position], position, caches)
{given}{choose}        if token == BOS:
            break
        tokens.append(token)
    return {'"".join(CHARACTERS[token] for token in tokens[1:])' if is_plain else "decode(tokens)"}
'''
