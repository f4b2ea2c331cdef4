"""Word problems about as long as GSM8K's, written by rule, and copies of them in disguise."""

from __future__ import annotations

import random
import re

SLOTS = {
    "name": """Amara Bilal Chiara Dmitri Esme Farid Greta Hiro Ines Jonas Kavya Luca Mina Nadia
        Omar Priya Quentin Rosa Samir Tess Ulrich Vera Wanda Xavier Yusuf Zora Anselm Dalia""",
    "things": """apples pencils marbles stickers candles bricks tickets cookies ribbons lanterns
        melons postcards blankets kites buttons shells coins novels tulips hammers puzzles mugs
        scarves bottles lemons batteries posters magnets whistles crayons""",
    "kind": """red wooden heavy broken cheap painted foreign spare glass tiny square rusty fresh
        striped silver frozen handmade plastic hollow bright dusty yellow""",
    "place": """bakery library harbor museum workshop orchard theater station clinic market school
        bridge garage farm stadium hotel studio chapel bookshop greenhouse""",
    "job": """baker teacher pilot nurse farmer driver singer guard painter plumber judge tailor
        sailor clerk dancer gardener""",
    "holders": "crates baskets boxes drawers shelves sacks trunks jars carts cabinets",
    "day": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "verb": """buys sells finds loses paints carries counts borrows packs cleans repairs orders
        trades delivers collects wraps hides stores""",
    "also": """gives brings sends offers lends shows returns hands""",
}
CHUNKS = {
    "when": """on {day}|after lunch|before the rain starts|early in spring|twice a week|at noon
        |during the fair|two hours later|by the end of {day}|once the doors open|every morning
        |while {name} sleeps|for a whole month|in the meantime|as soon as it is dark""",
    "who": """{name}|{name}|{name}|{name} and {name}|the {job}|a {kind} robot|the old {job}
        |{name}'s sister|a friend of {name}|the {job} from the {place}""",
    "what": """{n} {things}|{n} {kind} {things}|{m} {holders} of {things}|half of the {things}
        |{m} times as many {things}|{n} of the {kind} {things}|a third of the {kind} {things}""",
    "where": """at the {place}|near the {place}|for the {place}|behind the {kind} {place}
        |on the way to the {place}|in a {kind} {place}|from the {place} next door|outside""",
    "price": """for {n} dollars each|at {m} percent off|for {n} cents a piece|without paying
        |in {m} {kind} {holders}|with the help of {name}|in less than {n} minutes|by mistake
        |and keeps {m} of them|but drops {m} of them|which weigh {n} grams each""",
    "told": """{when} {who} {verb} {what} {where}|{who} {verb} {what} {price}
        |{who} {verb} {what} {where} {when}|{who} {also} {name} {what} {price}
        |{where} {who} {also} {name} {what}|{when} {what} fall off the {things} cart {where}
        |each of the {m} {holders} {where} holds {what}""",
    "asked": """how many {things} does {name} have {when}|what do the {kind} {things} cost {where}
        |how many {holders} are needed {where} for {what}|how much money is left {when}
        |how many more {things} than {things} are there {where}|how long does {name} work {when}
        |what share of the {kind} {things} stays {where}|how many {things} are left {where}""",
}
SYNONYMS = dict(
    pair.split("/")
    for pair in """
    buys/purchases sells/vends finds/discovers loses/misplaces paints/colors carries/hauls
    counts/tallies borrows/loans packs/bundles cleans/scrubs repairs/mends orders/requests
    trades/swaps delivers/drops collects/gathers hides/conceals stores/keeps gives/presents
    brings/fetches offers/proposes lends/advances hands/passes heavy/weighty broken/damaged
    cheap/inexpensive tiny/small fresh/new spare/extra foreign/exotic bright/vivid dusty/dirty
    rusty/corroded friend/pal sister/sibling dollars/bucks money/cash left/remaining
    needed/required cost/total share/part minutes/moments near/beside behind/beyond old/aged
    holds/contains keeps/retains noon/midday bricks/blocks tickets/passes cookies/biscuits
    ribbons/bands lanterns/lamps bottles/flasks mugs/cups scarves/shawls novels/books
    posters/placards blankets/quilts boxes/cases sacks/bags jars/pots trunks/chests
    teacher/instructor nurse/medic driver/chauffeur singer/vocalist guard/watchman market/bazaar
    school/academy clinic/infirmary farm/ranch stadium/arena hotel/inn bought/purchased
    buy/purchase sold/vended gave/handed give/hand has/owns have/own had/owned makes/earns
    made/earned make/earn spends/pays spent/paid each/every total/overall many/numerous
    big/large large/big small/little little/small start/begin starts/begins started/began
    house/home home/house children/kids kids/children friends/pals car/vehicle cars/vehicles
    street/road road/street boy/lad girl/lass man/gentleman woman/lady remaining/left
    needs/requires need/require wants/wishes want/wish gets/receives get/receive got/received
    takes/carries took/carried eats/consumes ate/consumed eat/consume uses/employs used/employed
    use/employ people/persons after/following store/shop shop/store bag/sack bags/sacks
    box/carton amount/quantity number/count average/mean likely/probable following/below
    statement/claim statements/claims process/procedure result/outcome cause/reason
    increase/rise increases/rises decrease/fall decreases/falls student/pupil students/pupils
    scientist/researcher scientists/researchers energy/power water/liquid plant/shrub
    plants/shrubs animal/creature animals/creatures describes/depicts shows/displays
    example/instance change/alter changes/alters form/shape main/chief important/vital
    occurs/happens occur/happen rate/speed new/fresh works/labors worked/labored work/labor
    walks/strolls walked/strolled runs/jogs ran/jogged run/jog goes/heads went/headed go/head
    found/discovered find/discover saves/keeps saved/kept save/keep more/additional fewer/less
    long/lengthy short/brief price/cost given/provided list/sequence check/verify whether/if
    write/compose string/text numbers/figures element/item elements/items largest/biggest
    smallest/least equal/same same/equal
    """.split()
)


def problem(rng: random.Random) -> str:
    """Three or four sentences of what happens and a question: some 45 words."""
    sentences = [_written("told", rng) for _ in range(rng.choice((3, 4)))]
    told = ". ".join(sentence[0].upper() + sentence[1:] for sentence in sentences)
    return f"{told}. {_written('asked', rng).capitalize()}?"


def problems(count: int, seed: str) -> list[str]:
    """So many of them; another seed writes others, from the same words."""
    rng = random.Random(seed)
    return [problem(rng) for _ in range(count)]


def _written(slot: str, rng: random.Random) -> str:
    if slot in SLOTS:
        return rng.choice(SLOTS[slot].split())
    if slot not in CHUNKS:
        return str(rng.randrange(2, 12) if slot == "m" else rng.randrange(3, 400))
    chosen = " ".join(rng.choice(CHUNKS[slot].split("|")).split())
    return re.sub(r"\{(\w+)\}", lambda found: _written(found[1], rng), chosen)


def recased(text: str, rng: random.Random) -> str:
    """In capitals, in small letters, or Like A Title."""
    return rng.choice((str.upper, str.lower, str.title))(text)


def repunctuated(text: str, rng: random.Random) -> str:
    """With other punctuation, or none, not within words either, and with markup."""
    text = text.replace("'", rng.choice(("", " ", "\u2019", "`")))
    ends = re.compile(r"[.,?](?=\s|$)")
    marked = ends.sub(
        lambda _: rng.choice(("", ";", "!", " ...", ",", " --", " -", " \u2014", " /", " =>")), text
    )
    return re.sub(r"[A-Z]\w+", lambda found: f"**{found[0]}**", marked)


def renumbered(text: str, rng: random.Random) -> str:
    """With another number in the place of each."""
    return re.sub(r"\d+", lambda found: str(int(found[0]) + rng.randrange(1, 50)), text)


def paraphrased(text: str, rng: random.Random) -> str:
    """With a synonym in the place of each word that has one: about one in five."""
    return re.sub(r"[a-z]+", lambda found: SYNONYMS.get(found[0], found[0]), text)


def lookalike(text: str, rng: random.Random) -> str:
    """With Cyrillic or Greek letters in the place of some."""
    alike = {"a": "а", "e": "е", "o": "ο", "p": "р", "c": "с", "v": "ν", "H": "Н", "T": "Τ"}
    return re.sub("[aeopcvHT]", lambda found: rng.choice((alike[found[0]], found[0])), text)


def numbered(text: str, rng: random.Random) -> str:
    """A sentence a line, with its number before it."""
    lines = re.split(r"(?<=\. )", text)
    return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))


def labelled(text: str, rng: random.Random) -> str:
    """With a label that counts it before each sentence, on one line."""
    label = rng.choice(("Step {}: ", "{}. ", "**Sentence {}:** ", "({}) ", "Fact {}. "))
    lines = re.split(r"(?<=\. )", text)
    return "".join(f"{label.format(number)}{line}" for number, line in enumerate(lines, 1))


def listed(text: str, rng: random.Random) -> str:
    """A sentence a line, with a bullet before it."""
    bullet = rng.choice(("-", "*", "\u2022", "\u2013", ">", "+", "=>"))
    return re.sub(r"(?:^|(?<=\. ))", f"\n{bullet} ", text)


def typeset(text: str, rng: random.Random) -> str:
    """Each word as TeX has words in formulas."""
    return re.sub(r"[A-Za-z]+", r"\\text{\g<0>}", text)


DISGUISES = {
    "verbatim": lambda text, rng: text,
    "recased": recased,
    "repunctuated": repunctuated,
    "lookalike": lookalike,
    "numbered": numbered,
    "labelled": labelled,
    "listed": listed,
    "typeset": typeset,
    "renumbered": renumbered,
    "paraphrased": paraphrased,
}
"""Each takes a text and a random generator."""
