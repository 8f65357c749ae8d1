"""One variable of a codebook: what is known about a column, and how its entry in the file is read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Literal, get_args

from trustkit.display import Shown
from trustkit.errors import suggest
from trustkit.field_kinds import accepts_fields
from trustkit.headings import shortened
from trustkit.survey.purposes import Basis, KeepUntil, Special, read_described
from trustkit.survey.table_rows import Statistic, read_last, read_nets, read_statistic

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from trustkit.yaml_documents import Entry

Kind = Literal["single", "multiple", "ordinal", "numeric", "text", "id", "weight", "date"]
Reason = Literal["don't know", "refused", "not asked", "skipped"]
Identifier = Literal["none", "direct", "quasi"]
Empty = Literal["no answer", "not selected"]
Code = str | int | float

CODED: tuple[Kind, ...] = ("single", "multiple", "ordinal")
ANSWERED: tuple[Reason, ...] = ("don't know", "refused")
"""Reasons that stay in the denominator when the base is everyone asked."""


PLAIN_WORDS = 3
"""A wording of at most this many words stands in a sentence without quotation marks."""


@dataclass(frozen=True)
class MissingRange:
    """Numbers from ``low`` to ``high``, both inclusive, that mean a missing answer.

    Examples
    --------
    >>> MissingRange(97, 99, "refused").holds(98), MissingRange(97, 99, "refused").holds(1)
    (True, False)
    """

    low: float
    high: float
    reason: Reason

    def holds(self, code: Code) -> bool:
        """Return whether a code is in the range; codes that are not numbers never are."""
        try:
            return self.low <= float(code) <= self.high
        except (TypeError, ValueError):
            return False


@dataclass(frozen=True, repr=False)
class Variable(Shown):
    """What is known about one column.

    Attributes
    ----------
    name
        The column's name.
    label
        The wording of the question, or what the column contains.
    kind
        How the column is read and analysed. ``single`` and ``ordinal`` take one of `codes`,
        ``multiple`` is one box of a multiple-response set.
    codes
        Code in the raw file -> label, in questionnaire order (for ``ordinal``, ascending).
    missing
        Code in the raw file -> why there is no substantive answer.
    missing_words
        Code in `missing` -> how the source words it, where that differs from the reason.
    missing_ranges
        Ranges of numbers that are missing, too, as SPSS has them.
    scores
        Label -> number, where an answer counts as a number. Codes that are numbers score themselves.
    reverse
        Whether the item is worded in the opposite direction of its scale; `scores` run from high to low.
    low, high
        The range of a ``numeric`` column, inclusive.
    asked
        Variable -> labels: only respondents who gave one of these answers were asked.
    set
        The multiple-response set or battery that the column belongs to.
    split
        The separator of several answers in one cell of a ``multiple`` column (``";"``, ``", "``, a line
        break), or "" if each cell has one answer. Reading the survey makes one box for each of `codes`.
    exclusive
        Answers of a multiple-response question that rule out the others, such as "None of these".
    empty
        What an empty cell of a box means: ``no answer``, or ``not selected`` if the respondent ticked another
        box of its set.
    purpose, consent, identifier, retention
        Why the column is held, on what consent basis, whether it identifies a person (``direct``),
        may do so together with others (``quasi``), and how long it is kept.
    review
        What was guessed when this description was drafted and not yet reviewed; empty if nothing.
    unsure
        Whether something under `review` could change a figure. Then ``trustkit check`` ends with exit code 1,
        and estimates carry a note, until a person corrects or accepts the guess.
    basis
        The legal basis on which the column is held, of GDPR Art. 6(1): ``consent``, ``explicit consent``
        (which a special category needs), ``contract``, ``legal obligation``, ``vital interests``,
        ``public task``, ``legitimate interests``; or ``not personal``, or ``not stated``.
    special
        The special category of GDPR Art. 9 to which the answers belong, such as ``health``, or ``none``.
    permission
        The purposes that respondents were asked to allow for this column, by their names in
        `Codebook.purposes`.
    keep_until
        The term after which the column is deleted; `retention` says it in words. None: the study's term.
    short
        A few words that name the variable in sentences, charts and tables: "age". If empty, its wording does.
    nets
        The name of a row of tables -> the answers that it counts together, such as the two highest. Nets of
        several boxes belong to their set (`Codebook.nets`), or to the column that joins them (``split``).
    statistic
        The row below the answers of an ``ordinal`` variable in a banner: their ``mean``, if they have scores,
        the Net Promoter Score (``nps``), or ``none``.
    last
        Answers that stay last where a table is sorted, such as "Other" and "None of these".

    Examples
    --------
    >>> import trustkit as tk
    >>> codes = {1: "No", 2: "Partly", 3: "Yes"}
    >>> trust = tk.Variable("trust", "Do you trust brands?", "ordinal", codes=codes, missing={9: "refused"})
    >>> trust.labels, trust.missing_labels
    (('No', 'Partly', 'Yes'), ('Refused',))
    >>> trust.scoring
    {'No': 1.0, 'Partly': 2.0, 'Yes': 3.0}
    """

    name: str
    label: str
    kind: Kind
    codes: Mapping[Code, str] = field(default_factory=dict)
    missing: Mapping[Code, Reason] = field(default_factory=dict)
    missing_words: Mapping[Code, str] = field(default_factory=dict)
    missing_ranges: tuple[MissingRange, ...] = ()
    scores: Mapping[str, float] = field(default_factory=dict)
    reverse: bool = False
    low: float | None = None
    high: float | None = None
    asked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    set: str = ""
    split: str = ""
    exclusive: tuple[str, ...] = ()
    empty: Empty = "no answer"
    purpose: str = ""
    consent: str = ""
    identifier: Identifier = "none"
    retention: str = ""
    review: str = ""
    unsure: bool = False
    short: str = ""
    basis: Basis = "not stated"
    special: Special = "none"
    permission: tuple[str, ...] = ()
    keep_until: KeepUntil | None = None
    nets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    statistic: Statistic = "mean"
    last: tuple[str, ...] = ()

    @property
    def heading(self) -> str:
        """What stands above the variable's answers in charts and tables: `short`, or the wording."""
        return self.short or self.label

    @property
    def called(self) -> str:
        """How sentences name the variable: `short`, or the wording, in quotation marks if it is long.

        Examples
        --------
        >>> Variable("sex", "Sex", "single").called, Variable("q1", "Do you trust brands?", "single").called
        ('Sex', '"Do you trust brands?"')
        >>> Variable("q1", "Do you trust brands?", "single", short="trust in brands").called
        'trust in brands'
        """
        if self.short or self.label == self.name:
            return self.short or self.name
        plain = len(self.label.split()) <= PLAIN_WORDS and self.label[-1:] not in "?.!:"
        return self.label if plain else f'"{self.label}"'

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        import pandas as pd  # noqa: PLC0415

        rows = [(code_text(code), label, "") for code, label in self.codes.items()]
        rows += [(code_text(code), self.missing_names[code], why) for code, why in self.missing.items()]
        rows += [(f"{span.low:g} to {span.high:g}", "", span.reason) for span in self.missing_ranges]
        table = pd.DataFrame(rows, columns=["code", "answer", "missing because"])
        table = table if table["missing because"].any() else table.drop(columns="missing because")
        low = "no lower limit" if self.low is None else f"{self.low:g}"
        high = "no upper limit" if self.high is None else f"{self.high:g}"
        asked = "; ".join(f"{of} is {' or '.join(who)}" for of, who in self.asked.items())
        about = {
            "Wording": self.label,
            "Kind": self.kind + (", reversed" if self.reverse else ""),
            "Range": "" if self.low is None and self.high is None else f"{low} to {high}",
            "Asked if": asked,
            "Set": self.set,
            "Identifier": "" if self.identifier == "none" else self.identifier,
            "Purpose": self.purpose,
            "Basis": "" if self.basis == "not stated" else self.basis,
            "Special category": "" if self.special == "none" else self.special,
            "Consent": self.consent,
            "Allowed for": ", ".join(self.permission),
            "Kept": self.retention,
            "Nets": "; ".join(f"{net}: {' or '.join(answers)}" for net, answers in self.nets.items()),
            "Statistic": {"nps": "Net Promoter Score", "none": "none"}.get(self.statistic, ""),
            "Last in sorted tables": ", ".join(self.last),
            "To review": self.review,
        }
        return (
            f"{self.name}: {self.heading}" if self.heading != self.name else self.name,
            table if len(table) else table.iloc[:, :0],
            [f"{name}: {words}" for name, words in about.items() if words],
        )

    @property
    def labels(self) -> tuple[str, ...]:
        """The substantive answers, in order."""
        return tuple(self.codes.values())

    @property
    def missing_names(self) -> dict[Code, str]:
        """Missing code -> the label it gets: the source's words, or the reason."""
        return {
            code: self.missing_words.get(code, reason.capitalize()) for code, reason in self.missing.items()
        }

    @property
    def missing_labels(self) -> tuple[str, ...]:
        """The labels of the answers that are not substantive, each once, in order."""
        ranges = [span.reason.capitalize() for span in self.missing_ranges]
        return tuple(dict.fromkeys([*self.missing_names.values(), *ranges]))

    @property
    def reason_of(self) -> dict[str, Reason]:
        """Label of an answer that is not substantive -> its reason."""
        reasons = {span.reason.capitalize(): span.reason for span in self.missing_ranges}
        return reasons | {self.missing_names[code]: reason for code, reason in self.missing.items()}

    @property
    def asked_labels(self) -> tuple[str, ...]:
        """Every answer of a respondent who was asked: the substantive ones, don't know and refused."""
        reasons = self.reason_of
        return self.labels + tuple(name for name in self.missing_labels if reasons[name] in ANSWERED)

    @property
    def scoring(self) -> dict[str, float]:
        """Label -> number: the written scores, else the numeric codes, turned around if `reverse`."""
        if self.scores:
            return dict(self.scores)
        scored = {label: float(code) for code, label in self.codes.items() if isinstance(code, int | float)}
        if self.reverse and scored:
            ends = min(scored.values()) + max(scored.values())
            scored = {label: ends - value for label, value in scored.items()}
        return scored


def answers_of_set(members: Sequence[Variable], wording: str) -> list[str]:
    """Return what a net of a set may count: the boxes of one question, or the answers of all its questions.

    ``wording`` is that of the set.

    Examples
    --------
    >>> codes = {1: "Yes"}
    >>> boxes = [Variable(name, f"Which ways? {name}", "multiple", codes=codes) for name in ("Mail", "Post")]
    >>> answers_of_set(boxes, "Which ways?")
    ['Mail', 'Post']
    """
    if members and all(variable.kind == "multiple" for variable in members):
        return names_of_boxes([variable.label for variable in members], wording)
    first = members[0].labels if members else ()
    return [label for label in first if all(label in variable.labels for variable in members)]


def names_of_boxes(labels: Sequence[str], wording: str) -> list[str]:
    """Return the names of boxes: their labels without the question, or without the words that they share.

    Examples
    --------
    >>> names_of_boxes(["Which? Mail offers", "Which? Mail news"], "Which?")
    ['Mail offers', 'Mail news']
    >>> names_of_boxes(["Which of these: Mail", "Which of these: Post"], "")
    ['Mail', 'Post']
    """
    rests = [
        label.removeprefix(wording).lstrip(" ?:.-\N{HORIZONTAL ELLIPSIS}\N{EN DASH}") for label in labels
    ]
    own = all(
        wording and label.startswith(wording) and rest for label, rest in zip(labels, rests, strict=True)
    )
    return rests if own else shortened(labels)[0]


def read_variable(name: str, entry: Entry) -> Variable:
    """Build one variable, noting its faults."""
    own = ("name", "missing_words")
    entry.keys([item.name for item in fields(Variable) if item.name not in own], needed=["label", "kind"])
    kind = entry.child("kind").choice(get_args(Kind), "single")
    known = entry.child("kind").value in get_args(Kind)
    entry.child("codes").keys_have_values()
    codes = {_code(entry, code): label.text() for code, label in entry.child("codes").children()}
    missing, words = _missing(entry)
    if known and kind in CODED and not codes:
        entry.fault(f"a {kind} variable needs codes", "list each code with its label")
    if kind not in CODED and codes:
        entry.fault(f"a {kind} variable takes no codes", "drop them, or make the kind single or ordinal")
    spans = tuple(_missing_range(item) for item in entry.child("missing_ranges").items())
    _check_codes(entry, codes, missing, words)
    _check_ranges(entry, codes, spans)
    for key in ("reverse", "scores") if known and kind not in CODED else ():
        if entry.has(key):
            entry.child(key).fault(f"a {kind} variable has no codes to score", "drop it, or give codes")
    for key in ("low", "high") if known and kind not in ("numeric", "weight") else ():
        if entry.has(key):
            entry.child(key).fault(f"a {kind} variable has no range", "drop it, or make the kind numeric")
    labels = list(codes.values())
    _check_boxes(entry, kind if known else "multiple", labels)
    for label in (label for label, times in Counter(labels).items() if times > 1):
        entry.child("codes").fault(f"several codes have the label {label!r}", "make labels distinct")
    scores = {str(label): number.number() for label, number in entry.child("scores").children()}
    for label in scores:
        if label not in labels:
            entry.child("scores").fault(f"{label!r} is not a label", suggest(label, labels))
    bounds = {end: entry.child(end).number() if entry.has(end) else None for end in ("low", "high")}
    if bounds["low"] is not None and bounds["high"] is not None and bounds["low"] > bounds["high"]:
        entry.fault(f"low {bounds['low']:g} is above high {bounds['high']:g}", "swap them")
    variable = Variable(
        name=name,
        label=entry.child("label").text(),
        kind=kind,
        codes=codes,
        missing=missing,
        missing_words=words,
        missing_ranges=spans,
        scores=scores,
        reverse=entry.child("reverse").flag(default=False),
        low=bounds["low"],
        high=bounds["high"],
        asked={str(of): who.texts() for of, who in entry.child("asked").children()},
        set=entry.child("set").text(),
        split=entry.child("split").text(),
        exclusive=entry.child("exclusive").texts(),
        empty=entry.child("empty").choice(get_args(Empty), "no answer"),
        purpose=entry.child("purpose").text(),
        consent=entry.child("consent").text(),
        identifier=entry.child("identifier").choice(get_args(Identifier), "none"),
        retention=entry.child("retention").text(),
        review=entry.child("review").text(),
        unsure=entry.child("unsure").flag(default=False),
        short=entry.child("short").text(),
        nets=read_nets(entry.child("nets"), labels),
        last=read_last(entry.child("last"), labels),
        **read_described(entry),
    )
    if not (known and entry.has("statistic")):
        return variable
    statistic = read_statistic(entry.child("statistic"), kind, variable.scoring.values())
    return replace(variable, statistic=statistic)


def _check_boxes(entry: Entry, kind: Kind, labels: Sequence[str]) -> None:
    """Record an error for ``split``, ``empty`` and ``exclusive`` where they do not apply."""
    for key in ("split", "empty", "exclusive") if kind != "multiple" else ():
        if entry.has(key):
            entry.child(key).fault(f"a {kind} variable takes no {key}", "drop it, or make the kind multiple")
    if kind == "multiple" and entry.has("nets") and not entry.has("split"):
        entry.child("nets").fault(
            "a box has no nets", "list them under sets, as {wording: ..., nets: {...}} of the box's set"
        )
    for label in entry.child("exclusive").texts():
        if label not in labels:
            entry.child("exclusive").fault(f"{label!r} is not a label", suggest(label, labels))


def _missing(entry: Entry) -> tuple[dict[Code, Reason], dict[Code, str]]:
    """Read the missing codes: their reasons, and their words where the source has its own."""
    reasons: dict[Code, Reason] = {}
    words: dict[Code, str] = {}
    for key, item in entry.child("missing").children():
        code = _code(entry, key)
        if not isinstance(item.value, dict):
            reasons[code] = item.choice(get_args(Reason), "skipped")
            continue
        item.keys(["reason", "label"], needed=["reason", "label"])
        reasons[code] = item.child("reason").choice(get_args(Reason), "skipped")
        words[code] = item.child("label").text()
    return reasons, words


def _missing_range(entry: Entry) -> MissingRange:
    """Read one range of missing numbers."""
    entry.keys(["low", "high", "reason"], needed=["low", "high", "reason"])
    low, high = (entry.child(end).number(0.0) for end in ("low", "high"))
    if low > high:
        entry.fault(f"low {low:g} is above high {high:g}", "swap them")
    return MissingRange(low, high, entry.child("reason").choice(get_args(Reason), "skipped"))


def code_text(code: object) -> str:
    """Write a code as text: whole numbers without a decimal point, and without leading zeros.

    Examples
    --------
    >>> code_text(7.0), code_text("007"), code_text("a7")
    ('7', '7', 'a7')
    """
    if isinstance(code, float) and code.is_integer():
        return str(int(code))
    text = str(code)
    return text.lstrip("0") or "0" if text.isascii() and text.isdigit() else text


def _check_codes(
    entry: Entry, codes: Mapping[Code, str], missing: Mapping[Code, Reason], words: Mapping[Code, str]
) -> None:
    """Record an error for codes and labels that the data cannot distinguish."""
    seen: dict[str, Code] = {}
    for code in codes:
        if code_text(code) in seen:
            entry.child("codes").fault(
                f"the codes {seen[code_text(code)]!r} and {code!r} are read as one", "keep one of them"
            )
        seen[code_text(code)] = code
    again: dict[str, Code] = {}
    for code in missing:
        if code_text(code) in seen:
            entry.child("missing").fault(
                f"the code {code!r} is an answer and missing at once", "keep one of them"
            )
        if code_text(code) in again:
            entry.child("missing").fault(
                f"the codes {again[code_text(code)]!r} and {code!r} are read as one", "keep one of them"
            )
        again[code_text(code)] = code
    names: dict[str, Reason] = {}
    for code, reason in missing.items():
        name = words.get(code, reason.capitalize())
        if names.setdefault(name, reason) != reason:
            entry.child("missing").fault(
                f"the label {name!r} is used for two reasons", "word one of them differently"
            )
    for code, label in codes.items():
        if label in names:
            entry.child("codes").fault(
                f"the label {label!r} is also how missing answers are called",
                f"list the code {code!r} under missing, or word the label differently",
            )


def _check_ranges(entry: Entry, codes: Mapping[Code, str], spans: tuple[MissingRange, ...]) -> None:
    """Record an error for answers inside a range of missing numbers, or with the label of one."""
    for span in spans:
        for code, label in codes.items():
            if span.holds(code):
                entry.child("missing_ranges").fault(
                    f"the code {code!r} is an answer and between {span.low:g} and {span.high:g}",
                    "list it under missing, or narrow the range",
                )
            if label == span.reason.capitalize():
                entry.child("codes").fault(
                    f"the label {label!r} is also how missing answers are called",
                    f"list the code {code!r} under missing, or word the label differently",
                )


def _code(entry: Entry, code: object) -> Code:
    """Return a mapping's key as a code."""
    if isinstance(code, bool) or not isinstance(code, str | int | float):
        entry.fault(f"the code {code!r} is neither text nor a number", "quote it")
        return str(code)
    return code
