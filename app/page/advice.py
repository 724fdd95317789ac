"""What came of a run in words, and the one change that most likely helps the next.

Plain Python that MicroPython understands.
"""

from math import exp

from app.page import notices
from app.page.series import LossSeries
from app.shared.typed import TYPE_CHECKING, SettingValues
from microgpt.settings import setting

if TYPE_CHECKING:
    from app.page.run import RunRecord

BETTER_BY = 0.05  # of loss, less than which may be chance
BY_HEART = 0.35  # of loss, by which held-out documents are clearly worse
RISEN = 0.1  # of loss, above the lowest of the held-out ones
FIRST_STEPS = 1000  # fewer are a beginning
STEPS_ROUNDED = 100
FOUND = 0.9  # the share of a task that is right once its rule is found
BY_HEART_SHARE = 0.3  # of lines, that are more in training than in the test
LOST_SHARE = 0.15  # of a task that was right before
SLOWER = 2.0  # by which a learning rate is divided, at least
# What a change is called on its button; {} is the new value.
LABELS = {
    "learning_rate": "Try learning rate {}",
    "n_embd": "Try an embedding of {}",
    "num_steps": "Try {} steps",
}


class Suggestion:
    """What to try next.

    Args:
        words: a sentence or two.
        changes: the settings that it comes to; none where nothing need be changed.
        longer: whether the model is to be trained on with them, in place of a new run.
    """

    def __init__(self, words: str, changes: SettingValues, longer: bool = False) -> None:
        self.words, self.changes, self.longer = words, changes, longer

    @property
    def label(self) -> str:
        """What its button says; "" for none."""
        for name, value in self.changes.items():
            words = setting(name).words(value)
            return f"Train {words} more steps" if self.longer else LABELS[name].format(words)
        return ""


def verdict(series: LossSeries, settings: SettingValues) -> str:
    """How a finished run went, and what to try next."""
    first, final = series.first, series.smoothed
    went = "fell" if final < first else "went"
    words = f"The loss {went} from {first:.2f} to {final:.2f} (smoothed)."
    if not series.accuracy and final <= series.guessing - BETTER_BY:
        bpe = series.chars_per_token > 1
        if series.learned is None:  # which says more
            words += (
                f" On average the model now wavers between about {exp(final):.0f} "
                f"{'tokens' if bpe else 'characters'} instead of {exp(series.guessing):,.0f}."
            )
        if series.other_tokens_loss is not None:
            words += (
                f" That is a loss of {series.loss_per_char:.2f} for each character; the last run "
                f"on other tokens came to {series.other_tokens_loss:.2f}."
            )
        elif bpe:
            words += (
                f" That is a loss of {series.loss_per_char:.2f} for each character, the figure to "
                "compare with a run on other tokens."
            )
    parts = [words, passed_words(series), learned_words(series), advise(series, settings).words]
    return " ".join([part for part in parts if part])


def returned(run: "RunRecord") -> str:
    """What to say of a run that is from an earlier visit, or from a file."""
    words = [notices.opened(run.opened, run.step, run.data_name)] if run.opened else []
    if run.complete and run.series.known:
        words.append(verdict(run.series, run.settings_now))
    elif not run.complete:
        words.append(notices.back(run.step, bool(run.opened)))
    return " ".join(words)


def passed_words(series: LossSeries) -> str:
    """Which baseline the model has passed, and when; "" where nothing is held out."""
    if not (series.baselines and series.held_out):
        return ""
    passed = ""
    for name, loss in series.baselines:  # the easiest first
        steps = [step for step, held_out in series.held_out if held_out < loss]
        if steps:
            passed = f"It has passed the {name}s at step {steps[0]:,}."
    return passed or "It knows less yet than how often each token comes."


def learned_words(series: LossSeries) -> str:
    """Whether it has learned its data by heart; "" where that is not known, or its test says it."""
    learned = series.learned
    if learned is None or (series.accuracy and series.accuracy[-1][1] > FOUND):
        return ""
    words = {
        "learning": "It learns, and does not memorise",
        "between": "It learns, and memorises a little",
        "memorising": "It memorises",
    }.get(learned["gap"], "")
    if learned["gap"] not in ("", "learning"):
        words += (
            f": unseen lines cost {learned['held_out_loss']:.2f}, seen ones "
            f"{learned['train_loss']:.2f}"
        )
    if learned["whole"]:
        share = f"{learned['in_data']:.0%} of the lines that it writes stand in the data"
        mark = ";" if ":" in words else ":"
        words = f"{words}{mark} {share}" if words else share[0].upper() + share[1:]
    return f"{words}." if words else ""


def advise(series: LossSeries, settings: SettingValues) -> Suggestion:
    """What to try after a run with these settings."""
    final, rate = series.smoothed, float(settings["learning_rate"])
    if series.accuracy:
        return _advise_on_task(series, settings)
    if final > series.guessing - BETTER_BY:
        usual = float(setting("learning_rate").page_default)
        changes: SettingValues = _slower(rate) if rate >= usual else {"learning_rate": usual}
        return Suggestion("That is no better than guessing: try another learning rate.", changes)
    held_out = series.held_out[-1][1] if series.held_out else None
    learned = series.learned
    by_heart = learned is not None and learned["gap"] == "memorising"
    if held_out is not None and (by_heart or held_out - final > BY_HEART):
        return Suggestion(
            f"On lines that it has not seen it does worse ({held_out:.2f}): it learns its data by "
            "heart. More data or a smaller model would help.",
            _other_width(settings, -1),
        )
    if held_out is not None:
        best, step = min([(loss, step) for step, loss in series.held_out])
        if held_out - best > RISEN:
            words = "On lines that it has not seen it was better before: fewer steps would do."
            return Suggestion(words, {"num_steps": max(STEPS_ROUNDED, rounded(step))})
    if series.num_steps < FIRST_STEPS:
        words = "It has only just begun: more steps should bring it further."
        return Suggestion(words, {"num_steps": FIRST_STEPS}, True)
    wider = _other_width(settings, 1)
    if final > 0.8 * series.guessing:
        words = "There is more to learn: try more steps or a larger embedding."
        return Suggestion(words, wider or {"num_steps": rounded(2 * series.num_steps)})
    return Suggestion("Now step through what it writes, or try a larger embedding.", wider)


def _advise_on_task(series: LossSeries, settings: SettingValues) -> Suggestion:
    share = series.accuracy[-1][1]
    best = max([share for _, share in series.accuracy])
    words = f"In the test, {share:.0%} was right."
    if share > FOUND:
        found = "It has found the rule: give it a prefix, and step through what it writes."
        return Suggestion(f"{words} {found}", {})
    if share < best - LOST_SHARE:
        before = f"Before, it was {best:.0%}: a smaller learning rate might keep it there."
        return Suggestion(f"{words} {before}", _slower(float(settings["learning_rate"])))
    trained = series.train_accuracy
    if trained and trained[-1][1] - share > BY_HEART_SHARE:
        by_heart = (
            f"Of what it has learned from it knows {trained[-1][1]:.0%}, by heart so far: train it "
            "longer, the rule may come later, and suddenly."
        )
        return Suggestion(f"{words} {by_heart}", {"num_steps": rounded(series.num_steps)}, True)
    more = "More steps, a larger batch, a larger embedding or another layer would help."
    return Suggestion(f"{words} {more}", {"num_steps": rounded(series.num_steps)}, True)


def rounded(steps: float) -> int:
    """Steps as they can be set, about as many."""
    row = setting("num_steps")
    size = STEPS_ROUNDED * max(1, round(steps / STEPS_ROUNDED))
    if row.span is None or size <= row.span[1]:
        return size
    return int(min([stop for stop in row.beyond if stop >= size] or [max(row.beyond)]))


def _slower(rate: float) -> SettingValues:
    """The next clearly smaller learning rate."""
    stops = setting("learning_rate").stops
    return {"learning_rate": max([stop for stop in stops if stop <= rate / SLOWER] or [min(stops)])}


def _other_width(settings: SettingValues, direction: int) -> SettingValues:
    """The next larger or smaller embedding, if there is one."""
    width, heads = int(settings["n_embd"]), int(settings["n_head"])
    stops = [int(stop) for stop in setting("n_embd").stops if stop % heads == 0]
    others = [stop for stop in stops if (stop - width) * direction > 0]
    if not others:
        return {}
    return {"n_embd": min(others) if direction > 0 else max(others)}
