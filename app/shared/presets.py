"""The data sets that come with the playground, as one table.

Plain Python that MicroPython understands.
"""

from app.shared.preset import RECOMMENDED_SETTINGS as RECOMMENDED_SETTINGS
from app.shared.preset import Preset as Preset

PRESETS = (  # a tuple, since dictionaries of MicroPython keep no order; the default comes first
    Preset(
        name="us-names",
        title="US first names",
        group="Names",
        description="First names given to five or more babies in the United States in 2017.",
        n_docs=29910,
        noun="name",
        recommended=(32, 4, 1, 16, 0.01, 3000, 16, 0.6),
    ),
    Preset(
        name="baby-names",
        title="Simple baby names",
        group="Names",
        description="Fifty short, common names that a small model soon knows by heart.",
        n_docs=50,
        noun="name",
        recommended=(16, 4, 1, 8, 0.02, 300, 8, 0.6),
    ),
    Preset(
        name="japanese-names",
        title="Japanese first names",
        group="Names",
        description="What women and men in Japan are called, in hiragana.",
        n_docs=9208,
        noun="name",
        recommended=(32, 4, 1, 8, 0.01, 2000, 16, 0.6),
    ),
    Preset(
        name="icelandic-names",
        title="Icelandic first names",
        group="Names",
        description="What women and men in Iceland are called, with letters such as ð and þ.",
        n_docs=3967,
        noun="name",
        recommended=(32, 4, 2, 16, 0.01, 1000, 16, 0.6),
    ),
    Preset(
        name="pokemon",
        title="Pokémon names",
        group="Names",
        description="The English names of the Pokémon, from Bulbasaur to Pecharunt.",
        n_docs=1023,
        noun="name",
        recommended=(32, 4, 1, 16, 0.01, 500, 8, 0.6),
    ),
    Preset(
        name="pokemon-japanese",
        title="Pokémon in Japanese",
        group="Names",
        description="The same creatures in katakana, from フシギダネ to モモワロウ.",
        n_docs=1025,
        noun="name",
        recommended=(32, 4, 1, 8, 0.01, 500, 8, 0.6),
    ),
    Preset(
        name="dinosaurs",
        title="Dinosaurs",
        group="Names",
        description="What dinosaurs are called in science, from Aardonyx to Zuul.",
        n_docs=1284,
        noun="name",
        recommended=(32, 4, 1, 32, 0.01, 500, 8, 0.6),
    ),
    Preset(
        name="birds",
        title="Birds",
        group="Places and things",
        description="Birds of North America, from Abert's Towhee to the Zone-tailed Hawk.",
        n_docs=914,
        noun="name",
        recommended=(32, 4, 1, 32, 0.01, 1000, 16, 0.6),
    ),
    Preset(
        name="british-places",
        title="British places",
        group="Places and things",
        description="Cities, towns and villages of the United Kingdom, the largest first.",
        n_docs=5614,
        noun="place",
        recommended=(32, 4, 1, 32, 0.01, 3000, 16, 0.6),
    ),
    Preset(
        name="countries",
        title="Countries and capitals",
        group="Places and things",
        description="Each country with its capital, as in Peru: Lima.",
        n_docs=247,
        noun="pair",
        recommended=(16, 4, 1, 32, 0.02, 1000, 8, 0.5),
    ),
    Preset(
        name="companies",
        title="Company names",
        group="Places and things",
        description="Companies that are or were in the S&P 500, the Nasdaq-100 or the Dow Jones.",
        n_docs=985,
        noun="name",
        recommended=(32, 4, 1, 32, 0.01, 500, 8, 0.5),
    ),
    Preset(
        name="cocktails",
        title="Cocktails and drinks",
        group="Places and things",
        description="What bars serve, from Absinthe to Zombie.",
        n_docs=310,
        noun="drink",
        recommended=(16, 4, 1, 32, 0.02, 1000, 8, 0.6),
    ),
    Preset(
        name="molecules",
        title="Molecules",
        group="Places and things",
        description="Organic molecules as chemists type them (SMILES), as CCO for alcohol.",
        n_docs=5000,
        noun="molecule",
        recommended=(32, 4, 2, 32, 0.01, 2000, 16, 0.7),
    ),
    Preset(
        name="words",
        title="English words",
        group="Words and lines",
        description="Common words, with their plurals and past tenses.",
        n_docs=10716,
        noun="word",
        recommended=(32, 4, 2, 16, 0.01, 3000, 16, 0.6),
    ),
    Preset(
        name="movies",
        title="Movie titles",
        group="Words and lines",
        description="Titles of well-known films from all over the world, from 1902 to today.",
        n_docs=2504,
        noun="title",
        recommended=(32, 4, 1, 32, 0.01, 1000, 16, 0.5),
    ),
    Preset(
        name="tunes",
        title="Irish tunes",
        group="Words and lines",
        description="Titles of jigs, reels and airs from a famous collection of 1903.",
        n_docs=1766,
        noun="title",
        recommended=(32, 4, 1, 32, 0.01, 1000, 16, 0.6),
    ),
    Preset(
        name="sonnets",
        title="Sonnet lines",
        group="Words and lines",
        description="The lines of Shakespeare's 154 sonnets.",
        n_docs=2155,
        noun="line",
        recommended=(32, 4, 2, 64, 0.01, 1000, 16, 0.6),
    ),
    Preset(
        name="fortunes",
        title="Fortunes",
        group="Words and lines",
        description="Two hundred of them, written for this page and soon known by heart.",
        n_docs=207,
        noun="fortune",
        recommended=(32, 4, 2, 64, 0.01, 800, 16, 0.5),
    ),
    Preset(
        name="emoji-stories",
        title="Emoji stories",
        group="Words and lines",
        description="Little stories without a word, written for this page.",
        n_docs=302,
        noun="tale",
        recommended=(32, 4, 1, 8, 0.01, 300, 8, 0.7),
    ),
    Preset(
        name="openings",
        title="Chess openings",
        group="Words and lines",
        description="How games of chess begin, as in e4 e5 Nf3 Nc6.",
        n_docs=3230,
        noun="opening",
        recommended=(32, 4, 2, 64, 0.01, 1000, 16, 0.6),
    ),
    Preset(
        name="sums",
        title="Sums",
        group="Tasks",
        description="Sums of numbers below 100 with the answer backwards, as in 12+7=91.",
        n_docs=5050,
        noun="sum",
        recommended=(32, 4, 1, 16, 0.01, 3000, 16, 0.5),
        is_task=True,
    ),
    Preset(
        name="sorting",
        title="Sorting",
        group="Tasks",
        description="Letters, and the same letters in order, as in dab>abd.",
        n_docs=5000,
        noun="line",
        recommended=(32, 4, 1, 16, 0.01, 2000, 16, 0.7),
        is_task=True,
    ),
    Preset(
        name="palindromes",
        title="Palindromes",
        group="Tasks",
        description="Letters that read the same from both ends, as in abcba.",
        n_docs=5000,
        noun="palindrome",
        recommended=(32, 4, 2, 16, 0.01, 3000, 16, 0.5),
        is_task=True,
    ),
    Preset(
        name="brackets",
        title="Balanced brackets",
        group="Tasks",
        description="Brackets of three kinds, each closed by its own, as in ([]{}).",
        n_docs=5000,
        noun="line",
        recommended=(32, 4, 2, 16, 0.01, 2000, 16, 1.0),
        is_task=True,
    ),
    Preset(
        name="code-book",
        title="Code book",
        group="Tasks",
        description="A secret code, new in each line, as in a7c0a7: two layers learn to look up a "
        "pair seen before, one layer cannot.",
        n_docs=8000,
        noun="line",
        recommended=(32, 4, 2, 32, 0.01, 700, 32, 0.8),
        is_task=True,
    ),
    Preset(
        name="modular-addition",
        title="Modular addition",
        group="Tasks",
        description="Sums that start over at 31, as in t+5=3: first learned by heart, then, at "
        "once, understood.",
        n_docs=961,
        noun="sum",
        recommended=(32, 4, 1, 8, 0.01, 2500, 256, 0.5),
        is_task=True,
        further={
            "eval_fraction": 0.5,
            "optimizer": "adamw",
            "beta1": 0.9,
            "beta2": 0.98,
            "weight_decay": 0.5,
            "schedule": "wsd",
            "warmup": 0.02,
            "decay": 0.3,
            "mask": "=",
        },
    ),
)

DEFAULT_PRESET = "us-names"


def groups() -> list[str]:
    """The headings that the presets stand under, in their order."""
    found: list[str] = []
    for preset in PRESETS:
        if preset.group not in found:
            found.append(preset.group)
    return found


def is_task(name: str) -> bool:
    """Whether the data called `name` are a preset whose lines are right or wrong."""
    preset = find(name)
    return preset is not None and preset.is_task


def find(name: str) -> Preset | None:
    """The preset of that name, or None."""
    for preset in PRESETS:
        if preset.name == name:
            return preset
    return None
