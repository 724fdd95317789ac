"""The data sets that come with the playground, as one table.

Both sides import this file, so it holds to what MicroPython knows, and it imports nothing. It does
not know where the files are kept, nor how they are fetched.
"""


class Preset:
    """A data set: its name in the URL, its words on the page, its file and its size."""

    def __init__(
        self, name: str, title: str, description: str, file: str, n_docs: int, noun: str
    ) -> None:
        self.name = name
        self.title = title
        self.description = description
        self.file = file
        self.n_docs = n_docs
        self.noun = noun  # one document is one of these


PRESETS = (  # a tuple, since dictionaries of MicroPython keep no order; the default comes first
    Preset(
        name="us-names",
        title="US first names",
        description="First names given to five or more babies in the United States in 2017.",
        file="us-names.txt",
        n_docs=29910,
        noun="name",
    ),
    Preset(
        name="baby-names",
        title="Simple baby names",
        description="Fifty short, common names that a small model soon knows by heart.",
        file="baby-names.txt",
        n_docs=50,
        noun="name",
    ),
    Preset(
        name="pokemon",
        title="Pokémon names",
        description="The English names of the Pokémon, from Bulbasaur to Pecharunt.",
        file="pokemon.txt",
        n_docs=1023,
        noun="name",
    ),
    Preset(
        name="companies",
        title="Company names",
        description="Companies that are or were in the S&P 500, the Nasdaq-100 or the Dow Jones.",
        file="companies.txt",
        n_docs=985,
        noun="name",
    ),
    Preset(
        name="movies",
        title="Movie titles",
        description="Titles of well-known films from all over the world, from 1902 to today.",
        file="movies.txt",
        n_docs=2504,
        noun="title",
    ),
)

DEFAULT_PRESET = "us-names"


def find(name: str) -> Preset | None:
    """The preset of that name, or None."""
    for preset in PRESETS:
        if preset.name == name:
            return preset
    return None
