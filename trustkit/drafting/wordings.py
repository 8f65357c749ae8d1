"""What questionnaires say: scales in order, and the words that give away weights, ids and persons.

Data for guesses, nothing more: whatever is guessed from them is marked for review.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

SCALES: dict[str, tuple[str, ...]] = {
    "agreement": (
        (
            "strongly disagree|completely disagree|totally disagree|fully disagree|definitely disagree"
            "|disagree strongly|disagree completely"
        ),
        "disagree|mostly disagree|generally disagree",
        (
            "somewhat disagree|slightly disagree|tend to disagree|rather disagree|partly disagree"
            "|disagree somewhat|disagree slightly|disagree a little"
        ),
        "neither|neutral|undecided|neither agree nor disagree|neither disagree nor agree|neither nor",
        (
            "somewhat agree|slightly agree|tend to agree|rather agree|partly agree"
            "|agree somewhat|agree slightly|agree a little"
        ),
        "agree|mostly agree|generally agree",
        (
            "strongly agree|completely agree|totally agree|fully agree|definitely agree"
            "|agree strongly|agree completely"
        ),
    ),
    "frequency": (
        "never|not at all",
        "almost never|hardly ever|very rarely",
        "rarely|seldom|less often",
        "occasionally|once in a while|now and then|from time to time",
        "sometimes",
        "about half the time|half of the time",
        "often|frequently|regularly",
        "usually|very often|most of the time|mostly",
        "almost always|nearly always",
        "always|all the time|every time",
    ),
    "how often": (
        "never",
        "less than once a year|less often",
        "once a year|yearly|about once a year",
        "several times a year|a few times a year",
        "less than once a month",
        "once a month|monthly|about once a month",
        "several times a month|a few times a month|two or three times a month|2-3 times a month",
        "once a week|weekly|about once a week",
        "several times a week|a few times a week|2-3 times a week",
        "daily|every day|once a day|about once a day",
        "several times a day|more than once a day|many times a day",
    ),
    "amount": (
        "not at all|none at all|none|nothing at all|no trust at all|no trust",
        "a little|a little bit|only a little|slightly|not much|not very much|very little|hardly any",
        "somewhat|some|to some extent|moderately|a moderate amount|partly|in part|some trust|fairly",
        "quite a bit|quite a lot|a fair amount|mostly|a lot|a good deal|to a large extent|a lot of trust",
        "very much|a great deal|completely|entirely|extremely|fully|totally|complete trust",
    ),
    "trust": (
        "distrust completely|completely distrust|strongly distrust|do not trust at all|don't trust at all",
        "distrust|mostly distrust|do not trust very much|don't trust very much|do not trust|don't trust",
        "somewhat distrust|tend to distrust|tend not to trust",
        "neither trust nor distrust|neither|neutral",
        "somewhat trust|tend to trust|trust a little|trust somewhat",
        "trust|mostly trust|trust a lot|trust very much",
        "trust completely|completely trust|strongly trust|trust fully",
    ),
    "quality": (
        "very poor|very bad|terrible|awful",
        "poor|bad",
        "below average",
        "fair|average|acceptable|okay|ok|neither good nor bad|neither|neutral",
        "above average",
        "good",
        "very good",
        "excellent|outstanding",
    ),
    "certainty": (
        "definitely not|certainly not|definitely no",
        "probably not|probably no|rather no",
        "maybe|perhaps|possibly|might or might not",
        "probably|probably yes|rather yes",
        "definitely|definitely yes|certainly",
    ),
    "change": (
        "much worse|much less|decreased a lot",
        "worse|less|decreased",
        "somewhat worse|a little worse|slightly worse|somewhat less|a little less|decreased a little",
        "about the same|the same|unchanged|no change|stayed the same",
        "somewhat better|a little better|slightly better|somewhat more|a little more|increased a little",
        "better|more|increased",
        "much better|much more|increased a lot",
    ),
}
"""A scale -> its steps from low to high, each with the ways it is worded."""

ADJECTIVES = (
    ("satisfied", "dissatisfied|unsatisfied"), ("likely", "unlikely"), ("important", "unimportant"),
    ("comfortable", "uncomfortable"), ("concerned", "unconcerned"), ("easy", "difficult|hard"),
    ("willing", "unwilling"), ("confident", "unconfident"), ("interested", "uninterested"),
    ("worried", "unworried"), ("familiar", "unfamiliar"), ("happy", "unhappy"), ("helpful", "unhelpful"),
    ("positive", "negative"), ("clear", "unclear"), ("safe", "unsafe"), ("good", "bad|poor"),
    ("trustworthy", "untrustworthy"), ("acceptable", "unacceptable"), ("favou?rable", "unfavou?rable"),
    ("aware", "unaware"), ("informed", "uninformed"), ("true", "untrue|false"), ("useful", "useless"),
    ("appropriate", "inappropriate"), ("fair", "unfair"),
)  # fmt: skip
"""Adjectives that scales grade, each with its opposite."""

GRADES = (
    "not at all|not",
    "not very|not too|not so|not that|not particularly|hardly",
    "slightly|a little|a bit|mildly|only slightly",
    "somewhat|rather|fairly|moderately|quite|reasonably|tend to be",
    "|mostly|generally",
    "very|highly|strongly",
    "extremely|completely|totally|entirely|absolutely|fully",
)
"""How scales grade an adjective, from none to all."""

PAIRS = (("yes", "no"), ("true", "false"), ("male", "female"), ("man", "woman"), ("men", "women"))
"""Answers that come in twos, in no order."""

WEIGHT_NAMES = r"\b(?:weights?|weighting|wt|wgt|\w*wght|\w*weight|wt\w+|gewicht\w*|ponderation|poids|peso)\b"
BODY_WORDS = r"\b(?:kg|kilos?|kilograms?|lbs?|pounds?|stones?|body|bmi|height|heavy|parcels?)\b"
WEIGHT_WORDS = (
    r"(?:sampl|survey|design|population|post-?strat|calibrat|rak|final|person|household|analy)\w*[ _-]*weight"
)
"""Names and wordings of weights, and of what is weighed in kilograms."""

ID_NAMES = (
    r"\b(?:ids?|idno|uid|uuid|guid|serial|(?:resp|case|user|person|record|panel|hh)(?:ondent)?(?:id|no)"
    r"|respondent|participant|panel(?:l?ist)?|case|record)\b"
)
DATE_NAMES = r"\b(?:date|day|datum|time|timestamp|zeitstempel|started|ended|submitted|created|recorded)\b"
NUMBER_WORDS = (
    r"\b(?:how many|how much money|number of|how old|age|year|years|months|weeks|days|hours|minutes|seconds"
    r"|duration|income|salary|spend|spent|amount|count|times|children|people|percent|percentage|progress)\b"
)
SCALE_WORDS = (
    r"\b(?:on a scale|scale (?:of|from)|from \d+ .{0,30}to \d+|how (?:likely|satisfied|much|far|important"
    r"|often|concerned|comfortable|confident|well|strongly)|to what extent|agree|rate|rating|nps)\b"
)
"""Names and wordings of ids, dates, plain numbers and graded answers."""

DESIGN_NAMES = r"\b(?:psu|ssu|v?psu|stratum|strata|v?strat\w{0,3}|cluster|sampling ?point)\b"
"""Names of columns that tell how a sample was drawn."""

STRATA_WORDS = (
    r"\b(?:strata|stratum|v?strat\w{0,3}|sdmvstra|v023|variance strat\w+|stratification|schicht\w*|strate"
    r"|estrato)\b"
)
PSU_WORDS = (
    r"\b(?:v?psu|sdmvpsu|v021|cluster(?: id)?|primary sampling unit|sampling ?point|sample point|klumpen"
    r"|grappe|conglomerado)\b"
)
"""Names and labels of the columns that a variance rests on."""

PLACE_NAMES = r"\b(?:zip|zip ?code|post ?code|postal ?code|plz|phone|telephone|mobile)\b"
"""Names of columns whose digits are no amount."""

DIRECT_NAMES = {
    "an e-mail address": r"\b(?:e ?mails?|mail)\b",
    "a telephone number": r"\b(?:phone|telephone|mobile|cell ?phone|telefon) ?(?:number|no)?\b",
    "a person's name": r"\b(?:first|last|full|sur|family|given|middle) ?names?\b|^name$|\byour name\b",
    "an address": r"\b(?:street|home|postal|mailing|ip) ?address\b|^address$|\bip\b|\bstreet\b",
    "a place on the map": r"\b(?:latitude|longitude|lat|lon|lng|gps|coordinates?)\b",
    "an official number": r"\b(?:passport|ssn|social security|iban|tax id|national id)\b",
    "an account or device": r"\b(?:user ?name|login|device ?id|cookie|imei|advertising id|handle)\b",
}
"""What tells one person from all others -> how columns that hold it are called."""

QUASI_NAMES = (
    r"\b(?:age|agea|agegroup|sex|gender|female|birth|birthday|born|dob|zip|zipcode|postcode|postal|region|state"
    r"|county|city|town|municipality|country|cntry|nation|nationality|citizenship|[hr]?incom\w*|hinc\w*|salary"
    r"|educ\w*|eduyrs|school|degree|occupation|job|profession|employment|employer|industry|ethnic|ethnicity"
    r"|race\d*|religion|denomination|marital|household|hh ?size|children|language|disability|orientation"
    r"|psu|stratum|strata|cluster)\b"
)
QUASI_WORDS = (
    r"\b(?:your (?:age|sex|gender|income|occupation|religion|nationality|marital status|ethnic\w*|job title)"
    r"|how old are you|(?:year|date) of birth|post ?code|zip code|household income|level of education"
    r"|do you live|were you born|gender|age group)\b"
)
"""Names and wordings of what may tell a person together with other columns."""


SCORED_LABEL = re.compile(r"^\W*?(-?\d{1,3})(?:\s*$|\s*[-\u2013\u2014.:=)\]]+\s*(?=[^\W\d])|\s+(?=[^\W\d]))")
"""An answer of a scale that begins with its own number: "4 - Very impressive", "5"; not "25 to 34"."""


def plain_words(text: str) -> str:
    """Write an answer or a name as plain words: small, without numbering, brackets and curly quotes.

    Examples
    --------
    >>> plain_words("(1) Don't  trust"), plain_words("5 = Strongly agree"), plain_words("RecipientEmail_2")
    ("don't trust", 'strongly agree', 'recipient email 2')
    """
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text.replace("\u2019", "'"))
    text = re.sub(r"^\W*\d+\s*[-\u2013\u2014.:=)\]]+\s*(?=\D)", "", text)
    return " ".join(re.sub(r"[^\w'+-]+|_", " ", text.casefold()).split())


def scale_of(labels: Sequence[str]) -> tuple[str, list[int]] | None:
    """Find the scale that answers are steps of, and each one's place on it; None if there is none.

    At least three answers, all of one scale, no two on one step.

    Examples
    --------
    >>> scale_of(["Agree", "Strongly disagree", "Neutral"])
    ('agreement', [5, 0, 3])
    >>> scale_of(["Very satisfied", "Not very satisfied", "Not at all satisfied"])
    ('satisfied', [5, 1, 0])
    >>> scale_of(["18 to 24", "Under 18", "25 or over"])
    ('numbers', [1, 0, 2])
    >>> scale_of(["Red", "Green", "Blue"]) is None
    True
    """
    least = 3
    if len(labels) < least:
        return None
    words = [plain_words(label) for label in labels]
    for name, steps in SCALES.items():
        places = [_place(word, steps) for word in words]
        if _distinct(places):
            return name, [place for place in places if place is not None]
    for good, bad in ADJECTIVES:
        places = [_graded(word, good, bad) for word in words]
        if _distinct(places):
            return good.replace("?", ""), [place for place in places if place is not None]
    numbers = [_first_number(label) for label in labels]
    if None not in numbers and len(set(numbers)) == len(numbers):
        order = sorted(number for number in numbers if number is not None)
        return "numbers", [order.index(number) for number in numbers if number is not None]
    return None


def _distinct(places: list[int | None]) -> bool:
    return None not in places and len(set(places)) == len(places)


def _place(word: str, steps: tuple[str, ...]) -> int | None:
    return next((place for place, ways in enumerate(steps) if word in ways.split("|")), None)


def _graded(word: str, good: str, bad: str) -> int | None:
    """Return the place of a graded adjective: its opposite counts below none of it."""
    if re.fullmatch(
        rf"neither|neutral|neither (?:{good}) nor (?:{bad})|neither (?:{bad}) nor (?:{good})", word
    ):
        return 0
    for sign, adjective in ((1, good), (-1, bad)):
        for grade, ways in enumerate(GRADES):
            if re.fullmatch(rf"(?:(?:{ways}) ?)(?:{adjective})(?: at all)?", word):
                return sign * grade
    return None


def _first_number(label: str) -> float | None:
    """Return the number that orders a band, such as 24.5 for "25 to 34" and 17.5 for "Under 18"."""
    text = re.sub(r"(?<=\d),(?=\d{3}\b)", "", label.casefold())
    found = re.search(r"\d+(?:\.\d+)?", text)
    if not found:
        return 0.0 if text.strip() in ("none", "zero") else None
    below = re.match(r"\W*(?:under|below|less|fewer|up to|younger|<)", text)
    above = re.match(r"\W*(?:over|above|more|older|>)", text)
    return float(found[0]) - (0.5 if below else 0.0) + (0.5 if above else 0.0)
