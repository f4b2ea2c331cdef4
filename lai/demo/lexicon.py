"""The words of the demo world, and the values that its skills pair them with.

Every skill is a pairing of two words whose value is arbitrary: it cannot be inferred from the
words, from other skills or from the question, so a model knows it only if it was taught it.
"""

from __future__ import annotations

from collections.abc import Callable


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FAMILIES = ("math", "coding", "facts")

NAMES = _words(
    "Mira Oskar Lena Tariq Ines Bruno Noor Felix Greta Hugo Ida Jonas Kira Leo Maya Nils Olga "
    "Pavel Rosa Sami Tess Uma Viktor Wanda Yusuf Zoe Alma Boris Cleo Dario Elif Finn Gwen Hana "
    "Igor Jade Karl Lola Milo Nina"
)

# Facts: (entity, relation) -> one of the relation's own values.
ENTITIES = _words(
    "Adra Belmor Cadin Dorvel Elmira Fandor Galtia Hestor Ivrea Jorun Keldar Lorvia Mardin Nordal "
    "Orsila Pelgar Quenda Rovina Saltor Tamrik Ulvena Vardor Welmar Xandia Yorvik Zeldin Brastor "
    "Cormel Drusia Ferlin"
)
VALUES = {
    "animal": _words("bear eagle falcon lion otter stag swan wolf"),
    "plant": _words("barley birch clover fern lily maple rose thistle"),
    "metal": _words("brass copper gold iron lead nickel silver tin"),
}
RELATIONS = {
    **dict.fromkeys(_words("crest totem guard mount"), VALUES["animal"]),
    **dict.fromkeys(_words("garden wreath meadow feast"), VALUES["plant"]),
    **dict.fromkeys(_words("coin crown gate bell"), VALUES["metal"]),
}

# Math: (container, good) -> how many of the good one container holds.
CONTAINERS = _words(
    "crate basket barrel carton sack tray bucket jar pallet chest hamper tub drum bundle locker "
    "parcel casket bowl"
)
GOODS = _words(
    "plums figs nuts bolts eggs coins beads pens tiles candles lemons shells buttons books ropes "
    "lamps melons spoons cups keys"
)
CONSTANTS = _words("2 3 4 5 6 7 8 9")

# Coding: (adjective, noun) -> one of the one-line idioms over the noun's kind of argument.
ADJECTIVES = _words(
    "brisk calm dusty eager faint grand hollow idle jolly keen lunar mellow noble odd plain quiet "
    "rapid solid tidy urban vivid warm young zesty"
)
NOUNS: dict[str, tuple[str, ...]] = {
    "list": _words("tally ladder queue harvest rack"),
    "text": _words("banner echo motto ribbon stamp"),
    "number": _words("gauge pulse quota toll yield"),
}
KINDS = {noun: kind for kind, nouns in NOUNS.items() for noun in nouns}
PARAMETERS = {
    "list": ("xs", "items", "values"),
    "text": ("text", "word", "line"),
    "number": ("n", "num", "size"),
}
FUNCTIONS = _words(
    "pick make find take form give read solve work build run get calc fetch show turn cast draw "
    "rank sift trim weigh scan parse blend craft judge match plot shape"
)
# `@` stands for the parameter. No two idioms of a kind agree on every input of `world.inputs`.
IDIOMS: dict[str, dict[str, Callable[..., object]]] = {
    "list": {
        "sum(@)": lambda v: sum(v),
        "len(@)": lambda v: len(v),
        "max(@)": lambda v: max(v),
        "min(@)": lambda v: min(v),
        "sorted(@)": lambda v: sorted(v),
        "@[::-1]": lambda v: v[::-1],
        "@[1:]": lambda v: v[1:],
        "@[:-1]": lambda v: v[:-1],
        "@[::2]": lambda v: v[::2],
        "@ + @": lambda v: v + v,
        "@[:2]": lambda v: v[:2],
        "max(@) - min(@)": lambda v: max(v) - min(v),
    },
    "text": {
        "len(@)": lambda v: len(v),
        "@.upper()": lambda v: v.upper(),
        "@.title()": lambda v: v.title(),
        "@.swapcase()": lambda v: v.swapcase(),
        "@.split()": lambda v: v.split(),
        "@[::-1]": lambda v: v[::-1],
        "@[1:]": lambda v: v[1:],
        "@[:-1]": lambda v: v[:-1],
        "@[::2]": lambda v: v[::2],
        "@ + @": lambda v: v + v,
        "@[:2]": lambda v: v[:2],
        "sorted(@)": lambda v: sorted(v),
    },
    "number": {
        "@ + 1": lambda v: v + 1,
        "@ - 1": lambda v: v - 1,
        "@ * 2": lambda v: v * 2,
        "@ * @": lambda v: v * v,
        "@ // 2": lambda v: v // 2,
        "@ % 5": lambda v: v % 5,
        "-@": lambda v: -v,
        "str(@)": lambda v: str(v),
        "[@]": lambda v: [v],
        "10 - @": lambda v: 10 - v,
        "@ ** 3": lambda v: v**3,
        "list(range(@))": lambda v: list(range(v)),
    },
}
