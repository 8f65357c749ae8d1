"""What questionnaires say: the words that give away weights, ids, scales and persons.

Data for guesses, nothing more: whatever is guessed from them is marked for review.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

VOWEL_SIGNS = "".join(
    chr(sign) for sign in range(0x0900, 0x1100) if unicodedata.category(chr(sign)) in ("Mn", "Mc")
)
"""Signs of vowels and tones in scripts of South and South-East Asia: parts of words that are no letters."""

PAIRS = (("yes", "no"), ("true", "false"), ("male", "female"), ("man", "woman"), ("men", "women"))
"""Answers that come in twos, in no order."""

WEIGHT_NAMES = (
    r"\b(?:weights?|weighting|\w*wgt|\w*wght|\w*weight|(?:wt|wgt)\w+|\w*wt|gewicht\w*|weging\w*"
    r"|pond|pond[e\u00e9]r\w+|redress\w*|poids|peso|fexp|factor\w* (?:de )?expan\w+|waga|vikt|vekt|vægt|paino"
    r"|a\u011f\u0131rl\u0131k"
    r"|\u0432\u0435\u0441|\u0432\u0430\u0433\u0430|\u0648\u0632\u0646|权重|加权|ウェイト|가중치)\b|^w$"
)
FACTOR_NAMES = (
    r"\b(?:[ck]o[e\u00eb]f\w*|\w*factor\w*|\w*faktor\w*|facteur\w*|fator\w*|fattore\w*|expan\w*|extrapol\w*"
    r"|hochrech\w*|grossing|inflation|rak(?:e|ed|ing)|\w*calibrat\w*|\w*kalibr\w*|ipt?w|pesi|pop|\w*gew|wsp[o\u00f3][l\u0142]\w*"
    r"|mno\u017cnik|kerroin|korjauskerroin|stu\u00f0ull|katsay\u0131\w*|\u043a\u043e\u044d\u0444\w*|\u043a\u043e\u0435\u0444\w*"
    r"|\w*(?:系数|係数|係數|权数|權數|加重|ウエイト|계수|معامل)\w*)\b"
)
"""Names that weights have, and other numbers too: "coef"."""

WEIGHT_LABELS = (
    r"^(?:weights?|weighting|weighted by|gewicht\w*|gewogen|poids|pond[e\u00e9]r\w+|peso|waga|v\u00e1ha"
    r"|vikt|vekt|vægt|\u0432\u0435\u0441|\u0432\u0430\u0433\u0430)\b|\b(?:weights?|weighting)$"
)
"""How wordings begin or end that say a column is a weight; in the middle the word may be of a question."""

DERIVED_NAMES = (
    r"\b(?:\w*scores?|\w*index|indices|mean|avg|average|ratio|share|rate|prob\w*|pct|percent\w*|z|pc\d*|dim\d*|time|timer"
    r"|duration|clicks?|submit|latency|rt|lat|lon|lng|latitude|longitude|x|y|distance|price|amount)\b"
)
"""Names of numbers with many decimals that are computed or measured, and weigh nothing."""

BODY_WORDS = r"\b(?:kg|kilos?|kilograms?|lbs?|pounds?|stones?|body|bmi|height|heavy|parcels?)\b"
WEIGHT_WORDS = (
    r"(?:sampl|survey|design|population|post-?strat|calibrat|rak|final|person|household|analy)\w*[ _-]*weight"
    r"|\bgewichtung|\bwegingsfactor|\bpond[e\u00e9]ra[ct]\w+|\bredressement|\b(?:factor|fator)\w* de expan"
    r"|\bpeso (?:amostral|muestral|campionario)|\bpoids (?:de |d')"
)
"""Names and wordings of weights, and of what is weighed in kilograms."""

BARE_IDS = r"\b(?:\w*ids?|\w*idno|uuid|guid|serial)\b"
"""Names of ids whatever else they say: "age group id" is no age."""

ID_NAMES = (
    r"\b(?:ids?|idno|uid|uuid|guid|serial|(?:resp|case|user|person|record|panel|hh)(?:ondent)?(?:id|no)"
    r"|respondent|participant|panel(?:l?ist)?|case|record)\b"
)
PROPERTY_NAMES = (
    r"\w (?:type|kind|value|category|class|status|flag|count|length|format|source|provider|art|typ)$"
)
"""How names end of columns that hold a property of what they name: "surname type" holds no surnames."""

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

PLACE_NAMES = r"\b(?:zip|zip ?code|post ?code|postal ?code|plz)\b"
PHONE_NAMES = r"\b(?:phone|telephone|mobile)\b"
"""Names of columns whose digits are no amount."""

QUASI_WORDS = (
    r"\b(?:your (?:age|sex|gender|income|occupation|religion|nationality|marital status|ethnic\w*|job title)"
    r"|how old are you|(?:year|date) of birth|post ?code|zip code|household income|level of education"
    r"|do you live|were you born|gender|age group)\b"
)
"""Names and wordings of what may tell a person together with other columns."""


@lru_cache(maxsize=1 << 14)
def plain_words(text: str) -> str:
    """Write an answer or a name as plain words: small, without numbering, brackets and curly quotes.

    Examples
    --------
    >>> plain_words("(1) Don't  trust"), plain_words("5 = Strongly agree"), plain_words("RecipientEmail_2")
    ("don't trust", 'strongly agree', 'recipient email 2')
    """
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text.replace("\u2019", "'"))
    text = re.sub(r"^\W*\d+\s*[-\u2013\u2014.:=)\]]+\s*(?=\D)", "", text)
    return " ".join(re.sub(rf"[^\w{VOWEL_SIGNS}'+-]+|_", " ", text.casefold()).split())
